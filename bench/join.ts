/**
 * What joins cost a shard: nanoseconds an event of one thread, and what an event that is held takes
 * up. Streams of plays and errors, a pair for every other play, keys that are nearly all different;
 * a window's worth of events is held all the time.
 */
import { DEFAULTS } from '../src/config.ts';
import type { QueryPlan } from '../src/ir/plan.ts';
import { allRows } from '../src/kernel/selection.ts';
import type { EventBatch } from '../src/model/batch.ts';
import { JoinProgram } from '../src/operator/join-program.ts';
import { TableColumns } from '../src/operator/table-columns.ts';
import { planQuery } from '../src/plan/plan-query.ts';
import { namePath, TestConnection } from '../test/support/batch-builder.ts';
import { createInterner } from '../src/wire/interner.ts';
import { figure, medianOf } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';

const BATCH = 512;
const BATCHES = 400;
/** Of event time between two batches: 50,000 events a second. */
const STEP_MS = BATCH / 50;
const WITHIN_MS = 2_000;
const ROUNDS = { quick: 3, full: 7 };

const CASES: readonly (readonly [name: string, query: string])[] = [
  ['inner', `from plays p join errors x within ${WITHIN_MS}ms on p.session = x.session`],
  ['left', `from plays p left join errors x within ${WITHIN_MS}ms on p.session = x.session`],
  ['table', 'from plays p join titles t on p.title = t.id'],
];

export async function joinBench({ quick, say }: BenchContext): Promise<BenchCase[]> {
  const cases: BenchCase[] = [];
  for (const [name, from] of CASES) {
    const columns = name === 'table' ? 'p.region, t.name' : 'p.region, x.code';
    const plan = planOf(`select ${columns}, count(*) as n ${from} window 1s group by ${columns}`);
    const rounds = Array.from({ length: quick ? ROUNDS.quick : ROUNDS.full }, () =>
      runOnce(plan, name === 'table'),
    );
    const nanoseconds = medianOf(rounds.map((round) => round.nanoseconds));
    const [{ out, bytesPerRow, held }] = rounds as [Round];
    say(`${name}: ${out} rows out, ${held} held`);
    cases.push(figure(name, 'nanosecondsPerEvent', nanoseconds, 'ns'));
    if (held > 0) cases.push(figure(name, 'bytesPerHeldEvent', bytesPerRow, 'bytes'));
  }
  return cases;
}

interface Round {
  readonly nanoseconds: number;
  readonly out: number;
  /** Most rows that were held at once, and what the program says one takes up. */
  readonly held: number;
  readonly bytesPerRow: number;
}

function runOnce(plan: QueryPlan, isTable: boolean): Round {
  const interner = createInterner(DEFAULTS.internBytesMax);
  const batches = batchesOf(isTable);
  const titles = Array.from({ length: 1_000 }, (_, i) => ({
    id: `title-${i}`,
    name: `Title ${i}`,
  }));
  const table = { name: 'titles', version: 1, keyColumn: 'id', rows: titles };
  const columns = new TableColumns(table, interner);
  let out = 0;
  const program = new JoinProgram(plan, plan.join!, {
    ...{ config: DEFAULTS, interner, table: () => columns },
    emit: (batch, _rows, n) => {
      // What follows reads columns: gathering them belongs to the join.
      for (let column = 0; column < batch.fields.length; column++) batch.column(column);
      out += n;
    },
  });
  let held = 0;
  let bytes = 0;
  const clock = { nowMs: 0 };
  const began = process.hrtime.bigint();
  for (const batch of batches) {
    program.add(batch, allRows(batch.rows), batch.rows, clock);
    program.advance(batch.span.minMs - STEP_MS, clock);
    if (program.held.rows > held) ({ rows: held, bytes } = program.held);
  }
  const nanoseconds = Number(process.hrtime.bigint() - began) / (batches.length * BATCH);
  return { nanoseconds, out, held, bytesPerRow: held === 0 ? 0 : bytes / held };
}

/**
 * Plays and errors in turn; the error of every other play comes about half a second later. Sessions
 * are plain texts, as senders ship what hardly repeats; titles come from a dictionary.
 */
function batchesOf(isTable: boolean): EventBatch[] {
  const plays = new TestConnection();
  const errors = new TestConnection();
  const made: EventBatch[] = [];
  for (let b = 0; b < BATCHES; b++) {
    const timeMs = 1_700_000_000_000 + b * STEP_MS;
    const isPlays = isTable || b % 2 === 0;
    const events = Array.from({ length: BATCH }, (_, i) => {
      const id = (b >> 1) * BATCH + i;
      return isPlays
        ? { session: `s-${id}`, region: `region-${id % 5}`, title: `title-${id % 1_500}` }
        : { session: `s-${2 * (((id - BATCH * 20) / 2) | 0)}`, code: `E-${id % 20}` };
    });
    const fields = isTable ? ['region', 'title'] : ['session', isPlays ? 'region' : 'code'];
    const paths = fields.map(namePath);
    const stream = isPlays ? 'plays' : 'errors';
    const connection = isPlays ? plays : errors;
    made.push(
      connection.batch(events, { paths, stream, plain: !isTable, times: events.map(() => timeMs) }),
    );
  }
  return made;
}

function planOf(text: string): QueryPlan {
  const { plan, diagnostics } = planQuery(text);
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return plan;
}
