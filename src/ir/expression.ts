/**
 * Expressions as data: resolved, typed by shape, JSON-safe. Plans carry them between processes, so
 * an agent in another language can follow them. Three evaluators read this one tree and must agree:
 * `reference/` (naive), `expr/` (closures over one event), `kernel/` (columns).
 *
 * Every node yields a {@link Value}; `null` is "missing". Nothing in evaluation throws: arithmetic
 * on what is not a number gives null and is counted.
 */
import type { Value } from '../model/value.ts';

export type Expression =
  | LiteralExpression
  | FieldExpression
  | ElementExpression
  | CallExpression
  | LogicalExpression
  | NotExpression
  | MatchExpression
  | InExpression
  | CaseExpression
  | SomeExpression
  | SlotExpression;

export interface LiteralExpression {
  readonly op: 'literal';
  readonly value: Value;
}

/** Part of the event. */
export interface FieldExpression {
  readonly op: 'field';
  readonly path: FieldPath;
}

/** Part of the list element that the enclosing {@link SomeExpression} with this `id` stands at. */
export interface ElementExpression {
  readonly op: 'element';
  readonly id: number;
  readonly path: FieldPath;
}

/**
 * Arithmetic, comparison or scalar function, by the name in `ir/functions.ts`:
 * `add subtract multiply divide modulo negate plus`, `eq ne lt le gt ge`, `contains_text`,
 * `like ilike`, `is_null`, `exists`, and every function of the language in lower case.
 */
export interface CallExpression {
  readonly op: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
}

/** Short-circuit AND / OR over truth (null and false are false, all else is true); boolean. */
export interface LogicalExpression {
  readonly op: 'and' | 'or';
  readonly args: readonly Expression[];
}

export interface NotExpression {
  readonly op: 'not';
  readonly arg: Expression;
}

/** Text of `arg` against a linear-time regular expression; null never matches. */
export interface MatchExpression {
  readonly op: 'match';
  readonly mode: 'full' | 'find';
  /** RE2 syntax, compiled with "." matching newlines. */
  readonly pattern: string;
  readonly arg: Expression;
}

/** Membership by `=` equality. */
export interface InExpression {
  readonly op: 'in';
  readonly arg: Expression;
  readonly list: readonly Expression[];
}

export interface CaseExpression {
  readonly op: 'case';
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise: Expression;
}

/**
 * `[*]` in a condition: true when some element of `over` (list elements or object values; anything
 * else has none) makes `condition` true. `condition` reads the element through `id`. Over result
 * rows the list stands in a slot.
 */
export interface SomeExpression {
  readonly op: 'some';
  readonly id: number;
  readonly over: FieldExpression | ElementExpression | SlotExpression;
  readonly condition: Expression;
}

/** After aggregation: the value in slot `index` of the group's row (see ir/plan.ts). */
export interface SlotExpression {
  readonly op: 'slot';
  readonly index: number;
}

/**
 * Steps from an event (or list element) to a value. Empty: the event itself. `{by:'prefix'}` may
 * only be the single step of a projection (in a join, behind the alias): the object of top-level
 * keys with that prefix.
 */
export type FieldPath = readonly FieldStep[];

export type FieldStep =
  /**
   * First or not at all: the rest is read from events of these streams; all others have nothing
   * there. See `stream-path.ts`.
   */
  | { readonly by: 'stream'; readonly pattern: string; readonly glob: boolean }
  /** A dotted name, longest key first at every level; null counts as not there. */
  | { readonly by: 'name'; readonly name: string }
  /** Exactly this key. */
  | { readonly by: 'key'; readonly key: string }
  /** List element, from the end if negative. */
  | { readonly by: 'index'; readonly index: number }
  | { readonly by: 'prefix'; readonly prefix: string }
  /** Every list element or object value: the rest of the path maps over them, giving a list. */
  | { readonly by: 'each' };
