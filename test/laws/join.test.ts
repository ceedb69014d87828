/**
 * The join operator by itself against the naive join: any dealing of events to batches and senders,
 * any order that watermarks allow, dictionaries or plain texts, with LEFT and residual conditions;
 * and its bounds.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import { createRng } from '../../src/core/rng.ts';
import type { QueryPlan } from '../../src/ir/plan.ts';
import { cellReader } from '../../src/wire/cell-reader.ts';
import { allRows } from '../../src/kernel/selection.ts';
import type { EventBatch } from '../../src/model/batch.ts';
import type { Event, Value } from '../../src/model/value.ts';
import { JoinProgram } from '../../src/operator/join-program.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import { createInterner } from '../../src/wire/interner.ts';
import { namePath, TestConnection } from '../support/batch-builder.ts';
import { lawParameters } from '../support/laws.ts';

const QUERIES = [
  'select p.i as c0, x.i as c1 from a p join b x within 20ms on p.k = x.k',
  'select p.i as c0, x.i as c1 from a p left join b x within 20ms on p.k = x.k',
  'select p.i as c0, x.i as c1 from a p left join b x within 7ms on p.k = x.k and p.i < x.i',
  'select p.i as c0, x.i as c1 from a p join b x within 60ms on p.k = x.k and p.t = x.t',
  'select p.i as c0, y.i as c1 from a p left join b x within 20ms on k join b y within 9ms on x.i = y.i',
  'select p.i as c0, y.i as c1 from a p left join b x within 9ms on k left join a y within 30ms on p.k = y.k and y.i != p.i',
] as const;
const PATHS = ['k', 't', 'i'].map(namePath);

interface Dealt {
  readonly stream: 'a' | 'b';
  readonly timeMs: number;
  readonly event: Event;
}

const key = fc.constantFrom<Value>(1, 2, '1', 'x', 'é', null, true, { n: 1 });
const dealt: fc.Arbitrary<Omit<Dealt, 'event'> & { k: Value; t: Value }> = fc.record({
  stream: fc.constantFrom('a' as const, 'b' as const),
  timeMs: fc.integer({ min: 0, max: 120 }),
  k: key,
  t: fc.constantFrom<Value>('u', 'v'),
});

function planOf(text: string): QueryPlan {
  const { plan, diagnostics } = planQuery(text, { mode: 'finite' });
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

function batchesOf(events: readonly Dealt[], rows: number, plain: boolean): EventBatch[] {
  const connections = [0, 1].map((sender) => new TestConnection({ agentId: `agent-${sender}` }));
  const made: EventBatch[] = [];
  for (let from = 0; from < events.length; from += rows) {
    const some = events.slice(from, from + rows);
    for (const stream of ['a', 'b'] as const) {
      const own = some.filter((one) => one.stream === stream);
      if (own.length === 0) continue;
      const times = own.map(({ timeMs }) => timeMs);
      const options = { paths: PATHS, stream, plain, times };
      made.push(
        connections[from % 2]!.batch(
          own.map(({ event }) => event),
          options,
        ),
      );
    }
  }
  return made;
}

/** Pairs as texts, sorted; times too, which the reference gives by `event_time()`. */
function joined(
  plan: QueryPlan,
  chunks: readonly { readonly batches: readonly EventBatch[]; readonly watermarkMs: number }[],
  config = DEFAULTS,
): { readonly rows: readonly string[]; readonly program: JoinProgram } {
  const rows: string[] = [];
  const [left, right] = plan.final.columns.map(({ name }) => name);
  const fieldsOf = plan.project.map((slot) => JSON.stringify(slot));
  const program = new JoinProgram(plan, plan.join!, {
    ...{ config, interner: createInterner(DEFAULTS.internBytesMax), table: () => null },
    emit: (batch, selected, n) => {
      const readers = ['p', plan.join!.steps.length > 1 ? 'y' : 'x'].map((alias) => {
        const at = batch.fields.findIndex(({ text }) => text === `\`${alias}\`.i`);
        return cellReader(batch.column(at));
      });
      for (let i = 0; i < n; i++) {
        const row = selected[i]!;
        const [p, x] = readers.map((read) => read(row));
        rows.push(JSON.stringify([p ?? null, x ?? null, batch.times[row]]));
      }
    },
  });
  expect([left, right, fieldsOf.length]).toEqual(['c0', 'c1', 2]);
  for (const { batches, watermarkMs } of chunks) {
    for (const batch of batches) program.add(batch, allRows(batch.rows), batch.rows, { nowMs: 0 });
    program.advance(watermarkMs, { nowMs: 0 });
  }
  return { rows: rows.toSorted(), program };
}

