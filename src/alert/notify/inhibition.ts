/**
 * Inhibition: while an alert of one kind fires, those of another kind that share some labels are
 * not told, as when the data centre is down and every service in it says so.
 */
import { matchesAll } from './matcher.ts';
import type { Labels, Matcher } from './matcher.ts';
import { isFiringAlert } from './notified-alert.ts';
import type { NotifiedAlert } from './notified-alert.ts';

export interface Inhibition {
  readonly name: string;
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  /** Labels whose values must be equal on both sides. */
  readonly equal: readonly string[];
}

/** Firing sources of each rule, by the values of their `equal` labels. */
export class InhibitionIndex {
  readonly #rules: readonly { readonly rule: Inhibition; readonly sources: Set<string> }[];

  constructor(rules: readonly Inhibition[], alerts: Iterable<NotifiedAlert>) {
    this.#rules = rules.map((rule) => ({ rule, sources: new Set<string>() }));
    if (rules.length === 0) return;
    for (const alert of alerts) {
      if (!isFiringAlert(alert)) continue;
      for (const { rule, sources } of this.#rules) {
        // An alert that is both sides of a rule must not mute itself, nor others like it.
        if (!matchesAll(rule.source, alert.labels) || matchesAll(rule.target, alert.labels))
          continue;
        sources.add(equalKey(rule, alert.labels));
      }
    }
  }

  /** Names of the rules that mute these labels. */
  muting(labels: Labels): readonly string[] {
    const names: string[] = [];
    for (const { rule, sources } of this.#rules) {
      if (sources.size === 0 || !matchesAll(rule.target, labels)) continue;
      if (sources.has(equalKey(rule, labels))) names.push(rule.name);
    }
    return names;
  }
}

/** Whether the alert can mute others. */
export function isSource(rules: readonly Inhibition[], labels: Labels): boolean {
  return rules.some((rule) => matchesAll(rule.source, labels));
}

function equalKey({ equal }: Inhibition, labels: Labels): string {
  return JSON.stringify(equal.map((name) => labels[name] ?? ''));
}
