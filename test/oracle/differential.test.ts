/**
 * The live path against the oracle on random queries and streams: edge filters, wire, kernels,
 * panes and their merge with one and four shards, with optimizer rules on and off, however events
 * are dealt, reordered and batched. `SEED=` replays a failure, `RUNS=` is the number of query and
 * stream pairs.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configWith } from '../../src/config.ts';
import { createRng } from '../../src/core/rng.ts';
import type { QueryPlan } from '../../src/ir/plan.ts';
import { RULES } from '../../src/plan/optimize.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import type { ReferenceRun } from '../../src/reference/run.ts';
import { agentIdOf, passedRows, runningRows, runShards, windowRows } from '../support/live-path.ts';
import type { DealtEvent, LivePathOptions } from '../support/live-path.ts';
import { QUERY_SHAPES } from '../support/random-query.ts';
import { randomStream, shuffled, STREAM_START_MS } from '../support/random-stream.ts';
import { rowsDiffer } from '../support/row-difference.ts';

const PAIRS = Number(process.env['RUNS'] ?? 5_600);
/** Of each query between 1 and this many streams: planning is paid once, shrinking leaves one. */
const STREAMS_MAX = 7;
const SPAN_MS = 6_000;
const NOW_MS = STREAM_START_MS + SPAN_MS;
const SHAPES = Object.entries(QUERY_SHAPES);
/** Short memories, so that streams of a few seconds outlast them. */
const CONFIG = configWith({ rememberedWindows: 2, rememberedMs: 1_500 });
const RULE_NAMES = RULES.map((rule) => rule.name);

const arrangement = fc.record({
  shards: fc.constantFrom(1, 4),
  feed: fc.constantFrom('agents' as const, 'ingest' as const),
  batchRows: fc.constantFrom(1, 3, 1_000),
  stepwise: fc.boolean(),
  seed: fc.nat(),
  withoutRules: fc.subarray(RULE_NAMES),
});
type Arrangement = typeof arrangement extends fc.Arbitrary<infer T> ? T : never;

function planOf(text: string, disabledRules: readonly string[]): QueryPlan {
  const options = { mode: 'live', config: CONFIG, disabledRules: new Set(disabledRules) } as const;
  const { plan, diagnostics } = planQuery(text, options);
  if (plan === null) throw new Error(`${text}: ${JSON.stringify(diagnostics)}`);
  return plan;
}

/** Any order within the stream or, step by step, within its panes, which close one by one. */
function chunksOf(
  plan: QueryPlan,
  stream: readonly DealtEvent[],
  { stepwise, seed }: Arrangement,
): LivePathOptions['chunks'] {
  const events = shuffled(stream, createRng(seed));
  if (!stepwise) return [{ events, closeMs: null }];
  const { paneMs } = plan.window;
  const paneOf = ({ timeMs }: DealtEvent): number => Math.floor(timeMs / paneMs);
  const panes = [...new Set(events.map(paneOf))].sort((a, b) => a - b);
  return panes.map((pane) => ({
    events: events.filter((event) => paneOf(event) === pane),
    closeMs: (pane + 1) * paneMs,
  }));
}

function oracleOf(plan: QueryPlan, options: LivePathOptions): ReferenceRun {
  const sequences = new Map<string, number>();
  const events = options.chunks
    .flatMap((chunk) => chunk.events)
    .map(({ event, timeMs, sender }) => {
      const agentId = agentIdOf(sender, options);
      const sequence = (sequences.get(agentId) ?? 0) + 1;
      sequences.set(agentId, sequence);
      return { event, timeMs, agentId, sequence };
    });
  const { rememberedWindows, rememberedMs } = CONFIG;
  return runReference(plan, events, { nowMs: NOW_MS, rememberedWindows, rememberedMs });
}

/** What differs between the oracle's answer and the engine's; null: nothing. */
function difference(text: string, stream: readonly DealtEvent[], how: Arrangement): string | null {
  const plain = planOf(text, RULE_NAMES);
  const plan = planOf(text, how.withoutRules);
  const { shards, feed, batchRows } = how;
  const chunks = chunksOf(plan, stream, how);
  const options: LivePathOptions = {
    config: CONFIG,
    shards,
    feed,
    batchRows,
    chunks,
    nowMs: NOW_MS,
  };
  const oracle = oracleOf({ ...plain, final: { ...plain.final, endAfter: null } }, options);
  const live = runShards(plan, options);
  const counts = { seen: live.seen, matched: live.matched, late: live.late };
  // A HAVING over keys may move into the filter, which then lets fewer events pass.
  const miscounted = plain.final.having === null && live.matched !== oracle.matched;
  if (miscounted || live.seen !== oracle.seen || live.late !== 0) {
    return `counts ${JSON.stringify(counts)}, wanted ${oracle.seen} seen, ${oracle.matched} matched`;
  }
  if (plan.window.kind === 'none') {
    const wanted = oracle.windows[0]!.rows;
    if (plan.aggregate === null) {
      return rowsDiffer(passedRows(plan, live.rows), wanted, { ordered: false });
    }
    const times = stream.map(({ timeMs }) => timeMs);
    const elapsedMs = times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
    return rowsDiffer(runningRows(plan, live.panes, elapsedMs), wanted, { ordered: true });
  }
  const ends = oracle.windows.map(({ windowEnd }) => windowEnd!);
  const answers = windowRows(plan, live.panes, ends, CONFIG);
  for (const [i, { rows, windowEnd }] of oracle.windows.entries()) {
    const differs = rowsDiffer(answers[i]!, rows, { ordered: true });
    if (differs !== null) return `window to ${windowEnd! - STREAM_START_MS}: ${differs}`;
  }
  return null;
}

const stream = fc.record({ seed: fc.nat(), size: fc.nat({ max: 40 }), how: arrangement });
const streams = fc.array(stream, { minLength: 1, maxLength: STREAMS_MAX, size: 'max' });
const runs = Math.ceil(PAIRS / ((1 + STREAMS_MAX) / 2) / SHAPES.length);
const seed = process.env['SEED'];

describe('the live path equals the oracle', () => {
  test.each(SHAPES)('on %s', (_shape, query) => {
    fc.assert(
      fc.property(query, streams, (text, cases) => {
        for (const { seed: streamSeed, size, how } of cases) {
          const events = randomStream(streamSeed, size, SPAN_MS);
          expect(difference(text, events, how), `${text}\n${JSON.stringify(how)}`).toBeNull();
        }
      }),
      seed === undefined ? { numRuns: runs } : { numRuns: runs, seed: Number(seed) },
    );
  });
});
