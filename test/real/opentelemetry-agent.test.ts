/** One line makes an app with the OpenTelemetry SDK an agent: spans and records leave on demand. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpanKind } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, test } from 'vitest';
import { createAgent } from '../../agents/agent.ts';
import { createLogProcessor, createSpanProcessor } from '../../agents/otel.ts';
import { fenceWith } from '../support/doc-fences.ts';
import { endAll, start, startEngine, temporaryFolder, until } from '../support/engine-process.ts';
import { checkout, logRecords, spans } from '../support/otel-records.ts';
import { readEvents, rowsOf } from '../support/result-reader.ts';

afterEach(endAll);

/** On a machine that has other things to do. */
const PATIENCE_MS = 20_000;

interface Ledger {
  readonly closes: boolean;
  readonly agents: { readonly offered: number; readonly filtered: number; readonly sent: number };
}

test('spans are filtered where they end', async () => {
  const engine = await startEngine();
  const processor = createSpanProcessor({ url: engine.ingestUrl, service: 'checkout' });
  const provider = new BasicTracerProvider({
    resource: checkout(),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('app', '1.2.0');
  // While nobody asks nothing is even looked at.
  for (let i = 0; i < 100; i++) tracer.startSpan('unseen').end();
  const seen = await readEvents(
    engine.url,
    `select name, kind, status, duration_ms, service, attributes.http.response.status_code as code,
        scope_version, resource.host.name as host from otel.spans where attributes.slow = true`,
  );
  // Until the plan has come to the agent, its spans are skipped.
  await until(
    () => {
      const attributes = { slow: true, 'http.response.status_code': 200 };
      tracer.startSpan('GET /cart', { kind: SpanKind.SERVER, attributes }).end();
      for (let i = 0; i < 9; i++) tracer.startSpan('fast').end();
      return rowsOf(seen).length > 0;
    },
    'a slow span',
    PATIENCE_MS,
  );
  expect(rowsOf(seen)[0]).toMatchObject({
    ...{ name: 'GET /cart', kind: 'server', status: 'unset', service: 'checkout', code: 200 },
    ...{ scope_version: '1.2.0', host: 'a1' },
  });
  await provider.forceFlush();
  await provider.shutdown();
  const { closes, agents } = await until(
    async () => {
      const ledger = (await engine.get('/api/v1/ledger')) as Ledger;
      return ledger.agents.sent > 0 && ledger.agents.filtered >= 9 ? ledger : null;
    },
    'the counts of the agent',
    PATIENCE_MS,
  );
  expect(closes).toBe(true);
  expect(agents.offered).toBeGreaterThanOrEqual(agents.filtered + agents.sent);
  expect(agents.sent).toBeLessThan(agents.filtered);
});

test('records of an agent that the app has already', async () => {
  const engine = await startEngine();
  const agent = createAgent({ url: engine.ingestUrl, service: 'checkout' });
  const provider = new LoggerProvider({
    resource: checkout(),
    processors: [createLogProcessor(agent)],
  });
  const seen = await readEvents(
    engine.url,
    "select severity, body, body.left as free, attributes.disk as disk from otel.logs where severity = 'ERROR'",
  );
  const logger = provider.getLogger('app');
  await until(
    () => {
      logger.emit({ severityNumber: SeverityNumber.INFO, body: 'all is well' });
      const attributes = { disk: 'a' };
      logger.emit({ severityNumber: SeverityNumber.ERROR, body: { left: 0 }, attributes });
      return rowsOf(seen).length > 0;
    },
    'an error',
    PATIENCE_MS,
  );
  expect(rowsOf(seen)[0]).toMatchObject({ severity: 'ERROR', free: 0, disk: 'a' });
  await provider.shutdown();
  // Whose agent it is closes it.
  expect(agent.connected).toBe(true);
  await agent.close();
});

test('events are those of OTLP, whoever makes them', async () => {
  const engine = await startEngine();
  const spanProcessor = createSpanProcessor({ url: engine.ingestUrl, service: 'checkout' });
  const logProcessor = createLogProcessor({
    ...{ url: engine.ingestUrl, service: 'checkout', instance: 'logs' },
  });
  const [made] = spans();
  const [record] = logRecords();
  if (made === undefined || record === undefined) throw new Error('the SDK made nothing');
  const all = await Promise.all(
    ['otel.spans', 'otel.logs'].map((stream) => readEvents(engine.url, `select * from ${stream}`)),
  );
  await until(
    () => {
      spanProcessor.onEnd(made);
      logProcessor.onEmit(record);
      return all.every((seen) => rowsOf(seen).length > 0);
    },
    'a span and a record',
    PATIENCE_MS,
  );
  await spanProcessor.shutdown();
  await logProcessor.shutdown();
  const [span, log] = all.map((seen) => rowsOf(seen)[0]);
  expect(span).toMatchObject({
    ...{ name: 'SELECT', kind: 'client', status: 'error', status_message: 'gone', scope: 'app' },
    ...{ trace_id: made.spanContext().traceId, parent_span_id: made.parentSpanContext?.spanId },
  });
  expect(span?.['events']).toMatchObject([
    { name: 'retry', attributes: { attempt: 2, ratio: 0.25 } },
    { name: 'exception' },
  ]);
  expect(log).toMatchObject({
    ...{ time: 1_700_000_000_123, severity: 'ERROR', event_name: 'disk.full', service: 'checkout' },
    body: { message: 'no room', left: 0, disks: ['a', 'b'] },
  });
});

test('the program that docs/sources.md shows', async () => {
  const engine = await startEngine();
  const shown = fenceWith('docs/sources.md', 'ts', 'createSpanProcessor')
    .replace('ws://127.0.0.1:7071', engine.ingestUrl)
    .replace("'squilla/agent'", JSON.stringify(import.meta.resolve('../../dist/agents/index.js')));
  const file = join(temporaryFolder(), 'app.mjs');
  const rest = `const tracer = provider.getTracer('app');
setInterval(() => tracer.startSpan('pasted').end(), 10);
`;
  const sdk = import.meta.resolve('@opentelemetry/sdk-trace-base');
  writeFileSync(file, shown.replace("'@opentelemetry/sdk-trace-base'", JSON.stringify(sdk)) + rest);
  const seen = await readEvents(engine.url, "select name from otel.spans where name = 'pasted'");
  start(process.execPath, [file]);
  await until(() => rowsOf(seen).length > 0, 'a span of the program', PATIENCE_MS);
});
