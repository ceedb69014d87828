/**
 * String functions. They take the text of any value (`lower(TRUE)` is `true`), give null for null,
 * and count characters as code points. Positions start at 1, as in PostgreSQL.
 */
import { textOf } from '../../model/value-text.ts';
import { isList } from '../../model/value.ts';
import type { Value } from '../../model/value.ts';
import type { EvalCounters } from '../context.ts';
import { containsText } from './compare.ts';
import { mismatch } from './contract.ts';
import type { FixedFunction, VariadicFunction } from './contract.ts';
import { urlHost, urlPath } from './url.ts';

export const TEXT_FUNCTIONS: Readonly<Record<string, FixedFunction>> = {
  lower: ofText((text) => text.toLowerCase()),
  upper: ofText((text) => text.toUpperCase()),
  trim: ofText((text) => text.trim()),
  url_path: ofText(urlPath),
  url_host: ofText(urlHost),
  length: lengthOf,
  substr,
  split_part: splitPart,
  starts_with: (_counters, x, prefix = null) =>
    x !== null && prefix !== null && (textOf(x) ?? '').startsWith(textOf(prefix) ?? ''),
  ends_with: (_counters, x, suffix = null) =>
    x !== null && suffix !== null && (textOf(x) ?? '').endsWith(textOf(suffix) ?? ''),
  contains: (_counters, x, part = null) => containsText(x, part),
  replace: (_counters, x, from = null, to = null) => {
    const [text, old, fresh] = [textOf(x), textOf(from), textOf(to)];
    if (text === null || old === null || fresh === null) return null;
    return old === '' ? text : text.split(old).join(fresh);
  },
};

export const TEXT_VARIADICS: Readonly<Record<string, VariadicFunction>> = {
  concat: (_counters, args) => {
    let text = '';
    for (let i = 0; i < args.length; i += 1) text += textOf(args[i] ?? null) ?? '';
    return text;
  },
};

function ofText(apply: (text: string) => Value): FixedFunction {
  return (_counters, x) => {
    const text = textOf(x);
    return text === null ? null : apply(text);
  };
}

function lengthOf(counters: EvalCounters, x: Value): Value {
  if (x === null) return null;
  if (typeof x === 'string') return codePointCount(x);
  if (typeof x !== 'object') return mismatch(counters);
  if (isList(x)) return x.length;
  let members = 0;
  for (const member of Object.values(x)) if (member !== null) members += 1;
  return members;
}

/** Characters start … start + length − 1; a start below 1 lies before the text. */
function substr(counters: EvalCounters, x: Value, start?: Value, length?: Value): Value {
  const text = textOf(x);
  if (text === null) return null;
  if (typeof start !== 'number') return mismatch(counters);
  const from = Math.trunc(start) - 1;
  if (length === undefined) return sliceCodePoints(text, from, Number.POSITIVE_INFINITY);
  if (typeof length !== 'number' || length < 0) return mismatch(counters);
  return sliceCodePoints(text, from, from + Math.trunc(length));
}

function splitPart(counters: EvalCounters, x: Value, separator?: Value, n?: Value): Value {
  const text = textOf(x);
  const by = textOf(separator ?? null);
  if (text === null || by === null) return null;
  if (typeof n !== 'number' || Math.trunc(n) === 0) return mismatch(counters);
  const parts = by === '' ? [text] : text.split(by);
  const index = Math.trunc(n);
  return parts[index > 0 ? index - 1 : parts.length + index] ?? '';
}

const SURROGATE = /[\ud800-\udfff]/;

export function codePointCount(text: string): number {
  return SURROGATE.test(text) ? Array.from(text).length : text.length;
}

/** Code points from … to − 1; bounds outside the text are cut off. */
export function sliceCodePoints(text: string, from: number, to: number): string {
  const start = Math.max(0, from);
  const end = Math.max(start, to);
  if (!SURROGATE.test(text)) return text.slice(start, end);
  return Array.from(text).slice(start, end).join('');
}
