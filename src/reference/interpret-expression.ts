/**
 * The naive evaluator: one recursive function over the tree, nothing compiled, nothing cached. It
 * is the oracle for `expr/row.ts` and the kernels, so operators, logic, paths, LIKE and matching
 * are written anew here; only scalar functions of the library (dates, URLs, hashes, …), which
 * tables of examples test, are taken from `expr/functions/`.
 */
import { isWeight } from '../ir/sample.ts';
import { RE2JS } from 're2js';
import { assert } from '../core/assert.ts';
import type { EvalCounters } from '../expr/context.ts';
import { FIXED_FUNCTIONS, VARIADIC_FUNCTIONS } from '../expr/functions/table.ts';
import type { CallExpression, Expression, FieldPath } from '../ir/expression.ts';
import type { Value } from '../model/value.ts';
import { membersOf, walkPath } from './reference-path.ts';
import { readsStream } from './reference-sources.ts';
import { compare, equal, isTrue, kindOf, text } from './reference-values.ts';

/** Everything an expression can read. */
export interface Surroundings {
  readonly event: Value;
  /** Left out: one that every source reads. */
  readonly stream?: string | undefined;
  /** How many events it stands for; left out: no sample weighs. */
  readonly weight?: number | undefined;
  readonly timeMs: number;
  readonly ingestMs: number;
  readonly nowMs: number;
  readonly slots: readonly Value[];
  readonly elements: ReadonlyMap<number, Value>;
  readonly counters: EvalCounters;
}

export function interpret(expression: Expression, around: Surroundings): Value {
  switch (expression.op) {
    case 'literal':
      return expression.value;
    case 'field':
      return isWeight(expression.path)
        ? (around.weight ?? null)
        : readEvent(expression.path, around);
    case 'element':
      return walkPath(around.elements.get(expression.id) ?? null, expression.path);
    case 'slot':
      return around.slots[expression.index] ?? null;
    case 'and':
      return expression.args.every((arg) => isTrue(interpret(arg, around)));
    case 'or':
      return expression.args.some((arg) => isTrue(interpret(arg, around)));
    case 'not':
      return !isTrue(interpret(expression.arg, around));
    case 'in': {
      const value = interpret(expression.arg, around);
      return expression.list.some((member) => equal(value, interpret(member, around)));
    }
    case 'match': {
      const regex = RE2JS.compile(expression.pattern, RE2JS.DOTALL);
      const subject = text(interpret(expression.arg, around));
      if (subject === null) return false;
      return expression.mode === 'full' ? regex.testExact(subject) : regex.test(subject);
    }
    case 'case': {
      const taken = expression.branches.find(({ when }) => isTrue(interpret(when, around)));
      return interpret(taken === undefined ? expression.otherwise : taken.then, around);
    }
    case 'some':
      return (membersOf(interpret(expression.over, around)) ?? []).some((element) => {
        const elements = new Map(around.elements).set(expression.id, element);
        return isTrue(interpret(expression.condition, { ...around, elements }));
      });
    case 'call':
      return interpretCall(expression, around);
  }
}

function readEvent([first, ...rest]: FieldPath, { event, stream }: Surroundings): Value {
  if (first === undefined) return event;
  if (first.by !== 'stream') return walkPath(event, [first, ...rest]);
  return stream === undefined || readsStream(first, stream) ? walkPath(event, rest) : null;
}

type Operator = (args: readonly Value[], around: Surroundings) => Value;

function interpretCall(call: CallExpression, around: Surroundings): Value {
  const lazy = LAZY[call.name];
  if (lazy !== undefined) return lazy(call.args, around);
  const args = call.args.map((arg) => interpret(arg, around));
  const operator = OPERATORS[call.name];
  if (operator !== undefined) return operator(args, around);
  const variadic = VARIADIC_FUNCTIONS.get(call.name);
  if (variadic !== undefined) return variadic(around.counters, args);
  const fixed = FIXED_FUNCTIONS.get(call.name);
  assert(fixed !== undefined, () => `the oracle knows no ${call.name}`);
  return fixed(around.counters, args[0] ?? null, args[1], args[2]);
}

