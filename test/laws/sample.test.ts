/**
 * A sampled query has one answer: however its events are dealt to agents or bodies, shards and
 * batches, the live path gives what the naive reference says.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import type { QueryPlan } from '../../src/ir/plan.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import { lawParameters } from '../support/laws.ts';
import { agentIdOf, runShards, windowRows } from '../support/live-path.ts';
import { STREAM, TIME_FIELD } from '../support/socketless-agent.ts';
import type { DealtEvent } from '../support/live-path.ts';
import { rowsDiffer } from '../support/row-difference.ts';

const NOW_MS = 1_700_000_000_000;
const SPAN_MS = 3_000;

const sample = fc.record({
  strategy: fc.constantFrom('RANDOM', 'STICKY'),
  threshold: fc.constantFrom(0, 1, 3, 5, 9),
  factor: fc.constant(10),
  keys: fc.constantFrom(['k'], ['o.id'], ['k', 'o.id']),
  salt: fc.oneof(fc.nat({ max: 20 }), fc.constant('x')),
  separator: fc.boolean(),
});

const events = fc.array(
  fc.record({
    k: fc.constantFrom('a', 'b', 'c', 1, true, null),
    o: fc.record({ id: fc.nat({ max: 30 }) }),
    x: fc.integer({ min: -9, max: 9 }),
    atMs: fc.integer({ min: 0, max: SPAN_MS - 1 }),
    sender: fc.nat({ max: 3 }),
  }),
  { maxLength: 150 },
);

const setup = fc.record({
  spec: sample,
  extrapolate: fc.boolean(),
  where: fc.constantFrom('', 'where x > 0'),
  made: events,
  feed: fc.constantFrom('agents' as const, 'ingest' as const),
  shards: fc.integer({ min: 1, max: 3 }),
  batchRows: fc.integer({ min: 1, max: 50 }),
});

type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

const LIST = 'count(*) as n, sum(x) as s, rate() as r, count(distinct k) as d, avg(x) as a';

function planOf({ spec, extrapolate, where }: Setup): QueryPlan {
  const json = JSON.stringify({ ...spec, extrapolate });
  const query = `select ${LIST} from stream window 1s ${where} sample ${json}`;
  const { plan } = planQuery(query);
  if (plan === null) throw new Error(`no plan of ${query}`);
  return plan;
}

function dealtFrom({ made }: Setup): readonly DealtEvent[] {
  return made
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, sender, ...event }) => {
      const timeMs = NOW_MS - SPAN_MS + atMs;
      return { event: { ...event, [TIME_FIELD]: timeMs }, timeMs, stream: STREAM, sender };
    });
}

test('the live path answers a sampled query as the reference does', () => {
  fc.assert(
    fc.property(setup, (given) => {
      const { feed, shards, batchRows } = given;
      const plan = planOf(given);
      const dealt = dealtFrom(given);
      const chunks = [{ events: dealt, closeMs: null }];
      const streams = [STREAM];
      const options = { config: DEFAULTS, shards, feed, batchRows, chunks, nowMs: NOW_MS, streams };
      const live = runShards(plan, options);
      const asSent = dealt.map(({ event, timeMs, sender }) => ({
        event,
        timeMs,
        stream: STREAM,
        agentId: agentIdOf(sender, options),
      }));
      const reference = runReference(plan, asSent, { nowMs: NOW_MS });
      expect({ seen: live.seen, matched: live.matched }).toStrictEqual({
        seen: reference.seen,
        matched: reference.matched,
      });
      const ends = reference.windows.map(({ windowEnd }) => windowEnd ?? NOW_MS);
      const rows = windowRows(plan, live.panes, ends, DEFAULTS);
      for (const [index, window] of reference.windows.entries()) {
        expect(rowsDiffer(rows[index] ?? [], window.rows, { ordered: true })).toBeNull();
      }
    }),
    lawParameters(40),
  );
});
