/**
 * Regular expressions in linear time: no pattern and no event can stall a stage. re2js decides what
 * a pattern means and whether it is one at all; three faster ways to the same answer exist: plain
 * text search for patterns without operators, V8's RegExp for the syntax both share, and re2js' own
 * prefilters. `.` matches newlines, `^` and `$` are the ends of the text.
 *
 * V8 may be used only where its engine cannot backtrack without bound: the process must have set
 * {@link NATIVE_REGEX_FLAGS} and said so by {@link allowNativeRegex}, and V8 must accept the
 * pattern for its linear engine (flag `l`).
 */
import { RE2JS } from 're2js';
import { DEFAULTS } from '../config.ts';
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { literalText, nativeSource } from './regex-native.ts';

export interface Regex {
  readonly pattern: string;
  /** What runs the tests: plain text search, V8's RegExp, or re2js. */
  readonly engine: 'text' | 'native' | 're2js';
  /** The whole text matches. */
  readonly full: (text: string) => boolean;
  /** Some part of the text matches. */
  readonly find: (text: string) => boolean;
  readonly groupCount: number;
  /** Text of a group (0: all) in the first match; null if none, or if the group took no part. */
  readonly extract: (text: string, group: number) => string | null;
}

export interface RegexError {
  /** Offset in the pattern, UTF-16 units. */
  readonly position: number;
  readonly message: string;
}

/** What `v8.setFlagsFromString` must be given, in the main thread, before the first regex. */
export const NATIVE_REGEX_FLAGS: readonly string[] = [
  '--enable-experimental-regexp-engine',
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
];

let nativeAllowed = false;
let cache = new Map<string, Result<Regex, RegexError>>();

/** For the start of a process: V8's flags are set (true), or V8 must not be used (false). */
export function allowNativeRegex(allowed: boolean): void {
  nativeAllowed = allowed;
  cache = new Map();
}

/** Compiled once for each pattern; the least recently used is forgotten first. */
export function compileRegex(pattern: string): Result<Regex, RegexError> {
  const known = cache.get(pattern);
  const regex = known ?? compile(pattern);
  cache.delete(pattern);
  cache.set(pattern, regex);
  if (cache.size > DEFAULTS.regexesKept) {
    const oldest = cache.keys().next();
    if (oldest.done !== true) cache.delete(oldest.value);
  }
  return regex;
}

const SURROGATE = /[\ud800-\udfff]/;

function compile(pattern: string): Result<Regex, RegexError> {
  if (pattern.length > DEFAULTS.patternLengthMax) {
    const message = `longer than ${DEFAULTS.patternLengthMax} characters`;
    return err({ position: DEFAULTS.patternLengthMax, message });
  }
  let machine: RE2JS;
  try {
    machine = RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch (error) {
    return err(regexError(pattern, error));
  }
  const tests = literalTests(pattern) ?? nativeTests(pattern, machine) ?? machineTests(machine);
  return ok({
    pattern,
    ...tests,
    groupCount: machine.groupCount(),
    extract: (text, group) => extract(machine, text, group),
  });
}

type Tests = Pick<Regex, 'engine' | 'full' | 'find'>;

function machineTests(machine: RE2JS): Tests {
  return {
    engine: 're2js',
    full: (text) => machine.testExact(text),
    find: (text) => machine.test(text),
  };
}

/** `abc`, `^abc`, `abc$` and `^abc$` are text search. */
function literalTests(pattern: string): Tests | null {
  const starts = pattern.startsWith('^');
  const ends = pattern.endsWith('$') && !pattern.endsWith('\\$');
  const text = literalText(pattern.slice(starts ? 1 : 0, ends ? -1 : pattern.length));
  if (text === null || SURROGATE.test(text)) return null;
  const full = (value: string): boolean => value === text;
  const engine = 'text';
  if (starts && ends) return { engine, full, find: full };
  if (starts) return { engine, full, find: (value) => value.startsWith(text) };
  if (ends) return { engine, full, find: (value) => value.endsWith(text) };
  return { engine, full, find: (value) => value.includes(text) };
}

function nativeTests(pattern: string, machine: RE2JS): Tests | null {
  const source = nativeAllowed ? nativeSource(pattern) : null;
  if (source === null) return null;
  const whole = `^(?:${source})$`;
  if (!isLinear(source) || !isLinear(whole)) return null;
  const part = new RegExp(source);
  const all = new RegExp(whole);
  return {
    engine: 'native',
    full: (text) => (SURROGATE.test(text) ? machine.testExact(text) : all.test(text)),
    find: (text) => (SURROGATE.test(text) ? machine.test(text) : part.test(text)),
  };
}

/** V8's own, unknown to the standard. */
const LINEAR_FLAG: string = 'l';

/** V8 refuses flag `l` for what its linear engine cannot run, and where that engine is off. */
function isLinear(source: string): boolean {
  try {
    return new RegExp(source, LINEAR_FLAG).flags.includes(LINEAR_FLAG);
  } catch {
    return false;
  }
}

function extract(machine: RE2JS, text: string, group: number): string | null {
  if (!Number.isInteger(group) || group < 0 || group > machine.groupCount()) return null;
  const matcher = machine.matcher(text);
  return matcher.find() ? matcher.group(group) : null;
}

/** re2js names the offending part of the pattern; its last occurrence is taken for the place. */
function regexError(pattern: string, error: unknown): RegexError {
  const fields = typeof error === 'object' && error !== null ? error : {};
  const detail = 'error' in fields && typeof fields.error === 'string' ? fields.error : 'no regex';
  const input = 'input' in fields && typeof fields.input === 'string' ? fields.input : '';
  const part = input.startsWith('(?s)') && !pattern.includes(input) ? input.slice(4) : input;
  const message = part === '' || part === pattern ? detail : `${detail}: ${part}`;
  if (part === '') return { position: Math.max(0, pattern.length - 1), message };
  if (detail.startsWith('missing')) return { position: pattern.length, message };
  if (detail === 'unexpected )') return { position: unmatchedParenthesis(pattern), message };
  return { position: Math.max(0, pattern.lastIndexOf(part)), message };
}

/** The first `)` that closes nothing. */
function unmatchedParenthesis(pattern: string): number {
  let depth = 0;
  for (const found of pattern.matchAll(/\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|[()]/g)) {
    if (found[0] === '(') depth += 1;
    else if (found[0] === ')') depth -= 1;
    if (depth < 0) return found.index;
  }
  return pattern.length;
}
