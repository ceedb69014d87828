/**
 * Expressions ⇒ JavaScript source over one event, for generated code (`edge/fused-source.ts`): the
 * same values as the closures of `row.ts` give, without their calls. What is not worth a form of
 * its own is a call of its closure.
 *
 * Nothing of a plan becomes code: strings and numbers become literals by `JSON.stringify`, and
 * everything else is a numbered slot, whose value is handed to the code and never written into it.
 * Problems are not counted: nobody asks an agent for them.
 */
import { compilePath } from '../ir/path.ts';
import type { CallExpression, Expression, FieldPath } from '../ir/expression.ts';
import { plainValue } from '../model/plain-value.ts';
import { isTruthy, valuesEqual } from '../model/value-equality.ts';
import { compareSameType } from '../model/value-order.ts';
import { textOf } from '../model/value-text.ts';
import type { Value } from '../model/value.ts';
import type { EvalCounters } from './context.ts';
import { numberStatement, plainField, rawSource, valueStatement } from './field-source.ts';
import type { PlainField } from './field-source.ts';
import { FIXED_FUNCTIONS } from './functions/table.ts';
import { compileLike } from './like.ts';
import type { LikeTest } from './like.ts';
import { compileRegex } from './regex.ts';
import { compileExpression, compilePredicate, scalarLiterals } from './row.ts';

/** Statements that stand together; what they declare holds from there on and in inner blocks. */
export interface SourceBlock {
  readonly lines: string[];
  /** Names of constants that are declared here or around here. */
  readonly known: Set<string>;
}

const COMPARISONS: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['le', '<='],
  ['gt', '>'],
  ['ge', '>='],
]);
const TIMES: ReadonlyMap<string, string> = new Map([
  ['now', 'row.nowMs'],
  ['tick', 'row.nowMs'],
  ['event_time', 'row.timeMs'],
  ['ingest_time', 'row.ingestMs'],
]);

export function outerBlock(): SourceBlock {
  return { lines: [], known: new Set() };
}

export function innerBlock(outer: SourceBlock): SourceBlock {
  return { lines: [], known: new Set(outer.known) };
}

export class ExpressionSource {
  /** What code calls by name: the slots, and the functions that every code may need. */
  readonly bound = new Map<string, unknown>(
    Object.entries({ isList: Array.isArray, plainValue, ...LIBRARY }),
  );
  readonly #slots = new Map<unknown, string>();
  readonly #fields = new Map<string, string>();
  /** Source of what is dear ⇒ the variable that has its value once it was needed. */
  readonly #remembered = new Map<string, string>();
  readonly #counters: EvalCounters;
  #temporaries = 0;

  /** `counters`: for closures, and how they read fields. */
  constructor(counters: EvalCounters) {
    this.#counters = counters;
    this.bound.set('counters', counters);
  }

  /** The name by which code has this value. */
  slot(value: unknown): string {
    let name = this.#slots.get(value);
    if (name === undefined) {
      name = `k${this.#slots.size}`;
      this.#slots.set(value, name);
      this.bound.set(name, value);
    }
    return name;
  }

