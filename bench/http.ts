/**
 * HTTP under autocannon: events as NDJSON bodies and spans as OTLP bodies while queries read them,
 * and requests for a small JSON document. A closed loop per connection, hence throughput first;
 * latencies are those of a saturated port.
 */
import autocannon from 'autocannon';
import type { AutocannonOptions, AutocannonResult } from 'autocannon';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import type { EngineUnderTest } from './harness/engine-under-test.ts';
import { Subscribers } from './harness/subscribers.ts';
import { otlpSpans } from './load/otlp-body.ts';
import { QUERIES, requestEvents, STREAM } from './workload.ts';

const CONNECTIONS = 16;
const EVENTS_PER_BODY = 200;
const FULL_SECONDS = 15;
const QUICK_SECONDS = 6;
const SEED = 13;
const SPAN_QUERIES = [
  'select rate(), p99(duration_ms) from otel.spans window 1s group by name',
  'select count(*) from otel.spans where attributes.http.response.status_code >= 500 window 1s',
];

export async function httpBench({ quick }: BenchContext): Promise<BenchCase[]> {
  const seconds = quick ? QUICK_SECONDS : FULL_SECONDS;
  const engine = await startEngineUnderTest({});
  const subscribers = new Subscribers(engine.ready.url, [
    ...QUERIES.map(({ text }) => text),
    ...SPAN_QUERIES,
  ]);
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
    // On the ingest port, where shards read bodies themselves.
    const spans = await fire(engine, {
      url: `http://127.0.0.1:${engine.ready.ingestPort}/v1/traces`,
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Buffer.from(otlpSpans(EVENTS_PER_BODY, SEED)),
      // A buffer would not reach another thread as one.
      workers: 0,
      connections: CONNECTIONS,
      duration: seconds,
    });
    const status = await fire(engine, {
      url: `${engine.ready.url}/-/healthy`,
      connections: CONNECTIONS,
      duration: seconds,
    });
    return [
      ...ingestCases(`NDJSON, ${EVENTS_PER_BODY} events a body`, ingest),
      ...ingestCases(`OTLP, ${EVENTS_PER_BODY} spans a body`, spans),
      ...requestCases('GET /-/healthy', status),
    ];
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
  const result = await autocannon({ workers: 1, ...options });
  return { result, cpuSeconds: engine.cpuSeconds - before };
}

function ingestCases(name: string, volley: Volley): BenchCase[] {
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
