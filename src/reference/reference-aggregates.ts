/**
 * Aggregates over the complete list of a group's events: each is a formula over sorted or plain
 * lists, exact whatever the size. Says what sketches and mergeable partials approximate.
 */
import { DEFAULTS } from '../config.ts';
import { assert } from '../core/assert.ts';
import type { AggregateSpec } from '../ir/plan.ts';
import type { Value } from '../model/value.ts';
import { compare, sortedText } from './reference-values.ts';

/** One event that passed the aggregate's filter; `value` is its argument, true without one. */
export interface Sample {
  readonly value: Value;
  readonly event: Value;
}

export interface Samples {
  /** In order of arrival. */
  readonly arrived: readonly Sample[];
  /** The same in event order: time, then agent, then sequence. */
  readonly ordered: readonly Sample[];
  /** Time that RATE divides by; 0 or less: no rate. */
  readonly coveredMs: number;
}

export function aggregateOf(spec: AggregateSpec, samples: Samples): Value {
  const formula = Object.hasOwn(FORMULAS, spec.name) ? FORMULAS[spec.name] : undefined;
  assert(formula !== undefined, () => `the oracle knows no aggregate ${spec.name}`);
  return formula(spec, samples, new Arguments(spec, samples));
}

type Formula = (spec: AggregateSpec, samples: Samples, args: Arguments) => Value;

/** A group's argument values in the forms that formulas ask for. */
class Arguments {
  readonly #values: readonly Value[];

  constructor(spec: AggregateSpec, samples: Samples) {
    const present = samples.arrived.map(({ value }) => value).filter((value) => value !== null);
    const isRedundant = spec.distinct && spec.arg !== null;
    this.#values = isRedundant ? unique(present) : present;
  }

  all(): readonly Value[] {
    return this.#values;
  }

  numbers(): number[] {
    return this.#values.filter((value) => typeof value === 'number');
  }

  sortedNumbers(): number[] {
    return this.numbers().sort((a, b) => a - b);
  }

  /** The numbers, or the strings of a group without numbers, in ascending order. */
  extremes(): Value[] {
    const numbers = this.sortedNumbers();
    if (numbers.length > 0) return numbers;
    return this.#values.filter((value) => typeof value === 'string').sort(compare);
  }
}

const FORMULAS: Readonly<Record<string, Formula>> = {
  count: (_spec, _samples, args) => args.all().length,
  sum: (_spec, _samples, args) => finiteOrNull(total(args.numbers())),
  avg: (_spec, _samples, args) => {
    const numbers = args.numbers();
    return numbers.length === 0 ? null : finiteOrNull(total(numbers) / numbers.length);
  },
  min: (_spec, _samples, args) => args.extremes()[0] ?? null,
  max: (_spec, _samples, args) => args.extremes().at(-1) ?? null,
  rate: (spec, { coveredMs }, args) => {
    if (coveredMs <= 0) return null;
    const amount = spec.arg === null ? args.all().length : total(args.numbers());
    return finiteOrNull((amount * 1_000) / coveredMs);
  },
  quantile: (spec, _samples, args) => rankOf(args.sortedNumbers(), spec.parameters[0] ?? 0.5),
  median: (_spec, _samples, args) => rankOf(args.sortedNumbers(), 0.5),
  variance: (_spec, _samples, args) => sampleVariance(args.numbers()),
  stddev: (_spec, _samples, args) => {
    const variance = sampleVariance(args.numbers());
    return variance === null ? null : Math.sqrt(variance);
  },
  first: (_spec, { ordered }) => present(ordered)[0]?.value ?? null,
  last: (_spec, { ordered }) => present(ordered).at(-1)?.value ?? null,
  any: (_spec, { ordered }) => present(ordered)[0]?.value ?? null,
  first_event: (_spec, { ordered }) => ordered[0]?.value ?? null,
  count_distinct: (_spec, _samples, args) => unique(args.all()).length,
  list: (spec, { arrived }, args) => {
    const list = spec.arg === null ? arrived.map(({ event }) => event) : args.all();
    return list.length === 0 ? null : list;
  },
  topk: (spec, _samples, args) => topValues(args.all(), spec.parameters[0] ?? 10),
  histogram: (spec, _samples, args) => histogramOf(args.numbers(), spec.parameters[0] ?? null),
  delta: (_spec, { ordered }) => increase(numbersOf(ordered)),
  samples: (spec, { ordered }) => {
    const events = ordered.slice(0, spec.parameters[0] ?? 1).map(({ event }) => event);
    return events.length === 0 ? null : events;
  },
  apdex: (spec, _samples, args) => apdexOf(args.numbers(), spec.parameters[0] ?? 1),
};