function expected(text: string, events: readonly Dealt[]): readonly string[] {
  const plan = planOf(text.replace('select ', 'select event_time() as at, '));
  const [window] = runReference(plan, events, { nowMs: 0 }).windows;
  return window!.rows
    .map(({ at, c0, c1 }) => JSON.stringify([c0 ?? null, c1 ?? null, at]))
    .toSorted();
}

function eventsOf(list: readonly (Omit<Dealt, 'event'> & { k: Value; t: Value })[]): Dealt[] {
  return list.map(({ k, stream, t, timeMs }, i) => ({ stream, timeMs, event: { k, t, i } }));
}

describe('a windowed join', () => {
  it.each(QUERIES)('gives what nested loops give: %s', (text) => {
    const plan = planOf(text);
    fc.assert(
      fc.property(
        fc.array(dealt, { maxLength: 40 }),
        fc.constantFrom(1, 3, 100),
        fc.boolean(),
        fc.nat(),
        (list, batchRows, plain, seed) => {
          const events = eventsOf(list);
          const rng = createRng(seed);
          // Every event comes before the watermark passes it, otherwise in any order.
          const steps = [30, 31, 60, 90, 1_000];
          const due = events.map((one) => {
            const first = steps.findIndex((ms) => one.timeMs < ms);
            return { one, step: rng.int(first + 1) };
          });
          const chunks = steps.map((watermarkMs, step) => {
            const own = due.filter((each) => each.step === step).map(({ one }) => one);
            const shuffled = own.map((one) => ({ one, by: rng.next() }));
            shuffled.sort((a, b) => a.by - b.by);
            const batches = batchesOf(
              shuffled.map(({ one }) => one),
              batchRows,
              plain,
            );
            return { batches, watermarkMs };
          });
          const { rows, program } = joined(plan, chunks);
          expect(rows).toEqual(expected(text, events));
          expect(program.held).toEqual({ rows: 0, bytes: 0 });
          expect(program.dropped).toBe(0);
        },
      ),
      lawParameters(120),
    );
  });

  it('keeps no more rows than it may, counts the others, and gives no pair that is none', () => {
    const text = QUERIES[0];
    const plan = planOf(text);
    const config = { ...DEFAULTS, joinRowsMax: 5 };
    fc.assert(
      fc.property(fc.array(dealt, { minLength: 10, maxLength: 40 }), (list) => {
        const events = eventsOf(list);
        const batches = batchesOf(events, 7, false);
        const { rows, program } = joined(plan, [{ batches, watermarkMs: 0 }], config);
        expect(program.held.rows).toBeLessThanOrEqual(5);
        const keyed = events.filter(({ event }) => event['k'] !== null).length;
        expect(program.held.rows + program.dropped).toBe(keyed);
        const all = expected(text, events);
        expect(rows.filter((row) => !all.includes(row))).toEqual([]);
        expect(new Set(rows).size).toBe(rows.length);
      }),
      lawParameters(60),
    );
  });

  it('looks at no more pairs in a second than it may, however hot a key is', () => {
    const pairsMax = 10_000;
    const config = { ...DEFAULTS, joinPairsPerSecondMax: pairsMax };
    const events = Array.from({ length: 4_000 }, (_, i): Dealt => {
      return { stream: i % 2 === 0 ? 'a' : 'b', timeMs: 1, event: { k: 'hot', t: 'u', i } };
    });
    const batches = batchesOf(events, 100, false);
    const inner = joined(planOf(QUERIES[0]), [{ batches, watermarkMs: 1_000 }], config);
    expect(inner.rows).toHaveLength(pairsMax);
    expect(new Set(inner.rows).size).toBe(pairsMax);
    expect(inner.program.cut).toBeGreaterThan(3_000);
    // Those that were cut short are not taken for some that met nothing.
    const left = joined(planOf(QUERIES[1]), [{ batches, watermarkMs: 1_000 }], config);
    expect(left.rows.filter((row) => row.includes('null'))).toEqual([]);
  });
});
