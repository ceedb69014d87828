/**
 * Laws of what others send: bytes of any kind become events or a reason, never an exception; and
 * the wire types of protobuf come out as they went in.
 */
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { readOtlp } from '../../src/translate/otlp.ts';
import type { OtlpSignal } from '../../src/translate/otlp.ts';
import { readPrometheusText } from '../../src/translate/prometheus-text.ts';
import { decodeMessage, many, one, shape } from '../../src/translate/protobuf-message.ts';
import { readRemoteWrite } from '../../src/translate/remote-write.ts';
import { readStatsd } from '../../src/translate/statsd.ts';
import { readSyslog, syslogHead } from '../../src/translate/syslog-frames.ts';
import { syslogEvent } from '../../src/translate/syslog.ts';
import { lawParameters } from '../support/laws.ts';
import { logRecords, metrics, spans } from '../support/otel-records.ts';
import { ProtobufWriter } from '../support/protobuf-writer.ts';

/** Of one body. */
const bounds = { recordsMax: 1_000, partsMax: 100_000 };

const parameters = lawParameters(300);
const signals: readonly OtlpSignal[] = ['logs', 'metrics', 'traces'];
const encodings = ['protobuf', 'json'] as const;

/** Whatever came, the outcome accounts for it: events with their places, or errors with theirs. */
function expectAccount(body: Uint8Array, signal: OtlpSignal, encoding: 'protobuf' | 'json'): void {
  const result = readOtlp(body, { signal, encoding, depthMax: 16, ...bounds });
  if (!result.ok) {
    expect(result.error).not.toBe('');
    return;
  }
  const { events, lines, errors } = result.value;
  expect(lines.length).toBe(events.length);
  const places = [...lines, ...errors.map(({ line }) => line)].sort((a, b) => a - b);
  expect(places).toStrictEqual(places.map((_, i) => i + 1));
  // What the kernels get can be said in JSON.
  expect(() => JSON.stringify(events)).not.toThrow();
}

describe('OTLP', () => {
  const whole = new Map<OtlpSignal, Uint8Array>();

  beforeAll(async () => {
    const none = new Uint8Array();
    whole.set('logs', ProtobufLogsSerializer.serializeRequest(logRecords()) ?? none);
    whole.set('traces', ProtobufTraceSerializer.serializeRequest(spans()) ?? none);
    whole.set('metrics', ProtobufMetricsSerializer.serializeRequest(await metrics()) ?? none);
  });

  test('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        for (const signal of signals) {
          for (const encoding of encodings) expectAccount(body, signal, encoding);
        }
      }),
      parameters,
    );
  });

  test('takes requests with flipped, missing and doubled bytes', () => {
    const change = fc.record({
      at: fc.nat(2_000),
      by: fc.integer({ min: 1, max: 255 }),
      how: fc.constantFrom('flip', 'cut', 'drop', 'double'),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...signals),
        fc.array(change, { maxLength: 4 }),
        (signal, changes) => {
          let bytes = whole.get(signal) ?? new Uint8Array();
          for (const { at, by, how } of changes) bytes = changed(bytes, at % bytes.length, by, how);
          expectAccount(bytes, signal, 'protobuf');
        },
      ),
      parameters,
    );
  });

  test('takes any JSON, also below the members that it knows', () => {
    const anything = fc.jsonValue({ maxDepth: 4 });
    const known = fc.constantFrom(
      ...['resourceLogs', 'scopeLogs', 'logRecords', 'body', 'attributes', 'key', 'value'],
      ...['arrayValue', 'values', 'kvlistValue', 'intValue', 'timeUnixNano', 'resourceMetrics'],
      ...['scopeMetrics', 'metrics', 'sum', 'histogram', 'dataPoints', 'explicitBounds', 'scope'],
      ...['resourceSpans', 'scopeSpans', 'spans', 'events', 'links', 'status', 'resource', 'flags'],
    );
    const request = fc.letrec((tie) => ({
      node: fc.oneof({ depthSize: 'medium' }, anything, tie('object'), tie('list')),
      list: fc.array(tie('node'), { maxLength: 3 }),
      object: fc.dictionary(known, tie('node'), { maxKeys: 4 }),
    })).object;
    fc.assert(
      fc.property(request, fc.constantFrom(...signals), (value, signal) => {
        expectAccount(new TextEncoder().encode(JSON.stringify(value)), signal, 'json');
      }),
      parameters,
    );
  });

  test('nests no deeper than it may', () => {
    for (const depth of [10, 100, 5_000]) {
      const body = nested(depth);
      const result = readOtlp(body, {
        signal: 'logs',
        encoding: 'protobuf',
        depthMax: 16,
        ...bounds,
      });
      if (depth > 20) expect(result.ok && result.value.errors.length === 0).toBe(false);
      else expect(result).toMatchObject({ ok: true, value: { errors: [] } });
    }
  });
});