function present(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ value }) => value !== null);
}

function numbersOf(samples: readonly Sample[]): number[] {
  return samples.map(({ value }) => value).filter((value) => typeof value === 'number');
}

function unique(values: readonly Value[]): Value[] {
  const byText = new Map<string, Value>();
  for (const value of values) {
    const text = sortedText(value);
    if (!byText.has(text)) byText.set(text, value);
  }
  return [...byText.values()];
}

/** Neumaier's sum: the error does not grow with the number of values. */
function total(numbers: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const x of numbers) {
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return Number.isFinite(lost) ? sum + lost : sum;
}

/** Mantis' rank, made safe for every n ≥ 1. */
function rankOf(sorted: readonly number[], q: number): Value {
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length))] ?? null;
}

/**
 * Divisor n − 1, as PostgreSQL's variance and stddev. Counted from one of the numbers, because the
 * mean of large numbers that differ little may be no double.
 */
function sampleVariance(numbers: readonly number[]): number | null {
  if (numbers.length < 2) return null;
  const origin = numbers[0] ?? 0;
  const relative = numbers.map((x) => x - origin);
  const mean = total(relative) / relative.length;
  return finiteOrNull(total(relative.map((x) => (x - mean) ** 2)) / (relative.length - 1));
}

function topValues(values: readonly Value[], k: number): Value {
  if (values.length === 0) return null;
  const counted = unique(values).map((value) => ({
    value,
    count: values.filter((other) => sortedText(other) === sortedText(value)).length,
    error: 0,
  }));
  return counted.sort((a, b) => b.count - a.count || identityOrder(a.value, b.value)).slice(0, k);
}

/** Ties of equal count, in an order that depends on the values only. */
function identityOrder(a: Value, b: Value): number {
  const [x, y] = [identity(a), identity(b)];
  if (x === y) return 0;
  return x < y ? -1 : 1;
}

function identity(value: Value): string {
  return typeof value === 'string' ? `"${value}` : sortedText(value);
}

/** A counter's growth; a fall is a restart from 0. */
function increase(readings: readonly number[]): Value {
  if (readings.length < 2) return null;
  let grown = 0;
  for (let i = 1; i < readings.length; i += 1) {
    const [before, now] = [readings[i - 1] ?? 0, readings[i] ?? 0];
    grown += now >= before ? now - before : now;
  }
  return grown;
}

/** Satisfied up to t, tolerating (half) up to 4 t. */
function apdexOf(numbers: readonly number[], t: number): Value {
  if (numbers.length === 0) return null;
  const satisfied = numbers.filter((x) => x <= t).length;
  const tolerating = numbers.filter((x) => x > t && x <= 4 * t).length;
  return (satisfied + tolerating / 2) / numbers.length;
}

/** Counts by bucket; neighbours are joined until there are few enough buckets. */
function histogramOf(numbers: readonly number[], width: number | null): Value {
  if (numbers.length === 0) return null;
  const numberOf = width === null ? quarterOf : (x: number) => nearestFinite(Math.floor(x / width));
  const lower = width === null ? quarterStart : (bucket: number) => bucket * width;
  for (let size = 1; ; size *= 2) {
    const buckets = numbers.map((x) => Math.floor(numberOf(x) / size));
    const different = [...new Set(buckets)].sort((a, b) => a - b);
    if (different.length > DEFAULTS.histogramBucketsMax) continue;
    return different.map((bucket) => ({
      from: nearestFinite(lower(bucket * size)),
      to: nearestFinite(lower((bucket + 1) * size)),
      count: buckets.filter((other) => other === bucket).length,
    }));
  }
}

/** Quarters of powers of two, numbered from 1 at 2^-30; what is negative mirrors what is not. */
function quarterOf(x: number): number {
  if (x < 0) return -1 - quarterOf(-x);
  if (x < 2 ** -30) return 0;
  let power = -30;
  while (2 ** (power + 1) <= x) power += 1;
  return 1 + (power + 30) * 4 + Math.floor((x / 2 ** power - 1) * 4);
}

function quarterStart(bucket: number): number {
  if (bucket === 0) return 0;
  if (bucket < 0) return -quarterStart(-bucket);
  const power = Math.floor((bucket - 1) / 4) - 30;
  return 2 ** power * (1 + ((bucket - 1) % 4) / 4);
}

function nearestFinite(x: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, x));
}

function finiteOrNull(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
