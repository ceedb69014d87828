/** Export requests as events: each signal, either encoding, and what is wrong with a body. */
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { describe, expect, test } from 'vitest';
import { readOtlp } from '../../../src/translate/otlp.ts';
import type { OtlpSignal } from '../../../src/translate/otlp.ts';
import { logRecords, metrics, spans } from '../../support/otel-records.ts';

/** Of one body. */
const bounds = { recordsMax: 1_000, partsMax: 100_000 };

const encoder = new TextEncoder();
const NONE = new Uint8Array();

function read(signal: OtlpSignal, request: unknown): ReturnType<typeof readOtlp> {
  const body = encoder.encode(JSON.stringify(request));
  return readOtlp(body, { signal, encoding: 'json', depthMax: 64, ...bounds });
}

function eventsOf(signal: OtlpSignal, request: unknown): readonly object[] {
  const result = read(signal, request);
  if (!result.ok) throw new Error(result.error);
  return result.value.events;
}

/** One record in a request of its own. */
function logs(record: object, resource: object = {}, scope: object = {}): object {
  return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] };
}

describe('a log record', () => {
  test('has its own time, severity, body, ids, attributes, and those of its resource', () => {
    const record = {
      timeUnixNano: '1700000000123000000',
      observedTimeUnixNano: '1700000000999000000',
      severityNumber: 17,
      severityText: 'err',
      body: { stringValue: 'no room' },
      traceId: '5B8EFFF798038103D269B633813FC60C',
      spanId: 'eee19b7ec3c1b174',
      eventName: 'disk.full',
      attributes: [
        { key: 'disk.free', value: { intValue: '12' } },
        { key: 'tags', value: { arrayValue: { values: [{ stringValue: 'a' }, {}] } } },
        {
          key: 'a',
          value: { kvlistValue: { values: [{ key: 'b', value: { boolValue: true } }] } },
        },
        { key: 'ratio', value: { doubleValue: 0.5 } },
        { key: 'big', value: { intValue: '9223372036854775807' } },
        { key: 'raw', value: { bytesValue: 'AAE=' } },
        { key: '__proto__', value: { stringValue: 'x' } },
      ],
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'store' } }] };
    const [event] = eventsOf('logs', logs(record, resource, { name: 'app', version: '2' }));
    expect(event).toStrictEqual({
      time: 1_700_000_000_123,
      observed_time: 1_700_000_000_999,
      service: 'store',
      severity: 'ERROR',
      severity_text: 'err',
      severity_number: 17,
      event_name: 'disk.full',
      body: 'no room',
      trace_id: '5b8efff798038103d269b633813fc60c',
      span_id: 'eee19b7ec3c1b174',
      attributes: JSON.parse(
        '{"disk.free":12,"tags":["a",null],"a":{"b":true},"ratio":0.5,' +
          '"big":"9223372036854775807","raw":"AAE=","__proto__":"x"}',
      ) as object,
      resource: { 'service.name': 'store' },
      scope: 'app',
      scope_version: '2',
    });
    expect(Object.getPrototypeOf((event as { attributes: object }).attributes)).toBe(
      Object.prototype,
    );
  });

  test.each([
    [{ severityNumber: 1 }, { severity: 'TRACE' }],
    [{ severityNumber: 12 }, { severity: 'INFO' }],
    [{ severityNumber: 24 }, { severity: 'FATAL' }],
    [{ severityNumber: 25, severityText: 'odd' }, { severity: 'odd' }],
    [{ severityText: 'notice' }, { severity: 'notice', severity_number: null }],
    [{ observedTimeUnixNano: '5000000000' }, { time: 5_000, observed_time: 5_000 }],
    [{}, { time: null, body: null, trace_id: null, attributes: null }],
    [{ body: { doubleValue: 'NaN' } }, { body: null }],
    [{ body: { intValue: 7 } }, { body: 7 }],
    [
      { timeUnixNano: 'soon', body: 3, attributes: {} },
      { time: null, body: null },
    ],
  ])('%j is %j', (record, expected) => {
    expect(eventsOf('logs', logs(record))[0]).toMatchObject(expected);
  });
});