  /** Declarations of all variables that the expressions use, for the beginning of the function. */
  get declarations(): string {
    const names = [...this.#remembered.values()];
    for (let i = 0; i < this.#temporaries; i++) names.push(`t${i}`);
    return names.length === 0 ? '' : `let ${names.join(', ')};`;
  }

  /** Source of its value, after statements that go to the block. */
  value(expression: Expression, block: SourceBlock): string {
    switch (expression.op) {
      case 'literal':
        return this.literal(expression.value);
      case 'field':
        return this.#field(expression.path, block, 'v');
      case 'call':
        return this.#comparison(expression, block) ?? this.#call(expression, block);
      case 'case':
        return this.#case(expression, block);
      case 'element':
      case 'slot':
        return this.#closure(compileExpression(expression, this.#counters), expression);
      default:
        return this.truth(expression, block);
    }
  }

  /** Source of its truth, a boolean. */
  truth(expression: Expression, block: SourceBlock): string {
    switch (expression.op) {
      case 'and':
        return `(${expression.args.map((arg) => this.truth(arg, block)).join(' && ') || 'true'})`;
      case 'or':
        return `(${expression.args.map((arg) => this.truth(arg, block)).join(' || ') || 'false'})`;
      case 'not':
        return `!${this.truth(expression.arg, block)}`;
      case 'match':
        return this.#match(expression, block);
      case 'in': {
        const members = scalarLiterals(expression.list);
        if (members === null) break;
        return `${this.slot(members)}.has(${this.value(expression.arg, block)})`;
      }
      case 'some':
        break;
      case 'call': {
        const comparison = this.#comparison(expression, block);
        return comparison ?? `isTruthy(${this.#call(expression, block)})`;
      }
      default:
        return `isTruthy(${this.value(expression, block)})`;
    }
    return this.#closure(compilePredicate(expression, this.#counters), expression);
  }

  /** Source of its value as a number: NaN if it is none. */
  number(expression: Expression, block: SourceBlock): string {
    if (expression.op === 'field') return this.#field(expression.path, block, 'n');
    return `+numberOf(${this.value(expression, block)})`;
  }

  literal(value: Value): string {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) {
      return JSON.stringify(value);
    }
    // Infinity has no JSON, and −0 would lose its sign.
    const isWritten = Number.isFinite(value) && !Object.is(value, -0);
    return isWritten ? `(${JSON.stringify(value)})` : this.slot(value);
  }

  /** Has the field read here, for all blocks inside. Only plain ones are. */
  read(path: FieldPath, block: SourceBlock): void {
    const plain = plainField(path);
    if (plain !== null) this.#raw(plain, this.#numberOf(JSON.stringify(path)), block);
  }

  /** `v`: as a value; `n`: as a number. */
  #field(path: FieldPath, block: SourceBlock, as: 'v' | 'n'): string {
    const number = this.#numberOf(JSON.stringify(path));
    const plain = plainField(path);
    if (plain === null) return this.#dearField(path, as);
    const name = `${as}${number}`;
    if (block.known.has(name)) return name;
    const raw = this.#raw(plain, number, block);
    // Copied once an event, however many ask.
    const other = this.#remember(`plainValue(${raw})`);
    const declare = as === 'v' ? valueStatement : numberStatement;
    block.lines.push(declare(name, raw, other));
    block.known.add(name);
    return name;
  }

