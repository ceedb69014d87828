/**
 * The HTTP port under autocannon: events as NDJSON bodies while a query reads them, and requests
 * for a small JSON document. A closed loop per connection, hence throughput first; latencies are
 * those of a saturated port.
 */
import autocannon from 'autocannon';
import type { AutocannonOptions, AutocannonResult } from 'autocannon';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import type { EngineUnderTest } from './harness/engine-under-test.ts';
import { Subscribers } from './harness/subscribers.ts';
import { QUERIES, requestEvents, STREAM } from './workload.ts';

const CONNECTIONS = 16;
const EVENTS_PER_BODY = 200;
const FULL_SECONDS = 15;
const QUICK_SECONDS = 6;
const SEED = 13;

export async function httpBench({ quick }: BenchContext): Promise<BenchCase[]> {
  const seconds = quick ? QUICK_SECONDS : FULL_SECONDS;
  const engine = await startEngineUnderTest({});
  const subscribers = new Subscribers(
    engine.ready.url,
    QUERIES.map(({ text }) => text),
  );
  try {
    await subscribers.accepted();
    const ingest = await fire(engine, {
      url: `${engine.ready.url}/api/v1/streams/${STREAM}/events`,
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: requestEvents(EVENTS_PER_BODY, SEED)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
      connections: CONNECTIONS,
      duration: seconds,
    });
    const status = await fire(engine, {
      url: `${engine.ready.url}/-/healthy`,
      connections: CONNECTIONS,
      duration: seconds,
    });
    return [...ingestCases(ingest), ...requestCases('GET /-/healthy', status)];
  } finally {
    subscribers.close();
    await engine.stop();
  }
}

interface Volley {
  readonly result: AutocannonResult;
  readonly cpuSeconds: number;
}

async function fire(engine: EngineUnderTest, options: AutocannonOptions): Promise<Volley> {
  const before = engine.cpuSeconds;
  const result = await autocannon({ ...options, workers: 1 });
  return { result, cpuSeconds: engine.cpuSeconds - before };
}

function ingestCases(volley: Volley): BenchCase[] {
  const name = `NDJSON, ${EVENTS_PER_BODY} events a body`;
  const events = volley.result.requests.total * EVENTS_PER_BODY;
  const cpu = (volley.cpuSeconds / events) * 1e6;
  return [
    figure(name, 'eventsPerSecond', events / volley.result.duration, 'events/s'),
    figure(name, 'cpuSecondsPerMillionEvents', cpu, 's'),
    ...requestCases(name, volley),
  ];
}

function requestCases(name: string, { result }: Volley): BenchCase[] {
  return [
    figure(name, 'requestsPerSecond', result.requests.total / result.duration, 'requests/s'),
    figure(name, 'latencyP50', result.latency.p50, 'ms'),
    figure(name, 'latencyP99', result.latency.p99, 'ms'),
    held(figure(name, 'failedRequests', result.errors + result.non2xx, ''), '<=', 0),
  ];
}
