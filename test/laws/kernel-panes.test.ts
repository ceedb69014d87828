/**
 * However events are dealt to shards, connections and batches, merged panes give the same rows:
 * those that one shard would give, and those that plain arithmetic over the events gives.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import type { Event, Value } from '../../src/model/value.ts';
import { GroupMerge } from '../../src/operator/merge-panes.ts';
import { PaneTable } from '../../src/operator/pane-table.ts';
import type { GroupPartial } from '../../src/aggregate/group-partial.ts';
import { namePath, TestConnection, TestInterner } from '../support/batch-builder.ts';
import { lawParameters } from '../support/laws.ts';
import { aggregateSpec, call, field, literal, planOf } from '../support/hand-plans.ts';

const PLAN = planOf({
  where: call('ne', field('k'), literal('gone')),
  keys: [field('k'), field('m')],
  aggregates: [
    aggregateSpec('count', null),
    aggregateSpec('sum', field('x')),
    aggregateSpec('quantile', field('x'), { parameters: [0.5] }),
    aggregateSpec('count_distinct', field('x')),
    aggregateSpec('max', field('m')),
  ],
});
const STAGE = PLAN.aggregate!;
const PATHS = ['k', 'm', 'x'].map(namePath);

interface Dealt {
  readonly event: Event;
  readonly timeMs: number;
  readonly shard: number;
  readonly connection: number;
}

const dealt: fc.Arbitrary<Dealt> = fc.record({
  event: fc.record({
    k: fc.constantFrom<Value>('a', 'b', 'gone', null),
    m: fc.constantFrom<Value>(1, 'one', true, null, 2.5),
    x: fc.constantFrom<Value>(null, 1, 2, 3.5, -4),
  }),
  timeMs: fc.integer({ min: 0, max: 2_999 }),
  shard: fc.nat({ max: 2 }),
  connection: fc.nat({ max: 1 }),
});

/** Rows by window start, with events dealt to `shards` shards. */
function rowsOf(
  events: readonly Dealt[],
  shards: number,
  batchRows: number,
): [number, Value[][]][] {
  const partials: [number, GroupPartial][] = [];
  for (let shard = 0; shard < shards; shard++) {
    const interner = new TestInterner();
    const table = new PaneTable(PLAN, { config: DEFAULTS, closedThroughMs: 0 });
    for (const name of [0, 1]) {
      const connection = new TestConnection({ interner, agentId: `${shard}/${name}` });
      const own = events.filter((one) => one.shard % shards === shard && one.connection === name);
      for (let at = 0; at < own.length; at += batchRows) {
        const part = own.slice(at, at + batchRows);
        const times = part.map(({ timeMs }) => timeMs);
        const shown = part.map(({ event }) => event);
        const plain = name === 1;
        table.addBatch(connection.batch(shown, { paths: PATHS, times, plain }), { nowMs: 0 });
      }
    }
    for (const pane of structuredClone(table.closeThrough(3_000))) {
      partials.push([pane.paneStartMs, pane.groups!]);
    }
  }
  return [0, 1_000, 2_000].map((startMs) => {
    const merge = new GroupMerge(STAGE, { groupsMax: 100 });
    for (const [start, groups] of partials) if (start === startMs) merge.add(groups);
    return [startMs, merge.rows({ windowMs: 1_000, coveredMs: 1_000 })];
  });
}

test('any dealing of events gives the rows of one shard', () => {
  fc.assert(
    fc.property(
      fc.array(dealt, { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (events, n) => {
        const whole = rowsOf(events, 1, 1_000);
        expect(rowsOf(events, 3, n)).toEqual(whole);
        for (const [startMs, rows] of whole) {
          const inWindow = events.filter(
            ({ event, timeMs }) =>
              timeMs >= startMs && timeMs < startMs + 1_000 && event['k'] !== 'gone',
          );
          const counted = rows.reduce((sum, row) => sum + (row[2] as number), 0);
          const summed = rows.reduce((sum, row) => sum + (row[3] as number), 0);
          expect(counted).toBe(inWindow.length);
          expect(summed).toBe(
            inWindow.reduce((sum, { event }) => sum + Number(event['x'] ?? 0), 0),
          );
        }
      },
    ),
    lawParameters(150),
  );
});
