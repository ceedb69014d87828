import { describe, expect, test } from 'vitest';
import { Defect } from '../../../src/core/assert.ts';
import {
  BLOCK_BYTES,
  CounterBlock,
  SERIES,
  slotOf,
  totalOf,
} from '../../../src/telemetry/counters.ts';
import { SIGNALS } from '../../../src/telemetry/signals.ts';
import type { DropReason, SignalSpec } from '../../../src/telemetry/signals.ts';

describe('slots', () => {
  test('every series has a slot of its own', () => {
    const keys = SERIES.map(({ name, labels }) => JSON.stringify([name, labels]));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('there is one series per combination of labels, and none of a histogram', () => {
    const specs = Object.values<SignalSpec>(SIGNALS).filter((spec) => spec.kind !== 'histogram');
    const expected = specs.map((spec) =>
      Object.values(spec.labels).reduce((product, values) => product * values.length, 1),
    );
    expect(SERIES).toHaveLength(expected.reduce((sum, count) => sum + count, 0));
  });

  test('a slot is found by name and labels', () => {
    const slot = slotOf('squilla_dropped_events_total', { reason: 'future' });
    expect(SERIES[slot]).toEqual({
      name: 'squilla_dropped_events_total',
      labels: { reason: 'future' },
    });
    expect(SERIES[slotOf('squilla_late_events_total')]?.name).toBe('squilla_late_events_total');
  });

  test('a label outside its closed set is a defect', () => {
    const labels = { reason: 'bored' } as unknown as { reason: DropReason };
    expect(() => slotOf('squilla_dropped_events_total', labels)).toThrow(Defect);
  });
});

describe('a block', () => {
  const late = slotOf('squilla_late_events_total');
  const queries = slotOf('squilla_live_queries');

  test('starts at zero, adds and sets', () => {
    const block = new CounterBlock();
    expect(SERIES.every((_, slot) => block.read(slot) === 0)).toBe(true);
    block.add(late);
    block.add(late, 41);
    block.set(queries, 7);
    block.set(queries, 3);
    expect([block.read(late), block.read(queries)]).toEqual([42, 3]);
  });

  test('shares its numbers with whoever holds the same buffer', () => {
    const owner = new CounterBlock();
    const writer = new CounterBlock(owner.buffer);
    writer.add(late, 5);
    expect(owner.read(late)).toBe(5);
  });

  test('refuses a buffer of another size', () => {
    expect(() => new CounterBlock(new SharedArrayBuffer(BLOCK_BYTES + 8))).toThrow(Defect);
  });

  test('the total is over all blocks', () => {
    const blocks = [new CounterBlock(), new CounterBlock(), new CounterBlock()];
    blocks.forEach((block, index) => block.add(late, 10 ** index));
    expect(totalOf(blocks, late)).toBe(111);
    expect(totalOf([], late)).toBe(0);
  });
});
