/**
 * A new query to its first answer from two hundred connected agents: planned, dealt to all, taken
 * up by them, and back at the client. Each query is another one, so that nothing runs before it is
 * asked.
 */
import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { connect } from '../src/client/connect.ts';
import { DEFAULTS } from '../src/config.ts';
import { systemClock } from '../src/core/clock.ts';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase } from './harness/bench-result.ts';
import { Child } from './harness/child.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import { waitMs } from './harness/wait.ts';
import type { PublishOrder } from './load/publisher-process.ts';
import { STREAM } from './workload.ts';

const PROCESSES = 2;
const AGENTS = 200;
/** Each agent has an event every so many milliseconds. */
const EVENT_MS = 50;
const FIRST_MS_MAX = 100;
const SETTLE_MS = 1_000;
const REST_MS = 100;
const ANSWER_MS_MAX = 10_000;

interface Latencies {
  /** In µs. */
  readonly first: Histogram;
  readonly all: Histogram;
}

export async function fleetCases(quick: boolean): Promise<BenchCase[]> {
  // Queries that nobody reads any more would each go on telling every event.
  const engine = await startEngineUnderTest({ lingerMs: 0 });
  const entry = new URL('./load/publisher-process.js', import.meta.url);
  const fleet = Array.from(
    { length: PROCESSES },
    () => new Child<PublishOrder, { readonly type: 'ready' }>(entry, 'fleet'),
  );
  const latencies = { first: microseconds(), all: microseconds() };
  try {
    for (const load of fleet) {
      load.send({
        ...{ type: 'prepare', url: `ws://127.0.0.1:${engine.ready.ingestPort}`, everyth: 1 },
        agents: AGENTS / PROCESSES,
        eventsPerSecond: (AGENTS / PROCESSES) * (1_000 / EVENT_MS),
        marked: true,
        flushMs: DEFAULTS.agentFlushMs,
      });
    }
    for (const load of fleet) await load.next('ready');
    await waitMs(SETTLE_MS);
    const client = connect(engine.ready.url);
    for (let i = 0; i < (quick ? 10 : 50); i++) {
      await ask(client, `select agent from ${STREAM} where bytes > ${-1 - i}`, latencies);
      await waitMs(REST_MS);
    }
    client.close();
  } finally {
    for (const load of fleet) await load.end();
    await engine.stop();
  }
  const at = (of: Histogram, percentile: number): number =>
    of.getValueAtPercentile(percentile) / 1_000;
  const name = `a new query to ${AGENTS} agents`;
  return [
    figure(name, 'firstRowP50', at(latencies.first, 50), 'ms'),
    held(figure(name, 'firstRowP95', at(latencies.first, 95), 'ms'), '<=', FIRST_MS_MAX),
    figure(name, 'rowsOfAllP50', at(latencies.all, 50), 'ms'),
  ];
}

/** Until rows of all agents have come. */
async function ask(
  client: ReturnType<typeof connect>,
  text: string,
  { all, first }: Latencies,
): Promise<void> {
  const heard = new Set<unknown>();
  const askedMs = systemClock.now();
  const passed = (): number => Math.round((systemClock.now() - askedMs) * 1_000);
  await new Promise<void>((resolve, reject) => {
    // On a machine that is too busy some agent may not come to it.
    const timer = setTimeout(() => {
      subscription.close();
      // No answer is one that took as long as it was waited for.
      if (heard.size === 0) first.recordValue(ANSWER_MS_MAX * 1_000);
      resolve();
    }, ANSWER_MS_MAX);
    const subscription = client.subscribe(text, {
      onMessage: (message) => {
        if (message.type === 'error') reject(new Error(message.problem.detail));
        if (message.type !== 'rows' || heard.size >= AGENTS) return;
        if (heard.size === 0 && message.rows.length > 0) first.recordValue(passed());
        for (const row of message.rows) heard.add(row['agent']);
        if (heard.size < AGENTS) return;
        all.recordValue(passed());
        clearTimeout(timer);
        subscription.close();
        resolve();
      },
    });
  });
}

function microseconds(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000 });
}
