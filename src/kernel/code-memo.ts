/**
 * Outcomes of a predicate by small code: a dictionary column is tested once per distinct string and
 * not once per event. A memo belongs to one dictionary and lives until that is reset; booleans and
 * absent columns are dictionaries of three and one. What evaluating a code counts (mismatches) is
 * remembered too and counted again for each row, as if every row had been evaluated.
 */
import type { EvalCounters } from '../expr/context.ts';
import type { Dictionary } from '../model/batch.ts';
import { isTruthy } from '../model/value-equality.ts';
import type { Value } from '../model/value.ts';
import { selectByCode } from './compare-loops.ts';

type Evaluate = (value: Value) => Value;

const BOOLEANS: readonly Value[] = [false, true, null];

export class CodeMemo {
  readonly #evaluate: Evaluate;
  readonly #counters: EvalCounters;
  readonly #dictionaries = new WeakMap<Dictionary, Outcomes>();
  #booleans: Outcomes | null = null;

  constructor(evaluate: Evaluate, counters: EvalCounters) {
    this.#evaluate = evaluate;
    this.#counters = counters;
  }

  dictionary(dictionary: Dictionary): Outcomes {
    let outcomes = this.#dictionaries.get(dictionary);
    if (outcomes === undefined || outcomes.generation !== dictionary.generation) {
      outcomes = new Outcomes(dictionary.generation, this.#counters);
      this.#dictionaries.set(dictionary, outcomes);
    }
    if (outcomes.known < dictionary.size) {
      if (outcomes.known === 0) outcomes.learn(this.#evaluate, null);
      while (outcomes.known < dictionary.size) {
        outcomes.learn(this.#evaluate, dictionary.text(outcomes.known));
      }
    }
    return outcomes;
  }

  /** By the codes of a boolean column; code 2 is null. */
  booleans(): Outcomes {
    if (this.#booleans === null) {
      this.#booleans = new Outcomes(0, this.#counters);
      for (const value of BOOLEANS) this.#booleans.learn(this.#evaluate, value);
    }
    return this.#booleans;
  }
}

const CODES_MIN = 64;
/** Code of null in a boolean column. */
export const BOOLEAN_NULL = 2;

export class Outcomes {
  readonly generation: number;
  readonly #counters: EvalCounters;
  /** 1: the predicate holds. */
  #holds: Uint8Array = new Uint8Array(CODES_MIN);
  #known = 0;
  /** What evaluating a code counts, for codes that count anything. */
  readonly #counts = new Map<number, EvalCounters>();

  constructor(generation: number, counters: EvalCounters) {
    this.generation = generation;
    this.#counters = counters;
  }

  /** Codes 0 … known − 1 have outcomes. */
  get known(): number {
    return this.#known;
  }

  learn(evaluate: Evaluate, value: Value): void {
    const counters = this.#counters;
    const { typeMismatches, nonFinite } = counters;
    const code = this.#known++;
    if (code === this.#holds.length) {
      const grown = new Uint8Array(code * 2);
      grown.set(this.#holds);
      this.#holds = grown;
    }
    this.#holds[code] = isTruthy(evaluate(value)) ? 1 : 0;
    const counted = {
      typeMismatches: counters.typeMismatches - typeMismatches,
      nonFinite: counters.nonFinite - nonFinite,
    };
    if (counted.typeMismatches + counted.nonFinite > 0) this.#counts.set(code, counted);
    counters.typeMismatches = typeMismatches;
    counters.nonFinite = nonFinite;
  }

  select(codes: Uint16Array | Uint8Array, rows: Uint32Array, n: number, out: Uint32Array): number {
    if (this.#counts.size > 0) {
      for (let i = 0; i < n; i++) this.#count(codes[rows[i]!]!, 1);
    }
    return selectByCode(codes, this.#holds, rows, n, out);
  }

  /** The selection of n rows that all have this code. */
  selectConstant(code: number, rows: Uint32Array, n: number, out: Uint32Array): number {
    this.#count(code, n);
    if (this.#holds[code] === 0) return 0;
    if (out !== rows) out.set(rows.subarray(0, n));
    return n;
  }

  #count(code: number, times: number): void {
    const counted = this.#counts.get(code);
    if (counted === undefined) return;
    this.#counters.typeMismatches += counted.typeMismatches * times;
    this.#counters.nonFinite += counted.nonFinite * times;
  }
}
