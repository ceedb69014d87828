/** Telemetry that the OpenTelemetry SDK for Node made: records as its exporters get them. */
import {
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
  context,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

export function checkout(): Resource {
  return resourceFromAttributes({
    'service.name': 'checkout',
    'host.name': 'a1',
    'x.list': ['p', 'q'],
  });
}

/** Three spans in two traces; one failed, one has an event and a link. */
export function spans(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: checkout(),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('app', '1.2.0');
  const parent = tracer.startSpan('GET /cart', {
    kind: SpanKind.SERVER,
    attributes: { 'http.request.method': 'GET', 'http.response.status_code': 200, cached: false },
  });
  const inside = trace.setSpan(ROOT_CONTEXT, parent);
  const child = tracer.startSpan('SELECT', { kind: SpanKind.CLIENT }, inside);
  child.addEvent('retry', { attempt: 2, ratio: 0.25 });
  child.recordException(new Error('gone'));
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'gone' });
  child.end();
  parent.end();
  const link = { context: child.spanContext(), attributes: { why: 'retry' } };
  tracer.startSpan('again', { links: [link], root: true }, context.active()).end();
  return exporter.getFinishedSpans();
}

/** Two records: one with a structured body, one within a span. */
export function logRecords(): ReadableLogRecord[] {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({
    resource: checkout(),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const logger = provider.getLogger('app', '1.2.0');
  logger.emit({
    timestamp: 1_700_000_000_123,
    severityNumber: SeverityNumber.ERROR,
    severityText: 'ERROR',
    body: { message: 'no room', left: 0, disks: ['a', 'b'] },
    attributes: { 'disk.name': 'a', ok: false, ratio: 0.5, big: 4_294_967_296, negative: -7 },
    eventName: 'disk.full',
  });
  const span = trace.wrapSpanContext({
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    traceFlags: TraceFlags.SAMPLED,
  });
  logger.emit({ body: 'in a span', context: trace.setSpan(ROOT_CONTEXT, span) });
  return exporter.getFinishedLogRecords();
}

/** A counter, a gauge, a histogram of either kind, each with attributes. */
export async function metrics(): Promise<ResourceMetrics> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({
    resource: checkout(),
    readers: [reader],
    views: [
      {
        instrumentName: 'sizes',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 8 } },
      },
    ],
  });
  const meter = provider.getMeter('app', '1.2.0');
  const requests = meter.createCounter('requests', { unit: '{request}', description: 'all' });
  requests.add(3, { route: '/cart', status: 200 });
  requests.add(1, { route: '/cart', status: 500 });
  meter.createGauge('temperature', { unit: 'Cel' }).record(-3.25);
  const latency = meter.createHistogram('latency', { unit: 'ms' });
  for (const ms of [0.5, 12, 300, 70_000]) latency.record(ms, { route: '/cart' });
  const sizes = meter.createHistogram('sizes');
  for (const size of [0, 1, 2, 1_000, 1e6]) sizes.record(size);
  await reader.forceFlush();
  const [collected] = exporter.getMetrics();
  await provider.shutdown();
  if (collected === undefined) throw new Error('the SDK collected nothing');
  return collected;
}
