/** docs/sources.md names the fields of each stream, and its queries run. */
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { expect, test } from 'vitest';
import { readText } from '../../../scripts/source-files.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { readOtlp } from '../../../src/translate/otlp.ts';
import type { OtlpSignal } from '../../../src/translate/otlp.ts';
import { logRecords, metrics, spans } from '../../support/otel-records.ts';

const TEXT = readText('docs/sources.md');
const QUERIES = [...TEXT.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');

/** Names that a stream's row of a table lists. */
function documented(stream: string): string[] {
  const row = TEXT.split('\n').find((line) => line.startsWith(`| \`${stream}\` |`)) ?? '';
  const names = [...row.slice(`| \`${stream}\` |`.length).matchAll(/`([a-z_ ]+)`/g)];
  return [...new Set(names.flatMap((match) => (match[1] ?? '').split(' ')))].sort();
}

function fieldsOf(signal: OtlpSignal, body: Uint8Array = new Uint8Array()): string[] {
  const result = readOtlp(body, { signal, encoding: 'protobuf', depthMax: 64 });
  const events = result.ok ? result.value.events : [];
  return [...new Set(events.flatMap((event) => Object.keys(event)))].sort();
}

test.each(QUERIES)('runs: %s', (query) => {
  const { plan, diagnostics } = planQuery(query, { mode: 'live' });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(plan).not.toBeNull();
});

test('the fields of OpenTelemetry are those that come', async () => {
  expect(documented('otel.logs')).toEqual(
    fieldsOf('logs', ProtobufLogsSerializer.serializeRequest(logRecords())),
  );
  expect(documented('otel.spans')).toEqual(
    fieldsOf('traces', ProtobufTraceSerializer.serializeRequest(spans())),
  );
  // The SDK for Node makes no summaries.
  const names = fieldsOf('metrics', ProtobufMetricsSerializer.serializeRequest(await metrics()));
  expect(documented('otel.metrics')).toEqual([...names, 'quantiles'].sort());
});
