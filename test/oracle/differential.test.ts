/**
 * The live path against the oracle on random queries and streams: edge filters and partials, wire,
 * kernels, panes and their merge with one and four shards, with optimizer rules on and off, however
 * events are dealt, reordered, batched and sent again, and with some that come too late. `SEED=`
 * replays a failure, `RUNS=` is the number of query and stream pairs.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QUANTILE_RELATIVE_ERROR_MAX } from '../../src/sketch/quantile.ts';
import { configWith } from '../../src/config.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { bothAnswers, differenceOf, plansOf, RULE_NAMES } from '../support/both-answers.ts';
import type { Arrangement } from '../support/both-answers.ts';
import { QUERY_SHAPES } from '../support/random-query.ts';
import { randomStream, STREAM_START_MS, twoStreams } from '../support/random-stream.ts';

const PAIRS = Number(process.env['RUNS'] ?? (process.env['CI'] === undefined ? 5_200 : 20_000));
/** Of each query between 1 and this many streams: planning is paid once, shrinking leaves one. */
const STREAMS_MAX = 7;
/** A wider search may take longer than other tests of the suite. */
const TIMEOUT_MS = Math.max(80_000, PAIRS * 10);
const SPAN_MS = 6_000;
const NOW_MS = STREAM_START_MS + SPAN_MS;
const SHAPES = Object.entries(QUERY_SHAPES);
/** Short memories, so that streams of a few seconds outlast them. */
const MEMORY = { rememberedWindows: 2, rememberedMs: 1_500 };
// Agents run generated code from the first event on, and under the other settings closures.
const CONFIG = configWith({ ...MEMORY, agentCodeAfter: 0 });
/** Dictionaries that fill up and start anew, frames of a few events. */
const TIGHT = configWith({
  ...MEMORY,
  dictionaryEntriesMax: 16,
  dictionaryBytesMax: 1_024,
  agentFlushEvents: 3,
});

const arrangement: fc.Arbitrary<Arrangement> = fc.record({
  shards: fc.constantFrom(1, 4),
  feed: fc.constantFrom('agents' as const, 'edge' as const, 'ingest' as const),
  breaks: fc.boolean(),
  batchRows: fc.constantFrom(1, 3, 1_000),
  stepwise: fc.boolean(),
  late: fc.boolean(),
  seed: fc.nat(),
});
const withoutRules = fc.subarray([...RULE_NAMES]);

const stream = fc.record({
  seed: fc.nat(),
  size: fc.nat({ max: 40 }),
  how: arrangement,
  config: fc.constantFrom(CONFIG, TIGHT),
});
const streams = fc.array(stream, { minLength: 1, maxLength: STREAMS_MAX, size: 'max' });

function parameters(numRuns: number): fc.Parameters<unknown> {
  const seed = process.env['SEED'];
  return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };
}

describe('the live path equals the oracle', () => {
  const runs = Math.ceil(PAIRS / ((1 + STREAMS_MAX) / 2) / SHAPES.length);

  test.each(SHAPES)(
    'on %s',
    (_shape, query) => {
      fc.assert(
        fc.property(query, withoutRules, streams, (text, without, cases) => {
          const plans = plansOf(text, without, CONFIG);
          for (const { seed, size, how, config } of cases) {
            const drawn = randomStream(seed, size, SPAN_MS);
            const isOne = plans.plan.sources.length === 1;
            const events = isOne ? drawn : twoStreams(drawn, seed);
            const both = bothAnswers(plans, events, how, { config, nowMs: NOW_MS });
            expect(
              differenceOf(both),
              `${text} without ${without.join(', ')}\n${JSON.stringify(how)}`,
            ).toBeNull();
          }
        }),
        parameters(runs),
      );
    },
    TIMEOUT_MS,
  );

  test.each([
    'select count(*) as n, sum(n) as s, first(s) as f, p50(x) as p window 10s group by g',
    'select count(*) as n, max(n) as m group by g order by n desc, m',
    'select count(distinct s) as n, topk(s, 3) as t, list(n) as list2 where b group by g',
  ])('when there are more groups than the cap: %s', (text) => {
    const config = configWith({ groupsMax: 3 });
    const plans = plansOf(text, [], config);
    fc.assert(
      fc.property(stream, ({ seed, size, how }) => {
        const events = randomStream(seed, size, SPAN_MS);
        expect(differenceOf(bothAnswers(plans, events, how, { config, nowMs: NOW_MS }))).toBeNull();
      }),
      parameters(Math.ceil(PAIRS / 100)),
    );
  });
});

describe('sketches stay within what they state', () => {
  const SIZE = 4_000;
  /** Six times the standard error of HyperLogLog with 4,096 registers. */
  const DISTINCT_ERROR = 6 * 0.016;
  const text = `select p50(v) as q50, p90(v) as q90, p999(v) as q999, median(v) as q,
    count_distinct(k) as d, topk(g, 3) as t window 10s`;

  function streamOf(seed: number): Parameters<typeof bothAnswers>[1] {
    return randomStream(seed, SIZE, SPAN_MS).map((one, i) => {
      const v = ((i * 7_919) % SIZE) ** 1.5 + 0.25;
      return { ...one, event: { ...one.event, v, k: `k${i % 3_000}` } };
    });
  }

  function within(engine: ValueObject, oracle: ValueObject, name: string, error: number): void {
    const [actual, wanted] = [Number(engine[name]), Number(oracle[name])];
    expect(Math.abs(actual - wanted), name).toBeLessThanOrEqual(error * Math.abs(wanted));
  }

  test.each([1, 4])('over %i shards', (shards) => {
    const how = { feed: 'agents', batchRows: 500, stepwise: false } as const;
    const plans = plansOf(text, [], CONFIG);
    for (const seed of [1, 2, 3]) {
      const events = streamOf(seed);
      const both = bothAnswers(
        plans,
        events,
        { ...how, shards, seed },
        { config: CONFIG, nowMs: NOW_MS },
      );
      expect(both.miscounted).toBeNull();
      const [engine, oracle] = [both.pairs[0]!.engine[0]!, both.pairs[0]!.oracle[0]!];
      for (const q of ['q', 'q50', 'q90', 'q999']) {
        within(engine, oracle, q, QUANTILE_RELATIVE_ERROR_MAX);
      }
      within(engine, oracle, 'd', DISTINCT_ERROR);
      expect(engine['t']).toEqual(oracle['t']);
    }
  });
});
