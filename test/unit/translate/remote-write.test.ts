/** Remote write, versions 1 and 2: messages built field by field from their specifications. */
import { describe, expect, test } from 'vitest';
import { readRemoteWrite } from '../../../src/translate/remote-write.ts';
import { ProtobufWriter } from '../../support/protobuf-writer.ts';

/** Of one body. */
const bounds = { recordsMax: 1_000, partsMax: 100_000 };

const message = (): ProtobufWriter => new ProtobufWriter();
const sample = (value: number, timeMs: number): Uint8Array =>
  message().double(1, value).varint(2, BigInt(timeMs)).done();
const label = (name: string, value: string): Uint8Array =>
  message().text(1, name).text(2, value).done();

function eventsOf(body: Uint8Array, version: 1 | 2): readonly object[] {
  const result = readRemoteWrite(body, version, bounds);
  if (!result.ok) throw new Error(result.error);
  expect(result.value.errors).toStrictEqual([]);
  return result.value.events;
}

/** −1, +2, −3 buckets of a native histogram of whole numbers. */
const nativeHistogram = message()
  .varint(1, 6n)
  .double(3, 18.4)
  .varint(4, 2n)
  .double(5, 1e-128)
  .varint(6, 1n)
  .bytes(11, message().varint(1, 0n).varint(2, 2n).done())
  .bytes(11, message().varint(1, 2n).varint(2, 1n).done())
  .varints(12, [2n, 1n, 3n])
  .varint(15, 1_700_000_000_000n)
  .done();
const histogramEvent = {
  ...{ time: 1_700_000_000_000, value: null, count: 6, sum: 18.4, schema: 1, zero_count: 1 },
  zero_threshold: 1e-128,
  positive: {
    spans: [
      { offset: 0, length: 2 },
      { offset: 1, length: 1 },
    ],
    counts: [1, 0, -2],
  },
  negative: null,
};

describe('version 1', () => {
  const series = message()
    .bytes(1, label('__name__', 'http_requests_total'))
    .bytes(1, label('instance', 'a:9100'))
    .bytes(1, label('job', 'node'))
    .bytes(1, label('path', '/'))
    .bytes(2, sample(3, 1_700_000_000_000))
    .bytes(2, sample(0, 1_700_000_001_000))
    .bytes(
      3,
      message()
        .bytes(1, label('trace_id', 'abc'))
        .double(2, 0.5)
        .varint(3, 1_699_999_999_000n)
        .done(),
    )
    .done();

  test('a sample is an event, with its labels and the name of its series', () => {
    const metadata = message().varint(1, 1n).text(2, 'http_requests_total').text(5, 's').done();
    const body = message().bytes(1, series).bytes(3, metadata).done();
    expect(eventsOf(body, 1)).toStrictEqual([
      {
        time: 1_700_000_000_000,
        start: null,
        name: 'http_requests_total',
        series: 'http_requests_total{instance="a:9100",job="node",path="/"}',
        type: 'counter',
        unit: 's',
        job: 'node',
        instance: 'a:9100',
        labels: { instance: 'a:9100', job: 'node', path: '/' },
        value: 3,
        exemplars: [{ time: 1_699_999_999_000, value: 0.5, labels: { trace_id: 'abc' } }],
      },
      expect.objectContaining({ time: 1_700_000_001_000, value: 0, exemplars: null }),
    ]);
  });

  test('a native histogram is one event', () => {
    const body = message()
      .bytes(1, message().bytes(1, label('__name__', 'h')).bytes(4, nativeHistogram).done())
      .done();
    expect(eventsOf(body, 1)).toMatchObject([{ name: 'h', ...histogramEvent }]);
  });

  test('a stale marker is a sample without a value', () => {
    const stale = message().fixed64(1, 0x7ff0_0000_0000_0002n).varint(2, 5n).done();
    const body = message().bytes(1, message().bytes(2, stale).done()).done();
    expect(eventsOf(body, 1)).toMatchObject([{ name: null, series: '', value: null }]);
  });
});

test('few bytes cannot name much text', () => {
  const long = 'x'.repeat(1_024 * 1_024);
  const body = message().text(4, '__name__').text(4, long);
  const series = message().varints(1, [0n, 1n]).bytes(2, sample(1, 5)).done();
  for (let i = 0; i < 70; i++) body.bytes(5, series);
  const result = readRemoteWrite(body.done(), 2, bounds);
  if (!result.ok) throw new Error(result.error);
  const { errors, events } = result.value;
  expect([events.length, errors.length]).toStrictEqual([63, 7]);
  expect(errors[0]?.message).toBe('labels of more than 67108864 characters');
});

