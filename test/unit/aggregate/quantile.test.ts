/** Percentiles of so many groups that numbers wait to be added: nothing of that shows. */
import { describe, expect, test } from 'vitest';
import { QuantileAggregate } from '../../../src/aggregate/quantile.ts';
import { createRng } from '../../../src/core/rng.ts';
import { QuantileSketch } from '../../../src/sketch/quantile.ts';

const GROUPS = 2_000;

function fed(seed: number, count: number) {
  const rng = createRng(seed);
  const aggregate = new QuantileAggregate(0.9);
  const plain = Array.from({ length: GROUPS }, () => new QuantileSketch());
  aggregate.grow(GROUPS);
  const groups = new Uint32Array(512);
  const values = new Float64Array(512);
  for (let at = 0; at < count; at += 512) {
    for (let i = 0; i < 512; i++) {
      // Some groups get hundreds of values and leave the exact state, some get none.
      groups[i] = rng.next() < 0.3 ? rng.int(20) : rng.int(GROUPS - 100);
      values[i] = rng.next() < 0.05 ? Number.NaN : Math.exp(rng.next() * 8) - 100;
      if (!Number.isNaN(values[i]!)) plain[groups[i]!]!.add(values[i]!);
    }
    aggregate.addNumbers(groups, values, 512);
  }
  return { aggregate, expected: plain.map((sketch) => sketch.quantile(0.9)) };
}

function resultsOf(aggregate: QuantileAggregate): unknown[] {
  return Array.from({ length: GROUPS }, (_, group) => aggregate.result(group));
}

describe('percentiles of many groups', () => {
  test('are those of each group alone, however many numbers came', () => {
    for (const count of [512, 65_536, 150_016]) {
      const { aggregate, expected } = fed(count, count);
      expect(resultsOf(aggregate)).toStrictEqual(expected);
    }
  });

  test('are told to others and merged with what waits', () => {
    const { aggregate, expected } = fed(7, 20_480);
    const merged = new QuantileAggregate(0.9);
    merged.grow(GROUPS);
    const same = Uint32Array.from({ length: GROUPS }, (_, group) => group);
    merged.merge(structuredClone(aggregate.encode(GROUPS)), same);
    expect(resultsOf(merged)).toStrictEqual(expected);
    const twice = fed(7, 20_480).aggregate;
    twice.merge(aggregate.encode(GROUPS), same);
    const order = fed(7, 20_480).aggregate;
    order.merge(twice.encode(0), same);
    expect(resultsOf(order)).toStrictEqual(expected);
  });

  test('begin anew after a reset, although numbers waited and states are used again', () => {
    const { aggregate } = fed(3, 150_016);
    aggregate.addNumbers(Uint32Array.of(5), Float64Array.of(1), 1);
    aggregate.reset();
    expect(resultsOf(aggregate)).toStrictEqual(Array.from({ length: GROUPS }, () => null));
    aggregate.addNumbers(Uint32Array.of(0, 1, 0), Float64Array.of(3, 4, 5), 3);
    expect(resultsOf(aggregate).slice(0, 3)).toStrictEqual([5, 4, null]);
  });
});

test('a group whose values came by merge and as numbers tells all of them', () => {
  const { aggregate, expected } = fed(11, 40_960);
  const all = Uint32Array.from({ length: GROUPS }, (_, group) => group);
  const first = new QuantileAggregate(0.9);
  first.grow(GROUPS);
  first.merge(aggregate.encode(GROUPS), all);
  first.addNumbers(Uint32Array.of(3, GROUPS - 1), Float64Array.of(2, 7), 2);
  const told = new QuantileAggregate(0.9);
  told.grow(GROUPS);
  told.merge(structuredClone(first.encode(GROUPS)), all);
  expect(resultsOf(told)).toStrictEqual(resultsOf(first));
  expect(told.result(GROUPS - 1)).toBe(7);
  expect(told.result(GROUPS - 2)).toBe(expected[GROUPS - 2]);
});
