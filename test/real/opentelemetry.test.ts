/** The OpenTelemetry SDK for Node exports to us: on either port, in either encoding, compressed. */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonPoints } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, test } from 'vitest';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { checkout } from '../support/otel-records.ts';
import { readEvents, rowsOf } from '../support/result-reader.ts';

afterEach(endAll);

/** On a machine that has other things to do. */
const PATIENCE_MS = 20_000;

const ENCODINGS = [
  {
    encoding: 'protobuf',
    logs: OTLPLogExporter,
    metrics: OTLPMetricExporter,
    traces: OTLPTraceExporter,
  },
  {
    encoding: 'JSON',
    logs: JsonLogExporter,
    metrics: JsonPoints,
    traces: JsonTraceExporter,
  },
] as const;
const TRANSPORTS = [
  { at: 'the API port', flags: [] },
  { at: 'the ingest port over ws', flags: ['--transport', 'ws'] },
  { at: 'the ingest port as it comes', flags: ['--shards', '2'] },
] as const;

interface Ledger {
  readonly closes: boolean;
  readonly streams: Readonly<Record<string, { received: number; evaluated: number }>>;
}

describe.each(TRANSPORTS)('at $at', ({ at, flags }) => {
  test.each(ENCODINGS)('$encoding', async ({ logs, metrics, traces }) => {
    const engine = await startEngine({ flags });
    const base = at === 'the API port' ? engine.url : `http://127.0.0.1:${engine.ingestPort}`;
    const [spansSeen, logsSeen, pointsSeen] = await Promise.all([
      readEvents(
        engine.url,
        `select name, kind, status, duration_ms, service, trace_id,
          attributes.http.response.status_code as code, resource.host.name as host
        from otel.spans`,
      ),
      readEvents(
        engine.url,
        'select severity, body, body.left as free, attributes.disk.name as disk from otel.logs',
      ),
      readEvents(
        engine.url,
        'select name, type, value, count, attributes.route as route, unit from otel.metrics',
      ),
    ]);
    const how = { compression: CompressionAlgorithm.GZIP };
    let exports = 0;
    // A shard that reads bodies at its own socket may hear of the queries after the first of them.
    await until(
      async () => {
        await exportAll(base, how, { logs, metrics, traces });
        exports++;
        return [spansSeen, logsSeen, pointsSeen].every((seen) => rowsOf(seen).length >= 2);
      },
      'two of each',
      PATIENCE_MS,
    );
    const spans = rowsOf(spansSeen);
    expect(spans.slice(0, 2)).toMatchObject([
      { name: 'child', kind: 'internal', status: 'error', service: 'checkout', host: 'a1' },
      { name: 'GET /cart', kind: 'server', status: 'unset', code: 200 },
    ]);
    expect(spans[0]?.['trace_id']).toMatch(/^[0-9a-f]{32}$/);
    expect(spans[0]?.['trace_id']).not.toBe(spans[1]?.['trace_id']);
    expect(spans[1]?.['duration_ms']).toBeGreaterThanOrEqual(0);
    expect(rowsOf(logsSeen).slice(0, 2)).toMatchObject([
      { severity: 'WARN', free: 3, disk: 'a' },
      { severity: 'INFO', body: 'all is well' },
    ]);
    const points = rowsOf(pointsSeen);
    expect(points).toContainEqual(
      expect.objectContaining({ name: 'requests', type: 'sum', value: 7, route: '/cart' }),
    );
    expect(points).toContainEqual(
      expect.objectContaining({ name: 'latency', type: 'histogram', count: 2, unit: 'ms' }),
    );
    const each = 2 * exports;
    await expectLedger(engine, { 'otel.spans': each, 'otel.logs': each, 'otel.metrics': each });
  });
});

