/**
 * Canonical text of a path, which names wire columns and appears in plans' fingerprints: different
 * paths have different texts, and {@link parsePath} reads every text back. Where the language can
 * write the path, the text is what it would write from the event on:
 *
 *     user.plan     name            `a.b`      exact key at the start
 *     a[0]  l[-1]   index           a['b']     exact key further on, quotes doubled
 *     l[*].status   each, name      e[^'pre']  prefix
 *     e[0]          index at the start           (empty)  the event itself
 *
 * A name that would not read back that way is `."…"` with a JSON string. A path of some streams
 * only begins with their name or pattern, `{"plays"}.title`, `{~"play*"}[0]`; no wire column is so
 * called.
 */
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import type { FieldPath, FieldStep } from './expression.ts';

export function pathText(path: FieldPath): string {
  let text = '';
  for (let i = 0; i < path.length; i += 1) {
    const step = path[i] as FieldStep;
    text += i === 0 ? firstText(step, path[1]) : laterText(step, path[i - 1] as FieldStep);
  }
  return text;
}

export interface PathError {
  /** Offset in UTF-16 units of the first character that cannot stand. */
  readonly position: number;
  readonly message: string;
}

export function parsePath(text: string): Result<FieldPath, PathError> {
  const steps: FieldStep[] = [];
  let at = 0;
  while (at < text.length) {
    const next = nextStep(text, at, steps.length === 0);
    if (next === null) return err({ position: at, message: 'not a path step' });
    if (next.step !== null) steps.push(next.step);
    at = next.end;
  }
  return ok(steps);
}

/** Grammar rule L1: parts joined by one of `- : . @`, or by `/` before a letter or `_`. */
const NAME_SOURCE =
  '[\\p{L}_@][\\p{L}\\p{Nd}_]*(?:[-:.@][\\p{L}\\p{Nd}_]+|/[\\p{L}_][\\p{L}\\p{Nd}_]*)*';
const WHOLE_NAME = new RegExp(`^${NAME_SOURCE}$`, 'u');
const NAME = new RegExp(NAME_SOURCE, 'uy');
const INDEX = /\[(-?(?:0|[1-9][0-9]{0,15}))\]/y;
const QUOTED_KEY = /\['((?:[^']|'')*)'\]/y;
const PREFIX = /\[\^'((?:[^']|'')*)'\]/y;
const BACK_QUOTED = /`((?:[^`]|``)*)`/y;
const ODD_NAME = /\.("(?:[^"\\]|\\.)*")/y;
const STREAM = /\{(~?)("(?:[^"\\]|\\.)*")\}/y;
/** `e[` at the start is the event, as in the language. */
const EVENT_ROOT = /e(?=\[)/y;

function firstText(step: FieldStep, next: FieldStep | undefined): string {
  if (step.by === 'stream') return streamText(step);
  if (step.by === 'key') return `\`${step.key.replaceAll('`', '``')}\``;
  if (step.by !== 'name') return `e${bracketText(step)}`;
  const readsAsEvent = step.name === 'e' && next !== undefined && next.by !== 'name';
  return WHOLE_NAME.test(step.name) && !readsAsEvent ? step.name : oddName(step.name);
}

function streamText({ glob, pattern }: Extract<FieldStep, { by: 'stream' }>): string {
  return `{${glob ? '~' : ''}${JSON.stringify(pattern)}}`;
}

function laterText(step: FieldStep, previous: FieldStep): string {
  if (step.by === 'stream') return streamText(step);
  if (step.by !== 'name') return bracketText(step);
  // After a name, `.b` would read as more of that name.
  return WHOLE_NAME.test(step.name) && previous.by !== 'name'
    ? `.${step.name}`
    : oddName(step.name);
}

function bracketText(step: Exclude<FieldStep, { by: 'name' | 'stream' }>): string {
  if (step.by === 'key') return `['${step.key.replaceAll("'", "''")}']`;
  if (step.by === 'index') return `[${step.index}]`;
  if (step.by === 'prefix') return `[^'${step.prefix.replaceAll("'", "''")}']`;
  return '[*]';
}

function oddName(name: string): string {
  return `.${JSON.stringify(name)}`;
}

interface ParsedStep {
  /** Null: text that stands for no step (`e` before a bracket). */
  readonly step: FieldStep | null;
  readonly end: number;
}

function nextStep(text: string, at: number, first: boolean): ParsedStep | null {
  if (text[at] === '[') return bracketStep(text, at);
  if (text[at] === '.') return dottedStep(text, at, first);
  if (text[at] === '{') return at === 0 ? streamStep(text) : null;
  if (!first || at > 0) return null;
  if (matchAt(EVENT_ROOT, text, at) !== null) return { step: null, end: 1 };
  const key = matchAt(BACK_QUOTED, text, at);
  if (key !== null) {
    return { step: { by: 'key', key: inner(key).replaceAll('``', '`') }, end: key[0].length };
  }
  return nameStep(text, at);
}

function streamStep(text: string): ParsedStep | null {
  const match = matchAt(STREAM, text, 0);
  const pattern = match === null ? null : parseJsonString(match[2] ?? '');
  if (match === null || pattern === null) return null;
  return { step: { by: 'stream', pattern, glob: match[1] === '~' }, end: match[0].length };
}

function bracketStep(text: string, at: number): ParsedStep | null {
  if (at === 0) return null;
  if (text.startsWith('[*]', at)) return { step: { by: 'each' }, end: at + 3 };
  const index = matchAt(INDEX, text, at);
  if (index !== null) {
    return { step: { by: 'index', index: Number(inner(index)) }, end: at + index[0].length };
  }
  const key = matchAt(QUOTED_KEY, text, at);
  if (key !== null) {
    const step: FieldStep = { by: 'key', key: inner(key).replaceAll("''", "'") };
    return { step, end: at + key[0].length };
  }
  const prefix = matchAt(PREFIX, text, at);
  if (prefix === null) return null;
  const step: FieldStep = { by: 'prefix', prefix: inner(prefix).replaceAll("''", "'") };
  return { step, end: at + prefix[0].length };
}

function dottedStep(text: string, at: number, first: boolean): ParsedStep | null {
  const odd = matchAt(ODD_NAME, text, at);
  if (odd === null) return first ? null : nameStep(text, at + 1);
  const name = parseJsonString(inner(odd));
  return name === null ? null : { step: { by: 'name', name }, end: at + odd[0].length };
}

function nameStep(text: string, at: number): ParsedStep | null {
  const name = matchAt(NAME, text, at);
  return name === null ? null : { step: { by: 'name', name: name[0] }, end: at + name[0].length };
}

function parseJsonString(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function inner(match: RegExpExecArray): string {
  return match[1] ?? '';
}