describe('protobuf', () => {
  const probe = shape({
    1: one('text', 'text'),
    2: one('whole', 'int64'),
    3: one('zigzag', 'zigzag'),
    4: one('fixed', 'sfixed64'),
    5: one('double', 'double'),
    6: many('packed', 'double'),
    7: many('texts', 'text'),
    8: one('hex', 'hex'),
    300: one('far', 'unsigned'),
  });
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const said = (value: bigint): number | string => {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  };

  test('comes out as it went in, with fields it does not know in between', () => {
    const fields = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      whole: long,
      zigzag: fc.integer(),
      fixed: long,
      double: fc.double({ noNaN: true }),
      packed: fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 5 }),
      texts: fc.array(fc.string(), { minLength: 1, maxLength: 5 }),
      hex: fc.uint8Array({ maxLength: 20 }),
      far: fc.nat(2 ** 31 - 1),
    });
    fc.assert(
      fc.property(fields, (value) => {
        const writer = new ProtobufWriter();
        writer.text(99, 'unknown').text(1, value.text).varint(2, value.whole).varint(77, 5n);
        writer.varint(3, BigInt((value.zigzag << 1) ^ (value.zigzag >> 31)) & 0xffff_ffffn);
        writer.fixed64(4, value.fixed).double(5, value.double).doubles(6, value.packed);
        for (const text of value.texts) writer.text(7, text);
        writer.bytes(8, value.hex).varint(300, BigInt(value.far)).fixed64(98, 1n);
        expect(decodeMessage(writer.done(), probe, { depthMax: 8, partsMax: 100 })).toStrictEqual({
          ok: true,
          value: {
            ...{ text: value.text, whole: said(value.whole), zigzag: value.zigzag },
            ...{ fixed: said(value.fixed), double: value.double, packed: value.packed },
            ...{ texts: value.texts, far: value.far },
            hex: Buffer.from(value.hex).toString('hex'),
          },
        });
      }),
      parameters,
    );
  });

  test.each([
    ['a cut varint', [0x10, 0x80], 'the message ends too early'],
    ['an endless varint', [0x10, ...Array.from({ length: 11 }, () => 0xff)], 'more than ten bytes'],
    ['a text beyond the end', [0x0a, 0x05, 0x61], 'longer than its message'],
    ['a length of 2^63', [0x0a, ...Array.from({ length: 9 }, () => 0xff), 1], 'longer than its'],
    ['field 0', [0x00], 'field number 0'],
    ['a group', [0x0b, 0x0c], 'wire type 3'],
    ['a varint where a text belongs', [0x08, 0x01], 'wire type 0'],
    ['a double cut short', [0x29, 1, 2, 3], 'ends too early'],
  ])('%s is a fault', (_, bytes, fault) => {
    const result = decodeMessage(Uint8Array.from(bytes), probe, { depthMax: 8, partsMax: 100 });
    expect(result.ok ? '' : result.error).toContain(fault);
  });
});