test('windows wait for spans that a batch processor held back', async () => {
  const engine = await startEngine();
  const seen = await readEvents(engine.url, 'select count(*) as n from otel.spans window 1s');
  const exporter = new OTLPTraceExporter({ url: `${engine.url}/v1/traces` });
  const provider = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 3_000 })],
  });
  const tracer = provider.getTracer('app');
  const begunMs = performance.now();
  let spans = 0;
  // Two batches: the first teaches the engine how late they are, the second is within that.
  await until(
    () => {
      tracer.startSpan('s').end();
      spans++;
      return performance.now() - begunMs > 7_000;
    },
    'seven seconds of spans',
    20_000,
  );
  await provider.shutdown();
  const windows = (): Map<number, { readonly n: number; readonly late: number }> => {
    const byEnd = new Map<number, { n: number; late: number }>();
    for (const { message } of seen.received) {
      if (message.type !== 'rows' || message.windowEnd === null) continue;
      const n = Number(message.rows[0]?.['n'] ?? 0);
      byEnd.set(message.windowEnd, { n, late: message.completeness.events.late });
    }
    return byEnd;
  };
  const counted = (): number => [...windows().values()].reduce((sum, { n }) => sum + n, 0);
  const late = (): number => [...windows().values()].reduce((sum, one) => sum + one.late, 0);
  // What came before anything was known of the stream may be late, and is then said to be.
  await until(() => counted() + late() >= spans, `${spans} spans counted or late`, 20_000);
  expect(counted() + late()).toBe(spans);
  expect(counted()).toBeGreaterThan(spans / 3);
  await expectLedger(engine, { 'otel.spans': spans });
});

test('variables of the environment are enough, with a token, at the port of OTLP', async () => {
  const token = 'of-sixteen-characters-or-more';
  const engine = await startEngine({
    flags: ['--listen', 'otlp=0'],
    yaml: `tokens: [{ name: app, token: ${token}, scopes: [ingest], streams: [otel.spans] }]\n`,
  });
  const address = /otlp +(http:\/\/\S+)/.exec(engine.out())?.[1];
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: address,
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${token}`,
  };
  Object.assign(process.env, environment);
  const exporter = new OTLPTraceExporter();
  for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
  const seen = await readEvents(engine.url, 'select name from otel.spans');
  const spanProcessors = [new BatchSpanProcessor(exporter)];
  const provider = new BasicTracerProvider({ resource: checkout(), spanProcessors });
  provider.getTracer('app').startSpan('by environment').end();
  await provider.shutdown();
  await until(() => rowsOf(seen).length > 0, 'the span', PATIENCE_MS);
  expect(rowsOf(seen)).toEqual([{ name: 'by environment' }]);
});

type Exporters = Pick<(typeof ENCODINGS)[number], 'logs' | 'metrics' | 'traces'>;

async function exportAll(
  base: string,
  how: { readonly compression: CompressionAlgorithm },
  { logs, metrics, traces }: Exporters,
): Promise<void> {
  const resource = checkout();
  const tracing = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new traces({ url: `${base}/v1/traces`, ...how }))],
  });
  const tracer = tracing.getTracer('app', '1.0.0');
  const child = tracer.startSpan('child');
  child.setStatus({ code: SpanStatusCode.ERROR });
  child.end();
  const attributes = { 'http.response.status_code': 200 };
  tracer.startSpan('GET /cart', { kind: SpanKind.SERVER, attributes }).end();
  const exporter = new logs({ url: `${base}/v1/logs`, ...how });
  const logging = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter })],
  });
  const logger = logging.getLogger('app');
  const disk = { 'disk.name': 'a' };
  logger.emit({ severityNumber: SeverityNumber.WARN, body: { left: 3 }, attributes: disk });
  logger.emit({ severityNumber: SeverityNumber.INFO, body: 'all is well' });
  const reader = new PeriodicExportingMetricReader({
    exporter: new metrics({ url: `${base}/v1/metrics`, ...how }),
    exportIntervalMillis: 3_600_000,
  });
  const metering = new MeterProvider({ resource, readers: [reader] });
  const meter = metering.getMeter('app');
  meter.createCounter('requests').add(7, { route: '/cart' });
  const latency = meter.createHistogram('latency', { unit: 'ms' });
  latency.record(3);
  latency.record(30);
  await Promise.all([tracing.shutdown(), logging.shutdown(), metering.shutdown()]);
}

async function expectLedger(
  engine: EngineProcess,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  const ledger = await until(
    async () => {
      const page = (await engine.get('/api/v1/ledger')) as Ledger;
      const isThere = Object.entries(counts).every(
        ([stream, n]) => (page.streams[stream]?.received ?? 0) >= n,
      );
      return isThere ? page : null;
    },
    'the ledger to have all',
    PATIENCE_MS,
  );
  expect(ledger.closes).toBe(true);
  for (const [stream, n] of Object.entries(counts)) {
    expect(ledger.streams[stream]).toMatchObject({ received: n, evaluated: n });
  }
}
