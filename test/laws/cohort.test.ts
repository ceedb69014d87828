/**
 * Many queries evaluated together give what each gives alone: the same panes, the same counts of
 * what was seen, late or dropped, whoever joins or leaves, closes early or late, whatever columns
 * the values come in.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aloneContext } from '../support/alone-context.ts';
import { configWith } from '../../src/config.ts';
import type { QueryPlan } from '../../src/ir/plan.ts';
import type { Event, Value } from '../../src/model/value.ts';
import { GroupMerge } from '../../src/operator/merge-panes.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { Cohorts } from '../../src/shard/cohorts.ts';
import type { PanesMessage } from '../../src/shard/messages.ts';
import { createStage } from '../../src/shard/pipeline-stage.ts';
import type { PipelineStage } from '../../src/shard/pipeline-stage.ts';
import { namePath, TestConnection, TestInterner } from '../support/batch-builder.ts';
import { lawParameters } from '../support/laws.ts';

const CONFIG = configWith({ windowRowsMax: 3 });
const LATEST_MS = 9_000;

const CONJUNCTS = [
  ...["k = 'a'", "'b' = k", "k = 'gone'", 'm = 1', 'm = 2.5', 'm = true', "m = 'one'"],
  ...[
    'x > 1',
    'x > 2',
    '2 >= x',
    'x < 3',
    'm <= 1',
    'x is null',
    "k != 'a'",
    "k like 'a%' or m = 1",
    'not (x < 3)',
    'm = null',
  ],
];
const SELECTS = [
  // The first few have states that queries without keys share.
  ...['count(*) as n', 'avg(x) as mean, rate() as r', 'rate(x) as r', 'count(*) as n'],
  ...['count(x) as n, sum(x) as s', 'max(x) as hi, k'],
  ...['count(*) filter (where m = 1) as n', 'first(m) as f, p50(x) as p', 'k, m, x'],
];

const queryText = fc
  .record({
    select: fc.constantFrom(...SELECTS),
    where: fc.subarray(CONJUNCTS, { maxLength: 3 }),
    by: fc.constantFrom('', ' group by k', ' group by k, m'),
    window: fc.constantFrom('1s', '2s'),
  })
  .map(({ select, where, by, window }) => {
    const condition = where.map((part) => `(${part})`).join(' and ');
    const filter = where.length === 0 ? '' : ` where ${condition}`;
    // All fields are read, so that most of the queries share a cohort.
    const all = select === 'k, m, x' ? select : `${select}, max(k) as a, sum(m) as b, min(x) as c`;
    const grouping = select === 'k, m, x' ? '' : by;
    return `select ${all} from stream${filter} window ${window}${grouping}`;
  });

const event = fc.record({
  k: fc.constantFrom<Value>('a', 'b', 'ab', null),
  m: fc.constantFrom<Value>(1, 'one', true, null, 2.5, -0),
  x: fc.constantFrom<Value>(null, 1, 2, 3.5, -4),
});

type Step =
  | { readonly do: 'join'; readonly text: string; readonly closedThroughMs: number }
  | { readonly do: 'leave' | 'peek' | 'close'; readonly who: number; readonly ms: number }
  | {
      readonly do: 'batch';
      readonly events: readonly Event[];
      readonly fromMs: number;
      readonly spreadMs: number;
      readonly covers: boolean;
      readonly plain: boolean;
    }
  | { readonly do: 'filtered'; readonly count: number; readonly ms: number };

const ms = fc.integer({ min: 0, max: 9_500 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      text: queryText,
      closedThroughMs: fc.constantFrom(0, 0, 2_000, 4_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('leave' as const, 'peek' as const, 'close' as const),
      who: fc.nat({ max: 20 }),
      ms,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('batch' as const),
      events: fc.array(event, { minLength: 1, maxLength: 12 }),
      fromMs: ms,
      spreadMs: fc.constantFrom(0, 0, 100, 2_000),
      covers: fc.nat({ max: 9 }).map((n) => n > 0),
      plain: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('filtered' as const),
      count: fc.nat({ max: 3 }),
      ms,
    }),
  },
);

interface Pair {
  readonly plan: QueryPlan;
  readonly together: PipelineStage;
  readonly alone: PipelineStage;
}

/** What a message says, whether empty states are spelt out or not. */
function meaningOf({ aggregate }: QueryPlan, message: PanesMessage | null): unknown {
  const panes = message?.panes.map(({ paneStartMs, seen, matched, groups, rows }) => {
    if (aggregate === null) return { paneStartMs, seen, matched, rows };
    const merge = new GroupMerge(aggregate, { groupsMax: 100 });
    if (groups !== null && matched > 0) merge.add(groups);
    const merged = merge.rows({ windowMs: 1_000, coveredMs: 1_000 });
    return { paneStartMs, seen, matched, merged };
  });
  return { panes, late: message?.late, dropped: message?.dropped };
}

function planOf(text: string): QueryPlan {
  const { plan, diagnostics } = planQuery(text, { mode: 'live' });
  if (plan === null) throw new Error(`${text}: ${JSON.stringify(diagnostics)}`);
  return plan;
}

test('queries that are evaluated together answer as each does alone', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 40 }), (steps) => {
      const cohorts = new Cohorts(CONFIG);
      const connection = new TestConnection({ interner: new TestInterner() });
      const pairs: Pair[] = [];
      const together = () => new Set(pairs.map((pair) => cohorts.of(pair.together)!));
      const check = (pair: Pair, of: (stage: PipelineStage) => PanesMessage | null): void => {
        const meaning = (stage: PipelineStage): unknown => meaningOf(pair.plan, of(stage));
        expect(meaning(pair.together)).toStrictEqual(meaning(pair.alone));
      };
      for (const [i, one] of steps.entries()) {
        switch (one.do) {
          case 'join': {
            const { text, closedThroughMs } = one;
            const plan = planOf(text);
            const planned = { pipeline: `q${i}`, plan, home: null, share: null, closedThroughMs };
            const alone = createStage(planned, aloneContext(CONFIG));
            pairs.push({ plan, together: cohorts.join(planned)!, alone });
            break;
          }
          case 'batch': {
            const { events, fromMs, spreadMs, plain, covers } = one;
            const times = events.map((_event, at) => fromMs + (at * spreadMs) / events.length);
            const paths = (covers ? ['k', 'm', 'x'] : ['k', 'm']).map(namePath);
            const batch = connection.batch(events, { paths, times, plain });
            const clock = { nowMs: 0, latestMs: LATEST_MS };
            for (const cohort of together()) cohort.addBatch(batch, clock);
            for (const { alone } of pairs) alone.addBatch(batch, clock);
            break;
          }
          case 'filtered':
            for (const cohort of together()) cohort.addFiltered(one.ms, one.count);
            for (const { alone } of pairs) alone.addFiltered(one.ms, one.count);
            break;
          default: {
            const at = one.who % Math.max(1, pairs.length);
            const pair = pairs[at];
            if (pair === undefined) break;
            if (one.do === 'peek') check(pair, (stage) => stage.peek(one.ms));
            else check(pair, (stage) => stage.close(Math.floor(one.ms / 2_000) * 2_000, []));
            if (one.do !== 'leave') break;
            pairs.splice(at, 1);
            cohorts.leave(pair.together);
          }
        }
      }
      for (const pair of pairs) check(pair, (stage) => stage.close(12_000, []));
    }),
    lawParameters(300),
  );
});