describe('lines and datagrams', () => {
  const SPECIAL = Array.from('<>[]{}()|:#@,=\\"\' \n\t-+.0123456789abcJanTZ_esc');
  /** Texts of the characters that these formats give a meaning, and of any. */
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...SPECIAL) }),
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const seeds = [
    '<165>1 2003-10-11T22:14:15.003Z h app 1 ID47 [a@1 b="c\\"d"] said',
    '<34>Oct 11 22:14:15 h su[1]: said',
    'a.b:1:2|ms|@0.5|#x:y,z|c:w|T1700000000',
    '_e{5,4}:title|text|d:1|h:a|#t:u',
    '_sc|name|1|m:said',
    'http_requests_total{method="post",code="200"} 1027 1395066363000 # {trace_id="x"} 1 2',
    '# TYPE http_requests counter',
    '{"my.metric","a.b"="c"} +Inf',
  ];
  /** What is nearly right is what breaks readers. */
  const nearly = fc
    .tuple(fc.constantFrom(...seeds), fc.nat(90), text, fc.nat(9))
    .map(([seed, at, inside, without]) => seed.slice(0, at) + inside + seed.slice(at + without));
  const line = fc.oneof(text, nearly);
  const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);

  test('statsd takes any, and accounts for every line', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const { events, lines: places, errors } = readStatsd(bytesOf(lines.join('\n')));
        expect(places.length).toBe(events.length);
        const all = [...places, ...errors.map((error) => error.line)].sort((a, b) => a - b);
        expect(all).toStrictEqual(all.map((_, i) => i + 1));
        for (const { value } of events) expect(value ?? 0).not.toBeNaN();
        expect(() => JSON.stringify(events)).not.toThrow();
      }),
      parameters,
    );
  });

  test('every message of syslog is an event, with a severity', () => {
    fc.assert(
      fc.property(line, (message) => {
        const event = syslogEvent(message, 'peer', 1_700_000_000_000);
        expect(typeof event['severity']).toBe('string');
        expect(typeof event['message']).toBe('string');
        expect(() => JSON.stringify(event)).not.toThrow();
      }),
      parameters,
    );
  });

  test('frames of syslog may be any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), line, (bytes, message) => {
        expect(() => readSyslog(bytes, 0)).not.toThrow();
        const content = bytesOf(message);
        const body = Buffer.concat([syslogHead('::1', content.length), content]);
        const { events, errors } = readSyslog(body, 0);
        expect(events.length + errors.length).toBe(1);
      }),
      parameters,
    );
  });

  test('text of Prometheus is samples or errors, each with its line', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), fc.boolean(), (lines, isOpenMetrics) => {
        const limits = { samplesMax: 3, isOpenMetrics };
        const { samples, errors, left } = readPrometheusText(lines.join('\n'), limits);
        expect(samples.length).toBeLessThanOrEqual(3);
        expect(left).toBeGreaterThanOrEqual(0);
        for (const { value, name } of samples) {
          expect(name).not.toBe('');
          expect(value === null || Number.isFinite(value)).toBe(true);
        }
        for (const error of errors) expect(error.line).toBeGreaterThan(0);
      }),
      parameters,
    );
  });

  test('remote write takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const version of [1, 2] as const) {
          const read = readRemoteWrite(bytes, version, bounds);
          if (read.ok) expect(() => JSON.stringify(read.value.events)).not.toThrow();
        }
      }),
      parameters,
    );
  });
});

function changed(bytes: Uint8Array, at: number, by: number, how: string): Uint8Array {
  if (bytes.length === 0) return bytes;
  if (how === 'cut') return bytes.slice(0, at);
  const copy = [...bytes];
  if (how === 'flip') copy[at] = (copy[at] ?? 0) ^ by;
  else if (how === 'drop') copy.splice(at, 1);
  else copy.splice(at, 0, ...copy.slice(at, at + by));
  return Uint8Array.from(copy);
}

/** A log record whose body is a list in a list, and so on. */
function nested(depth: number): Uint8Array {
  let any = new ProtobufWriter().text(1, 'x').done();
  for (let i = 0; i < depth; i++) {
    const list = new ProtobufWriter().bytes(1, any).done();
    any = new ProtobufWriter().bytes(5, list).done();
  }
  const record = new ProtobufWriter().bytes(5, any).done();
  const scope = new ProtobufWriter().bytes(2, record).done();
  const resource = new ProtobufWriter().bytes(2, scope).done();
  return new ProtobufWriter().bytes(1, resource).done();
}
