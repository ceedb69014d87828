/**
 * Mustache over a view that is plain data: no code runs, nothing is escaped for HTML (who sends
 * HTML escapes), and what a template makes is bounded.
 */
import Mustache from 'mustache';
import { DEFAULTS } from '../../config.ts';
import type { ValueObject } from '../../model/value.ts';

/** A template with a mistake is shown as it is, with the mistake: a page must still go out. */
export function renderTemplate(template: string, view: ValueObject): string {
  try {
    // A clone has neither getters nor functions that a template could call.
    const plain = JSON.parse(JSON.stringify(view)) as object;
    const text = Mustache.render(template, plain, {}, { escape: textOf });
    return text.slice(0, DEFAULTS.annotationLengthMax);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${template} (template: ${reason})`.slice(0, DEFAULTS.annotationLengthMax);
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
