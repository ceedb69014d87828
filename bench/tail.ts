/**
 * From an event to the client who waits for it: a filter without a window, agents as services embed
 * them, 100,000 events a second published of which one in a hundred matches. Latency counts from
 * the moment at which the event was due, so whoever stalls is charged for it.
 */
import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { DEFAULTS } from '../src/config.ts';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { Child } from './harness/child.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import { Subscribers } from './harness/subscribers.ts';
import { waitMs } from './harness/wait.ts';
import type { PublishOrder } from './load/publisher-process.ts';
import { STREAM } from './workload.ts';

const AGENTS = 8;
const EVENTS_PER_SECOND = 100_000;
const EVERYTH = 100;
const WARM_MS = 2_000;
const FULL_MS = 30_000;
const QUICK_MS = 10_000;
const P50_MAX_MS = 5;
const P99_MAX_MS = 25;
const QUERY = `select dueMs, service, route, durMs from ${STREAM} where status >= 500`;

/** Agents as they come, and agents that were told to hurry. */
const HURRIED_FLUSH_MS = 2;

export async function tailBench({ quick }: BenchContext): Promise<BenchCase[]> {
  const measuredMs = quick ? QUICK_MS : FULL_MS;
  const usual = await tail(DEFAULTS.agentFlushMs, measuredMs);
  const hurried = await tail(HURRIED_FLUSH_MS, measuredMs);
  return [...usual, ...hurried];
}

async function tail(flushMs: number, measuredMs: number): Promise<BenchCase[]> {
  const engine = await startEngineUnderTest({});
  const subscribers = new Subscribers(engine.ready.url, [QUERY]);
  const entry = new URL('./load/publisher-process.js', import.meta.url);
  const load = new Child<PublishOrder, { readonly type: 'ready' }>(entry, 'publisher');
  const latencies = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000 });
  try {
    await subscribers.accepted();
    load.send({
      type: 'prepare',
      url: `ws://127.0.0.1:${engine.ready.ingestPort}`,
      agents: AGENTS,
      eventsPerSecond: EVENTS_PER_SECOND,
      everyth: EVERYTH,
      marked: true,
      flushMs,
    });
    await load.next('ready');
    await waitMs(WARM_MS);
    subscribers.onRows = (_query, { rows }, receivedMs) => {
      for (const row of rows) {
        const latencyMs = receivedMs - (row['dueMs'] as number);
        latencies.recordValue(Math.max(0, Math.round(latencyMs * 1_000)));
      }
    };
    await waitMs(measuredMs);
    subscribers.onRows = () => undefined;
  } finally {
    subscribers.close();
    await load.end();
    await engine.stop();
  }
  return casesOf(`agentFlushMs ${flushMs}`, latencies, measuredMs);
}

function casesOf(name: string, latencies: Histogram, measuredMs: number): BenchCase[] {
  const at = (percentile: number): number => latencies.getValueAtPercentile(percentile) / 1_000;
  const due = (EVENTS_PER_SECOND / EVERYTH) * (measuredMs / 1_000);
  return [
    held(figure(name, 'eventToClientP50', at(50), 'ms'), '<=', P50_MAX_MS),
    held(figure(name, 'eventToClientP99', at(99), 'ms'), '<=', P99_MAX_MS),
    figure(name, 'eventToClientMax', latencies.maxValue / 1_000, 'ms'),
    held(figure(name, 'shareReceived', latencies.totalCount / due, ''), '>=', 0.99),
  ];
}
