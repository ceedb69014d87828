/**
 * How soon after its end a window's answer is at the client, beyond the slack that its events were
 * granted: an open loop of events with the ten queries of the workload, one-second windows, 50 ms
 * slack. One value a query and window.
 */
import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import { prepareLoad } from './harness/load-under-way.ts';
import { Subscribers } from './harness/subscribers.ts';
import { waitMs } from './harness/wait.ts';
import { QUERIES } from './workload.ts';

const AGENTS = 8;
const ROWS_PER_FRAME = 512;
const SLACK_MS = 50;
const WARM_MS = 3_000;
const FULL_MS = 60_000;
const QUICK_MS = 20_000;
const EVENTS_PER_SECOND = 1e6;
const P99_MAX_MS = 100;

export async function closeBench({ quick }: BenchContext): Promise<BenchCase[]> {
  const engine = await startEngineUnderTest({ publishSlackMs: SLACK_MS });
  const subscribers = new Subscribers(
    engine.ready.url,
    QUERIES.map(({ text }) => text),
  );
  const delays = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000 });
  const states = { complete: 0, other: 0 };
  try {
    await subscribers.accepted();
    const load = await prepareLoad({
      port: engine.ready.ingestPort,
      codec: 'columns',
      agents: AGENTS,
      rowsPerFrame: ROWS_PER_FRAME,
      eventsPerSecond: EVENTS_PER_SECOND,
      slackMs: SLACK_MS,
      queries: QUERIES.length,
    });
    load.go();
    await waitMs(WARM_MS);
    const before = await load.mark();
    const cpuBefore = engine.cpuSeconds;
    subscribers.onRows = (_query, { windowEnd, provisional, last, completeness }, receivedMs) => {
      if (windowEnd === null || provisional || !last) return;
      states[completeness.status === 'complete' ? 'complete' : 'other']++;
      delays.recordValue(Math.max(0, Math.round((receivedMs - windowEnd - SLACK_MS) * 1_000)));
    };
    await waitMs(quick ? QUICK_MS : FULL_MS);
    subscribers.onRows = () => undefined;
    const after = await load.mark();
    const events = after.evaluatedEvents - before.evaluatedEvents;
    const cpu = ((engine.cpuSeconds - cpuBefore) / events) * 1e6;
    await load.close();
    const rate = (events / (after.atMs - before.atMs)) * 1_000;
    return casesOf(delays, { cpu, rate, worstDelayMs: after.worstDelayMs, ...states });
  } finally {
    subscribers.close();
    await engine.stop();
  }
}

function casesOf(
  delays: Histogram,
  run: {
    readonly cpu: number;
    readonly rate: number;
    readonly worstDelayMs: number;
    readonly complete: number;
    readonly other: number;
  },
): BenchCase[] {
  const name = `${EVENTS_PER_SECOND / 1e6} M events/s offered`;
  const at = (percentile: number): number => delays.getValueAtPercentile(percentile) / 1_000;
  return [
    figure(name, 'closeDelayP50', at(50), 'ms'),
    figure(name, 'closeDelayP90', at(90), 'ms'),
    held(figure(name, 'closeDelayP99', at(99), 'ms'), '<=', P99_MAX_MS),
    figure(name, 'closeDelayMax', delays.maxValue / 1_000, 'ms'),
    figure(name, 'eventsPerSecond', run.rate, 'events/s'),
    figure(name, 'cpuSecondsPerMillionEvents', run.cpu, 's'),
    figure(name, 'worstSendDelay', run.worstDelayMs, 'ms'),
    held(figure('results', 'completeWindows', run.complete, ''), '>=', 1),
    figure('results', 'otherWindows', run.other, ''),
  ];
}
