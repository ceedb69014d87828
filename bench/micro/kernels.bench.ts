/**
 * What evaluation costs a shard, in nanoseconds an event: batches of 512 events in columns, as
 * agents send them. Run by `npm run bench -- kernels`; figures are for one core, and
 * worth most as ratios within one run.
 */
import { bench, run, summary } from 'mitata';
import { DEFAULTS } from '../../src/config.ts';
import { createRng } from '../../src/core/rng.ts';
import { createEvalCounters } from '../../src/expr/context.ts';
import type { Expression } from '../../src/ir/expression.ts';
import { BatchView } from '../../src/kernel/batch-view.ts';
import { FieldSet } from '../../src/kernel/field-set.ts';
import { compilePredicate } from '../../src/kernel/predicate.ts';
import { allRows } from '../../src/kernel/selection.ts';
import type { EventBatch } from '../../src/model/batch.ts';
import { PaneTable } from '../../src/operator/pane-table.ts';
import { namePath, TestConnection } from '../../test/support/batch-builder.ts';
import { aggregateSpec, call, field, literal, planOf } from '../../test/support/hand-plans.ts';
import type { PlanParts } from '../../test/support/hand-plans.ts';

const EVENTS = 40_960;
const BATCH = 512;
const SEED = 42;

const rng = createRng(SEED);
const COUNTRIES = ['US', 'DE', 'FR', 'BR', 'IN'];

function batches(): EventBatch[] {
  const connection = new TestConnection();
  const paths = ['route', 'host', 'country', 'status', 'durMs', 'url'].map(namePath);
  const made: EventBatch[] = [];
  for (let at = 0; at < EVENTS; at += BATCH) {
    const events = Array.from({ length: BATCH }, () => ({
      route: `/api/v1/resource${rng.int(200)}`,
      host: `host-${rng.int(50)}`,
      country: COUNTRIES[rng.int(COUNTRIES.length)]!,
      status: rng.int(10) === 0 ? 500 : 200,
      durMs: Math.exp(rng.next() * 6),
      url: `https://example.test/${rng.int(1_000_000)}`,
    }));
    made.push(connection.batch(events, { paths, times: events.map(() => 500) }));
  }
  return made;
}

const INPUT = batches();

function filterBench(name: string, condition: Expression): void {
  const fields = new FieldSet();
  const kernel = compilePredicate(condition, fields, createEvalCounters());
  const view = new BatchView(fields);
  const out = new Uint32Array(BATCH);
  const rows = allRows(BATCH);
  bench(`filter: ${name}`, () => {
    let kept = 0;
    for (const batch of INPUT) {
      view.bind(batch, 0);
      kept += kernel.select(view, rows, BATCH, out);
    }
    return kept;
  });
}

function paneBench(name: string, parts: PlanParts): void {
  const table = new PaneTable(planOf({ groupsMax: 10_000, ...parts }), {
    config: DEFAULTS,
    closedThroughMs: 0,
  });
  bench(name, () => {
    for (const batch of INPUT) table.addBatch(batch, { nowMs: 0 });
    return table.openPanes;
  });
}

summary(() => {
  filterBench('3 predicates (status, country, durMs)', {
    op: 'and',
    args: [
      call('ge', field('status'), literal(500)),
      call('eq', field('country'), literal('US')),
      call('gt', field('durMs'), literal(20)),
    ],
  });
  filterBench('a regular expression over 200 strings', {
    op: 'match',
    mode: 'find',
    pattern: 'resource1[0-9]*$',
    arg: field('route'),
  });
  filterBench(
    'durMs / status > 0.1',
    call('gt', call('divide', field('durMs'), field('status')), literal(0.1)),
  );
  filterBench(
    'row closure (lower(country) = host)',
    call('eq', call('lower', field('country')), field('host')),
  );
});

summary(() => {
  paneBench('count', { aggregates: [aggregateSpec('count', null)] });
  paneBench('group by route: count', {
    keys: [field('route')],
    aggregates: [aggregateSpec('count', null)],
  });
  paneBench('group by route: count, sum, avg', {
    keys: [field('route')],
    aggregates: [
      aggregateSpec('count', null),
      aggregateSpec('sum', field('durMs')),
      aggregateSpec('avg', field('durMs')),
    ],
  });
  paneBench('group by host, route (10,000 groups): count', {
    keys: [field('host'), field('route')],
    aggregates: [aggregateSpec('count', null)],
  });
  paneBench('p99', {
    aggregates: [aggregateSpec('quantile', field('durMs'), { parameters: [0.99] })],
  });
  paneBench('group by route: p99', {
    keys: [field('route')],
    aggregates: [aggregateSpec('quantile', field('durMs'), { parameters: [0.99] })],
  });
});

interface Trial {
  readonly alias: string;
  readonly runs: readonly { readonly stats?: { readonly p50: number } }[];
}

const { benchmarks } = (await run()) as unknown as { readonly benchmarks: readonly Trial[] };

/** In the order above. */
export const nanosecondsPerEvent = benchmarks.map(({ alias, runs }) => ({
  name: alias,
  value: (runs[0]?.stats?.p50 ?? Number.NaN) / EVENTS,
}));