describe('a span', () => {
  test('happens when it ends, and says how long it took', () => {
    const span = {
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: 'eee19b7ec3c1b173',
      name: 'GET /plays',
      kind: 2,
      startTimeUnixNano: '1700000000000000000',
      endTimeUnixNano: '1700000000012500000',
      status: { code: 2, message: 'boom' },
      attributes: [{ key: 'http.response.status_code', value: { intValue: 500 } }],
      events: [{ timeUnixNano: '1700000000001000000', name: 'retry', attributes: [] }],
      links: [{ traceId: 'aa', spanId: 'bb' }],
    };
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    expect(eventsOf('traces', request)).toMatchObject([
      {
        time: 1_700_000_000_012.5,
        start: 1_700_000_000_000,
        duration_ms: 12.5,
        name: 'GET /plays',
        kind: 'server',
        status: 'error',
        status_message: 'boom',
        parent_span_id: 'eee19b7ec3c1b173',
        attributes: { 'http.response.status_code': 500 },
        events: [{ time: 1_700_000_000_001, name: 'retry', attributes: null }],
        links: [{ trace_id: 'aa', span_id: 'bb', attributes: null }],
        service: null,
        resource: null,
      },
    ]);
  });

  test.each([
    [{}, { kind: 'internal', status: 'unset', duration_ms: null }],
    [
      { kind: 5, status: { code: 1 } },
      { kind: 'consumer', status: 'ok' },
    ],
    [
      { kind: 77, status: { code: 9 } },
      { kind: null, status: null },
    ],
  ])('%j is %j', (span, expected) => {
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    expect(eventsOf('traces', request)[0]).toMatchObject(expected);
  });
});

describe('a metric', () => {
  const point = { timeUnixNano: '2000000000', startTimeUnixNano: '1000000000' };

  function metric(kind: object): object {
    const one = { name: 'm', unit: 's', ...kind };
    return { resourceMetrics: [{ scopeMetrics: [{ metrics: [one] }] }] };
  }

  test.each<[string, object, object[]]>([
    [
      'a gauge, one event a point',
      {
        gauge: {
          dataPoints: [
            { ...point, asDouble: 1.5 },
            { ...point, asInt: '3' },
          ],
        },
      },
      [
        { type: 'gauge', name: 'm', unit: 's', value: 1.5, time: 2_000, start: 1_000 },
        { value: 3, monotonic: null },
      ],
    ],
    [
      'a sum says what it adds up',
      { sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ asInt: 4 }] } },
      [{ type: 'sum', temporality: 'cumulative', monotonic: true, value: 4, time: null }],
    ],
    [
      'a point without a value has none',
      { gauge: { dataPoints: [{ ...point, asDouble: 0, flags: 1 }] } },
      [{ type: 'gauge', time: 2_000 }],
    ],
    [
      'a histogram',
      {
        histogram: {
          aggregationTemporality: 1,
          dataPoints: [
            {
              ...{ ...point, count: '3', sum: 6, min: 1, max: 3 },
              ...{ explicitBounds: [1, 2], bucketCounts: ['1', '1', 1] },
              exemplars: [{ asDouble: 3, traceId: 'AB', timeUnixNano: '1500000000' }],
            },
          ],
        },
      },
      [
        {
          ...{ type: 'histogram', temporality: 'delta', count: 3, sum: 6, min: 1, max: 3 },
          ...{ bounds: [1, 2], buckets: [1, 1, 1] },
          exemplars: [{ time: 1_500, value: 3, trace_id: 'ab', span_id: null, attributes: null }],
        },
      ],
    ],
    [
      'an exponential histogram',
      {
        exponentialHistogram: {
          dataPoints: [
            { count: 2, scale: -1, zeroCount: 1, positive: { offset: 3, bucketCounts: ['1'] } },
          ],
        },
      },
      [
        {
          ...{ type: 'exponential_histogram', count: 2, scale: -1, zero_count: 1 },
          ...{ positive: { offset: 3, buckets: [1] }, negative: { offset: 0, buckets: [] } },
        },
      ],
    ],
    [
      'a summary',
      {
        summary: {
          dataPoints: [{ count: 2, sum: 3, quantileValues: [{ quantile: 1, value: 2 }] }],
        },
      },
      [{ type: 'summary', count: 2, sum: 3, quantiles: [{ quantile: 1, value: 2 }] }],
    ],
    ['a metric without data is no event', {}, []],
  ])('%s', (_, kind, expected) => {
    expect(eventsOf('metrics', metric(kind))).toMatchObject(expected);
  });

  test('a point without a value has no member for it', () => {
    const request = metric({ gauge: { dataPoints: [{ asDouble: 0, flags: 1 }] } });
    expect(eventsOf('metrics', request)[0]).not.toHaveProperty('value');
  });
});

