/**
 * What a service gives of its events, by rules of its owner. They are applied before anything is
 * evaluated for anyone, on a copy: the publisher's event stays as it is. Without a rule for a
 * stream nothing is done. A rule that cannot be understood denies its field.
 */
import { createHash } from 'node:crypto';
import { RE2JS } from 're2js';
import { globMatches } from '../src/ir/glob.ts';
import type { Event, Value } from '../src/model/value.ts';

export interface MaskRule {
  /** A field as queries write it, lists on the way being walked: `user.email`; `*`: every text. */
  readonly field: string;
  /** A stream, or a pattern with `*`. Default: every stream. */
  readonly stream?: string;
  /**
   * `deny`: as if it were not there, and the catalogue says so · `hash`: 16 digits of SHA-256 over
   * `salt` and the text · `truncate`: the first `length` characters · `replace`: what `pattern`
   * finds gives way to `with`.
   */
  readonly action: 'deny' | 'hash' | 'truncate' | 'replace';
  readonly salt?: string;
  readonly length?: number;
  /** RE2 syntax, in linear time. */
  readonly pattern?: string;
  /** Default: `***`. */
  readonly with?: string;
}

type Change = (value: unknown) => unknown;

/** What happens to the members of an object, by key. */
interface Level {
  change: Change | null;
  readonly members: Map<string, Level>;
}

const HASH_DIGITS = 16;
const REPLACEMENT = '***';
const TRUNCATED_TO = 8;
/** Names with more dots are only looked for as they are, and level by level. */
const DOTS_MAX = 6;

export class StreamMask {
  /** Fields that are not given at all. */
  readonly denied: readonly string[];
  readonly #root: Level = level();
  readonly #texts: Change | null;

  private constructor(rules: readonly MaskRule[]) {
    const changes: Change[] = [];
    const denied: string[] = [];
    for (const rule of rules) {
      const change = changeOf(rule);
      if (rule.field === '*') changes.push(change);
      else place(this.#root, rule.field, change);
      if (change === deny) denied.push(rule.field);
    }
    this.denied = denied;
    this.#texts =
      changes.length === 0 ? null : (value) => changes.reduce((now, one) => one(now), value);
  }

  /** Null: no rule is about the stream. */
  static of(rules: readonly MaskRule[], stream: string): StreamMask | null {
    const own = rules.filter(({ stream: pattern = '*' }) =>
      globMatches({ pattern, glob: pattern.includes('*') }, stream),
    );
    return own.length === 0 ? null : new StreamMask(own);
  }

  /** A copy as far as rules reach. @throws What the publisher's getters throw. */
  apply(event: Event): Event {
    const masked = applied(event, this.#root);
    return (this.#texts === null ? masked : everyText(masked, this.#texts)) as Event;
  }
}

const deny: Change = () => undefined;

function changeOf(rule: MaskRule): Change {
  switch (rule.action) {
    case 'hash': {
      const { salt = '' } = rule;
      return (value) => onText(value, (text) => hashed(salt + text));
    }
    case 'truncate': {
      const { length = TRUNCATED_TO } = rule;
      return (value) => onText(value, (text) => Array.from(text).slice(0, length).join(''));
    }
    case 'replace':
      return replacing(rule);
    default:
      return deny;
  }
}

function replacing({ pattern = '', with: replacement = REPLACEMENT }: MaskRule): Change {
  try {
    const regex = RE2JS.compile(pattern);
    const quoted = RE2JS.quoteReplacement(replacement);
    return (value) => onText(value, (text) => regex.matcher(text).replaceAll(quoted));
  } catch {
    // What was to be hidden by a pattern that is none must not leave.
    return deny;
  }
}

/** Numbers and the like have a text, too; lists and objects are changed member by member. */
function onText(value: unknown, change: (text: string) => string): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value !== 'object') return change(String(value));
  if (value instanceof Date) return change(value.toISOString());
  if (Array.isArray(value)) return value.map((item) => onText(item, change));
  const entries = Object.entries(value).map(([key, item]) => [key, onText(item, change)] as const);
  return Object.fromEntries(entries);
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}

function level(): Level {
  return { change: null, members: new Map<string, Level>() };
}

/** A dotted name may be one key or several: every way to cut it is looked for. */
function place(at: Level, name: string, change: Change): void {
  const own = memberOf(at, name);
  own.change = own.change === null ? change : chained(own.change, change);
  const cuts = name.split('.').length - 1;
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    place(memberOf(at, name.slice(0, dot)), name.slice(dot + 1), change);
    if (cuts > DOTS_MAX) return;
  }
}

function chained(first: Change, second: Change): Change {
  return (value) => second(first(value));
}

function memberOf(at: Level, key: string): Level {
  let member = at.members.get(key);
  if (member === undefined) at.members.set(key, (member = level()));
  return member;
}

function applied(value: unknown, { change, members }: Level): unknown {
  if (change !== null) return change(value);
  if (typeof value !== 'object' || value === null || members.size === 0) return value;
  if (Array.isArray(value)) {
    return value.map((item: unknown) => applied(item, { change: null, members }));
  }
  const source = value as Readonly<Record<string, unknown>>;
  // Getters of a class keep working on the copy; what rules are about becomes its own member.
  const copy = Object.assign(Object.create(Object.getPrototypeOf(value) as object | null), source);
  for (const [key, below] of members) {
    if (!(key in source)) continue;
    Object.defineProperty(copy, key, {
      value: applied(source[key], below),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return copy;
}

function everyText(value: unknown, change: Change): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => everyText(item, change));
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [
    key,
    everyText(item, change),
  ]);
  return Object.fromEntries(entries) as Value;
}
