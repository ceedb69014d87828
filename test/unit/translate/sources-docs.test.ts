/** docs/sources.md names the fields of each stream, and its queries run. */
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { expect, test } from 'vitest';
import { readText } from '../../../scripts/source-files.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { readRemoteWrite } from '../../../src/translate/remote-write.ts';
import { readStatsd } from '../../../src/translate/statsd.ts';
import { syslogEvent } from '../../../src/translate/syslog.ts';
import { readOtlp } from '../../../src/translate/otlp.ts';
import type { OtlpSignal } from '../../../src/translate/otlp.ts';
import { ProtobufWriter } from '../../support/protobuf-writer.ts';
import { logRecords, metrics, spans } from '../../support/otel-records.ts';

/** Of one body. */
const bounds = { recordsMax: 1_000, partsMax: 100_000 };

const TEXT = readText('docs/sources.md');
const QUERIES = [...TEXT.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');

/** Every field that samples of both versions and of either kind have. */
function prometheusFields(): string[] {
  const labels = Buffer.concat([label('__name__', 'x'), label('job', 'y')]);
  const histogram = new ProtobufWriter().bytes(4, new Uint8Array()).done();
  const sample = new ProtobufWriter().bytes(2, new Uint8Array()).done();
  const series = Buffer.concat([labels, sample, histogram]);
  const read = readRemoteWrite(new ProtobufWriter().bytes(1, series).done(), 1, bounds);
  return namesOf(read.ok ? read.value.events : []);
}

function label(name: string, value: string): Uint8Array {
  const pair = new ProtobufWriter().text(1, name).text(2, value).done();
  return new ProtobufWriter().bytes(1, pair).done();
}

function namesOf(events: readonly object[]): string[] {
  return [...new Set(events.flatMap((event) => Object.keys(event)))].sort();
}

/** Names that a stream's row of a table lists. */
function documented(stream: string): string[] {
  const row = TEXT.split('\n').find((line) => line.startsWith(`| \`${stream}\` |`)) ?? '';
  const names = [...row.slice(`| \`${stream}\` |`.length).matchAll(/`([a-z_ ]+)`/g)];
  return [...new Set(names.flatMap((match) => (match[1] ?? '').split(' ')))].sort();
}

function fieldsOf(signal: OtlpSignal, body: Uint8Array = new Uint8Array()): string[] {
  const result = readOtlp(body, { signal, encoding: 'protobuf', depthMax: 64, ...bounds });
  return namesOf(result.ok ? result.value.events : []);
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

test('the fields of Prometheus are those that come', () => {
  // What only `squilla agent scrape` has; the agent's own test compares those.
  const scraped = ['increase', 'rate', 'said_time', 'exemplar', 'duration_ms', 'samples', 'up'];
  const names = documented('prometheus').filter((name) => name !== 'scrape');
  expect(names).toEqual([...prometheusFields(), ...scraped].sort());
});

test('the fields of statsd are those that come', () => {
  const lines = 'a:1|c\na:1|g\na:1|ms\na:x|s\n_e{1,1}:a|b\n_sc|a|0';
  const { events } = readStatsd(new TextEncoder().encode(lines));
  expect(documented('statsd')).toEqual(namesOf(events));
});

test('the fields of syslog are those that come', () => {
  expect(documented('syslog')).toEqual(namesOf([syslogEvent('<13>x', 'p', 0)]));
});