test.each([
  ['logs', '{"resourceLogs":3}', '`resourceLogs` is a list'],
  ['traces', '[]', 'an export request is a JSON object'],
  ['traces', 'null', 'an export request is a JSON object'],
  ['metrics', '{', 'not JSON: '],
] as const)('of %s, %s is refused whole', (signal, text, message) => {
  const result = readOtlp(encoder.encode(text), {
    signal,
    encoding: 'json',
    depthMax: 64,
    ...bounds,
  });
  expect(result.ok ? '' : result.error).toContain(message);
});

test('of a metric that is nested too deeply every point is refused', () => {
  let value: object = { stringValue: 'x' };
  for (let i = 0; i < 70; i++) value = { arrayValue: { values: [value] } };
  const deep = { asInt: 1, attributes: [{ key: 'a', value }] };
  const metrics = [
    { name: 'a', gauge: { dataPoints: [{ asInt: 1 }, deep, { asInt: 2 }] } },
    { name: 'b', gauge: { dataPoints: [{ asInt: 3 }] } },
  ];
  const result = read('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  if (!result.ok) throw new Error(result.error);
  expect(result.value.errors.map(({ line }) => line)).toStrictEqual([1, 2, 3]);
  expect(result.value.events).toMatchObject([{ name: 'b', value: 3 }]);
});

test('a record that is nested too deeply is refused alone', () => {
  let body: object = { stringValue: 'x' };
  for (let i = 0; i < 70; i++) body = { arrayValue: { values: [body] } };
  const records = [{ body: { stringValue: 'a' } }, { body }, { body: { stringValue: 'b' } }];
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] };
  const result = read('logs', request);
  if (!result.ok) throw new Error(result.error);
  expect(result.value.events).toMatchObject([{ body: 'a' }, { body: 'b' }]);
  expect(result.value.lines).toStrictEqual([1, 3]);
  expect(result.value.errors).toStrictEqual([{ line: 2, message: 'values are nested too deeply' }]);
});

describe('what the SDK says in protobuf and in JSON', () => {
  function both(signal: OtlpSignal, protobuf: Uint8Array = NONE, json: Uint8Array = NONE): void {
    const of = (body: Uint8Array, encoding: 'json' | 'protobuf'): unknown => {
      const result = readOtlp(body, { signal, encoding, depthMax: 64, ...bounds });
      if (!result.ok) throw new Error(result.error);
      // JSON has no members for what is undefined.
      return JSON.parse(JSON.stringify(result.value)) as unknown;
    };
    const translated = of(protobuf, 'protobuf') as { events: object[]; errors: object[] };
    expect(translated).toStrictEqual(of(json, 'json'));
    expect(translated.errors).toStrictEqual([]);
    expect(translated.events.length).toBeGreaterThan(1);
    for (const event of translated.events) {
      expect(event).toMatchObject({ service: 'checkout', resource: { 'x.list': ['p', 'q'] } });
    }
  }

  test('are the same logs', () => {
    const records = logRecords();
    both(
      'logs',
      ProtobufLogsSerializer.serializeRequest(records),
      JsonLogsSerializer.serializeRequest(records),
    );
  });

  test('are the same spans', () => {
    const records = spans();
    both(
      'traces',
      ProtobufTraceSerializer.serializeRequest(records),
      JsonTraceSerializer.serializeRequest(records),
    );
  });

  test('are the same metrics', async () => {
    const collected = await metrics();
    both(
      'metrics',
      ProtobufMetricsSerializer.serializeRequest(collected),
      JsonMetricsSerializer.serializeRequest(collected),
    );
  });
});