test('nor do exemplars name more', () => {
  const exemplar = message().varints(1, [0n, 1n]).done();
  const series = message().varints(1, [2n, 2n]).bytes(2, sample(1, 5));
  for (let i = 0; i < 70; i++) series.bytes(4, exemplar);
  const symbols = message()
    .text(4, 'id')
    .text(4, 'x'.repeat(1_024 * 1_024))
    .text(4, 'a');
  const result = readRemoteWrite(symbols.bytes(5, series.done()).done(), 2, bounds);
  if (!result.ok) throw new Error(result.error);
  const { errors, events } = result.value;
  expect([events.length, errors.length]).toStrictEqual([0, 1]);
});

describe('version 2', () => {
  const symbols = ['', '__name__', 'latency', 'job', 'node', 'seconds', 'trace_id', 'abc'];

  function request(series: ProtobufWriter): Uint8Array {
    const all = message();
    for (const symbol of symbols) all.text(4, symbol);
    return all.bytes(5, series.done()).done();
  }

  test('labels and units are places in a table', () => {
    const exemplar = message().varints(1, [6n, 7n]).double(2, 0.2).varint(3, 9n).done();
    const series = message()
      .varints(1, [1n, 2n, 3n, 4n])
      .bytes(2, sample(1.5, 1_700_000_000_000))
      .bytes(3, nativeHistogram)
      .bytes(4, exemplar)
      .bytes(5, message().varint(1, 3n).varint(3, 0n).varint(4, 5n).done());
    expect(eventsOf(request(series), 2)).toMatchObject([
      {
        ...{ name: 'latency', series: 'latency{job="node"}', type: 'histogram', unit: 'seconds' },
        ...{ value: 1.5, labels: { job: 'node' } },
        exemplars: [{ time: 9, value: 0.2, labels: { trace_id: 'abc' } }],
      },
      { name: 'latency', ...histogramEvent, exemplars: null },
    ]);
  });

  test('a sample, a histogram and a series may say since when they count', () => {
    const started = message().double(1, 1).varint(2, 5n).varint(3, 3n).done();
    const series = message().varints(1, [1n, 2n]).bytes(2, started).bytes(2, sample(1, 5));
    expect(eventsOf(request(series), 2)).toMatchObject([{ start: 3 }, { start: null }]);
    const histogram = message().varint(1, 6n).varint(14, 2n).varint(15, 9n).varint(17, 4n).done();
    const histograms = message().varints(1, [1n, 2n]).bytes(3, histogram);
    expect(eventsOf(request(histograms), 2)).toMatchObject([{ start: 4, reset_hint: 'no' }]);
    const early = message().varints(1, [1n, 2n]).bytes(2, sample(1, 5)).varint(6, 2n);
    expect(eventsOf(request(early), 2)).toMatchObject([{ start: 2 }]);
  });

  test('places need not be packed', () => {
    const series = message().varint(1, 1n).varint(1, 2n).bytes(2, sample(1, 1));
    expect(eventsOf(request(series), 2)).toMatchObject([{ name: 'latency', labels: {} }]);
  });

  test.each([[[1n, 99n]], [[1n]], [[99n, 1n]]])(
    'a series that refers to %s is refused, and no other',
    (places) => {
      const bad = message().varints(1, places).bytes(2, sample(1, 1)).bytes(2, sample(2, 2)).done();
      const good = message().varints(1, [1n, 2n]).bytes(2, sample(3, 3)).done();
      const all = message();
      for (const symbol of symbols) all.text(4, symbol);
      const result = readRemoteWrite(all.bytes(5, bad).bytes(5, good).done(), 2, bounds);
      if (!result.ok) throw new Error(result.error);
      expect(result.value.events).toMatchObject([{ value: 3 }]);
      expect(result.value.lines).toStrictEqual([3]);
      expect(result.value.errors.map(({ line }) => line)).toStrictEqual([1, 2]);
    },
  );

  test('a body of version 1 has no series of version 2', () => {
    const series = message().bytes(1, label('a', 'b')).bytes(2, sample(1, 1)).done();
    expect(eventsOf(message().bytes(1, series).done(), 2)).toStrictEqual([]);
  });
});

test('what is no protobuf is refused whole', () => {
  for (const version of [1, 2] as const) {
    expect(readRemoteWrite(Uint8Array.from([0x0b, 1]), version, bounds).ok).toBe(false);
  }
});