  #raw(plain: PlainField, number: number, block: SourceBlock): string {
    const raw = `r${number}`;
    if (!block.known.has(raw)) {
      const temporary = plain.inner === null ? '' : this.#temporary();
      block.lines.push(`const ${raw} = ${rawSource(plain, temporary)};`);
      block.known.add(raw);
    }
    return raw;
  }

  #dearField(path: FieldPath, as: 'v' | 'n'): string {
    const value = this.#remember(`plainValue(${this.slot(this.#readerOf(path))}(event))`);
    return as === 'v' ? value : `+numberOf(${value})`;
  }

  readonly #readers = new Map<string, ReturnType<typeof compilePath>>();

  #readerOf(path: FieldPath): ReturnType<typeof compilePath> {
    const key = JSON.stringify(path);
    let reader = this.#readers.get(key);
    if (reader === undefined) this.#readers.set(key, (reader = compilePath(path)));
    return reader;
  }

  #numberOf(field: string): number {
    let name = this.#fields.get(field);
    if (name === undefined) this.#fields.set(field, (name = String(this.#fields.size)));
    return Number(name);
  }

  /** Null if the call is no comparison. */
  #comparison({ args, name }: CallExpression, block: SourceBlock): string | null {
    const [left, right] = args;
    if (left === undefined || right === undefined) return null;
    if (name === 'eq') return this.#equality(left, right, block);
    if (name === 'ne') return `!${this.#equality(left, right, block)}`;
    const operator = COMPARISONS.get(name);
    if (operator === undefined) return null;
    if (right.op === 'literal' && typeof right.value === 'number') {
      return `(${this.number(left, block)} ${operator} ${this.literal(right.value)})`;
    }
    const order = `orderOf(${this.value(left, block)}, ${this.value(right, block)})`;
    return `(${this.#remember(order)} ${operator} 0)`;
  }

  #equality(left: Expression, right: Expression, block: SourceBlock): string {
    const constant = right.op === 'literal' ? right.value : undefined;
    if (constant === undefined || (typeof constant === 'object' && constant !== null)) {
      return `valuesEqual(${this.value(left, block)}, ${this.value(right, block)})`;
    }
    if (typeof constant === 'number') {
      return `(${this.number(left, block)} === ${this.literal(constant)})`;
    }
    const value = this.value(left, block);
    const same = `${value} === ${this.literal(constant)}`;
    if (typeof constant !== 'string' || !NAME.test(value)) return `(${same})`;
    // Texts of one length are compared one character after the other: most differ in length.
    return `(typeof ${value} === "string" && ${value}.length === ${constant.length} && ${same})`;
  }

  #call(call: CallExpression, block: SourceBlock): string {
    const time = TIMES.get(call.name);
    if (time !== undefined) return time;
    if (call.name === 'like' || call.name === 'ilike') {
      const like = this.#like(call, block);
      if (like !== null) return like;
    }
    const fixed = FIXED_FUNCTIONS.get(call.name);
    if (fixed === undefined) {
      return this.#closure(compileExpression(call, this.#counters), call);
    }
    const args = call.args.map((arg) => this.value(arg, block));
    while (args.length < FIXED_ARGUMENTS) args.push(args.length === 0 ? 'null' : 'undefined');
    return this.#remember(`${this.slot(fixed)}(counters, ${args.join(', ')})`);
  }

  #like({ args, name }: CallExpression, block: SourceBlock): string | null {
    const [text, pattern] = args;
    const fixed = pattern?.op === 'literal' ? textOf(pattern.value) : null;
    const test = fixed === null ? null : compileLike(fixed, name === 'ilike');
    if (test === null || text === undefined) return null;
    const shared = this.#shared(`${name} ${fixed}`, test);
    return this.#remember(`matches(${this.slot(shared)}, ${this.value(text, block)})`);
  }

  #match(expression: Expression & { readonly op: 'match' }, block: SourceBlock): string {
    const { arg, mode, pattern } = expression;
    const regex = compileRegex(pattern);
    if (!regex.ok) return this.#closure(compilePredicate(expression, this.#counters), expression);
    const test = this.#shared(`${mode} ${pattern}`, regex.value[mode]);
    return this.#remember(`matches(${this.slot(test)}, ${this.value(arg, block)})`);
  }

  readonly #tests = new Map<string, LikeTest>();

  /** Equal patterns have one test, so that what they are asked is asked once. */
  #shared(key: string, test: LikeTest): LikeTest {
    const known = this.#tests.get(key);
    if (known === undefined) this.#tests.set(key, test);
    return known ?? test;
  }

  #case(expression: Expression & { readonly op: 'case' }, block: SourceBlock): string {
    let source = '';
    for (const { then, when } of expression.branches) {
      source += `${this.truth(when, block)} ? ${this.value(then, block)} : `;
    }
    return `(${source}${this.value(expression.otherwise, block)})`;
  }

  readonly #closures = new Map<string, (row: never) => unknown>();

  /** Whether code calls closures, which read the row's event. */
  get callsClosures(): boolean {
    return this.#closures.size > 0;
  }

  /** Equal expressions share one closure. */
  #closure(closure: (row: never) => unknown, expression: Expression): string {
    const key = JSON.stringify(expression);
    const known = this.#closures.get(key);
    if (known === undefined) this.#closures.set(key, closure);
    return this.#remember(`${this.slot(known ?? closure)}(row)`);
  }

  /** Evaluated when it is first needed of an event; `undefined` is no value. */
  #remember(source: string): string {
    let name = this.#remembered.get(source);
    if (name === undefined) {
      name = `e${this.#remembered.size}`;
      this.#remembered.set(source, name);
    }
    return `(${name} === undefined ? (${name} = ${source}) : ${name})`;
  }

  #temporary(): string {
    return `t${this.#temporaries++}`;
  }
}

const NAME = /^v\d+$/;
const FIXED_ARGUMENTS = 3;

const LIBRARY = {
  isTruthy,
  valuesEqual,
  orderOf: compareSameType,
  numberOf: (value: Value): number => (typeof value === 'number' ? value : Number.NaN),
  matches: (test: LikeTest, value: Value): boolean => {
    const text = textOf(value);
    return text !== null && test(text);
  },
};