const LAZY: Readonly<Record<string, (args: readonly Expression[], around: Surroundings) => Value>> =
  {
    coalesce: (args, around) => {
      const [first, ...rest] = args;
      if (first === undefined) return null;
      return interpret(first, around) ?? LAZY['coalesce']?.(rest, around) ?? null;
    },
    if: ([condition, then, otherwise], around) => {
      const chosen = condition !== undefined && isTrue(interpret(condition, around));
      const branch = chosen ? then : otherwise;
      return branch === undefined ? null : interpret(branch, around);
    },
  };

const OPERATORS: Readonly<Record<string, Operator>> = {
  add: arithmetic((a, b) => a + b),
  subtract: arithmetic((a, b) => a - b),
  multiply: arithmetic((a, b) => a * b),
  divide: arithmetic((a, b) => a / b),
  modulo: arithmetic((a, b) => a % b),
  negate: ([x = null], around) => arithmetic((zero, a) => zero - a)([0, x], around),
  plus: ([x = null], around) => arithmetic((zero, a) => zero + a)([0, x], around),
  eq: ([a = null, b = null]) => equal(a, b),
  ne: ([a = null, b = null]) => !equal(a, b),
  lt: ordering((order) => order < 0),
  le: ordering((order) => order <= 0),
  gt: ordering((order) => order > 0),
  ge: ordering((order) => order >= 0),
  is_null: ([x = null]) => x === null,
  exists: ([x = null]) => x !== null,
  nullif: ([a = null, b = null]) => (equal(a, b) ? null : a),
  contains_text: texts((x, part) => x.includes(part)),
  contains: texts((x, part) => x.includes(part)),
  starts_with: texts((x, prefix) => x.startsWith(prefix)),
  ends_with: texts((x, suffix) => x.endsWith(suffix)),
  like: texts((x, pattern) => likePattern(pattern).testExact(x)),
  ilike: texts((x, pattern) => likePattern(pattern.toLowerCase()).testExact(x.toLowerCase())),
  now: (_args, around) => around.nowMs,
  tick: (_args, around) => around.nowMs,
  event_time: (_args, around) => around.timeMs,
  ingest_time: (_args, around) => around.ingestMs,
  regexp_extract: ([x = null, pattern = null, group = 0], around) => {
    if (typeof group !== 'number') return mismatch(around);
    const subject = text(x);
    const regex = RE2JS.compile(String(pattern), RE2JS.DOTALL);
    if (subject === null || group < 0 || group > regex.groupCount() || group % 1 !== 0) return null;
    const matcher = regex.matcher(subject);
    return matcher.find() ? matcher.group(group) : null;
  },
};

function arithmetic(apply: (a: number, b: number) => number): Operator {
  return ([a = null, b = null], around) => {
    if (typeof a !== 'number' || typeof b !== 'number') return mismatch(around);
    const result = apply(a, b);
    if (Number.isFinite(result)) return result;
    around.counters.nonFinite += 1;
    return null;
  };
}

function ordering(accept: (order: number) => boolean): Operator {
  return ([a = null, b = null], around) => {
    if (a !== null && kindOf(a) === kindOf(b)) return accept(compare(a, b));
    mismatch(around);
    return false;
  };
}

function texts(accept: (a: string, b: string) => boolean): Operator {
  return ([a = null, b = null]) => {
    const [x, y] = [text(a), text(b)];
    return x !== null && y !== null && accept(x, y);
  };
}

function mismatch(around: Surroundings): null {
  around.counters.typeMismatches += 1;
  return null;
}

/** A LIKE pattern as a regular expression. */
function likePattern(pattern: string): RE2JS {
  let source = '';
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i] ?? '';
    if (character === '%') source += '.*';
    else if (character === '_') source += '.';
    else if (character === '\\' && i + 1 < characters.length) {
      i += 1;
      source += RE2JS.quote(characters[i] ?? '');
    } else source += RE2JS.quote(character);
  }
  return RE2JS.compile(source, RE2JS.DOTALL);
}
