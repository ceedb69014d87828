import { DEFAULTS } from '../../../src/config.ts';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/model/value.ts';
import { SEEN } from '../../../src/wire/cell.ts';
import { CellBatchBuilder } from '../../../src/wire/cell-batch.ts';
import { createEventEncoder } from '../../../src/wire/event-encoder.ts';
import { FrameEncoder } from '../../../src/wire/frame-encoder.ts';
import { HEADER } from '../../../src/wire/frame-layout.ts';
import {
  batchLimits,
  batchOf,
  decoded,
  dictionaryLimits,
  newDecoder,
  readers,
  rowsOf,
  stamp,
} from '../../support/wire-fixture.ts';

const words = (count: number, prefix = 'w'): readonly Event[] =>
  Array.from({ length: count }, (_none, i) => ({ x: `${prefix}${i}` }));

describe('the kind of a column', () => {
  test.each([
    { name: 'whole numbers of 32 bits', values: [1, -5, 2 ** 31 - 1, -(2 ** 31)], kind: 'i32' },
    { name: 'a whole number beyond 32 bits', values: [1, 2 ** 31], kind: 'f64' },
    { name: 'a fraction', values: [1, 0.5], kind: 'f64' },
    { name: 'minus zero', values: [1, -0], kind: 'f64' },
    { name: 'a missing number', values: [1, null], kind: 'f64' },
    { name: 'booleans', values: [true, null, false], kind: 'bool' },
    { name: 'strings that come again', values: ['a', 'b', 'a', null], kind: 'dict' },
    { name: 'nothing at all', values: [null, null], kind: 'null' },
    { name: 'mixed types', values: [1, 'a', true, null, -0], kind: 'variant' },
    { name: 'lists and objects', values: [[1, [2]], { a: null }], kind: 'variant' },
  ])('of $name is $kind', ({ values, kind }) => {
    const frames = new FrameEncoder(dictionaryLimits);
    const batch = batchOf(
      ['x'],
      values.map((x) => ({ x })),
    );
    const got = decoded(newDecoder(), frames.encode(batch, stamp()));
    expect(got.column(0).kind).toBe(kind);
    expect(rowsOf(got)).toStrictEqual(values.map((x) => (x === null ? {} : { x })));
  });

  test('is text when more than half of many strings are new, and known ones stay known', () => {
    const frames = new FrameEncoder(dictionaryLimits);
    const decoder = newDecoder();
    const first = [...words(50), ...words(50)];
    expect(decoded(decoder, frames.encode(batchOf(['x'], first), stamp())).column(0).kind).toBe(
      'dict',
    );
    const fresh = decoded(decoder, frames.encode(batchOf(['x'], words(300, 'id')), stamp()));
    expect(fresh.column(0).kind).toBe('text');
    const again = decoded(decoder, frames.encode(batchOf(['x'], words(50)), stamp()));
    const column = again.column(0);
    if (column.kind !== 'dict') throw new Error(column.kind);
    expect(column.dictionary.size).toBe(51);
  });
});

describe('what travels', () => {
  test('a schema once, and again when a field appears, dictionaries being kept', () => {
    const frames = new FrameEncoder(dictionaryLimits);
    const decoder = newDecoder();
    const schemaBytes = (bytes: Uint8Array): number =>
      new DataView(bytes.buffer).getUint32(HEADER.schemaBytes, true);
    const one = frames.encode(batchOf(['x'], [{ x: 'a' }]), stamp());
    const two = frames.encode(batchOf(['x'], [{ x: 'a' }]), stamp());
    const three = frames.encode(batchOf(['x', 'y'], [{ x: 'a', y: 1 }]), stamp());
    expect([one, two, three].map((bytes) => schemaBytes(bytes) > 0)).toStrictEqual([
      true,
      false,
      true,
    ]);
    for (const bytes of [one, two])
      expect(rowsOf(decoded(decoder, bytes))).toStrictEqual([{ x: 'a' }]);
    const batch = decoded(decoder, three);
    expect(rowsOf(batch)).toStrictEqual([{ x: 'a', y: 1 }]);
    const column = batch.column(0);
    expect(column.kind === 'dict' && column.dictionary.size).toBe(2);
  });

  test('a path and a top-level key of the same text are two columns', () => {
    const path = { field: { text: 'a.b', key: false }, read: () => 'path' };
    const builder = new CellBatchBuilder([path], true, batchLimits);
    builder.append({ 'a.b': 'key' }, 1);
    const bytes = new FrameEncoder(dictionaryLimits).encode(builder.seal(), stamp());
    const batch = decoded(newDecoder(), bytes);
    expect(batch.fields).toStrictEqual([
      { text: 'a.b', key: false },
      { text: 'a.b', key: true },
    ]);
  });

  test('rows without any column, for a query that only counts', () => {
    const bytes = new FrameEncoder(dictionaryLimits).encode(batchOf([], [{ x: 1 }, {}]), stamp());
    const batch = decoded(newDecoder(), bytes);
    expect([batch.rows, batch.fields]).toStrictEqual([2, []]);
  });

  test('a dictionary begun anew when it is full', () => {
    const limits = { entriesMax: 40, bytesMax: 100_000 };
    const frames = new FrameEncoder(limits);
    const decoder = newDecoder({ dictionaryEntriesMax: 40 });
    const generations = ['a', 'b', 'c'].map((prefix) => {
      const events = [...words(30, prefix), ...words(30, prefix), ...words(30, prefix)];
      const batch = decoded(decoder, frames.encode(batchOf(['x'], events), stamp()));
      expect(rowsOf(batch)).toStrictEqual(events);
      const column = batch.column(0);
      return column.kind === 'dict' ? column.dictionary.generation : column.kind;
    });
    expect(generations).toStrictEqual([0, 1, 2]);
  });

  test('values as JSON has them', () => {
    const odd = {
      nan: Number.NaN,
      infinite: Infinity,
      big: 2n ** 70n,
      date: new Date(0),
      call: () => 1,
      lone: '\ud800',
      missing: undefined,
    };
    const names = Object.keys(odd);
    const batch = batchOf(names, [odd as unknown as Event]);
    const got = decoded(newDecoder(), new FrameEncoder(dictionaryLimits).encode(batch, stamp()));
    expect(rowsOf(got)).toStrictEqual([
      { big: '1180591620717411303424', date: '1970-01-01T00:00:00.000Z', lone: '\ufffd' },
    ]);
  });
});

describe('the receiver', () => {
  test.each([
    {
      name: 'a Buffer at an odd offset',
      view: (b: Uint8Array) => Buffer.concat([Buffer.alloc(3), b]).subarray(3),
    },
    { name: 'an array at an odd offset', view: odd },
    { name: 'an aligned array', view: (b: Uint8Array) => b },
  ])('reads from $name', ({ view }) => {
    const events = [{ x: 1.5, y: 'ü', z: [1] }];
    const bytes = new FrameEncoder(dictionaryLimits).encode(
      batchOf(['x', 'y', 'z'], events),
      stamp(),
    );
    expect(rowsOf(decoded(newDecoder(), view(bytes)))).toStrictEqual(events);
  });

  test('makes its columns of the frame’s own bytes when they are aligned', () => {
    const bytes = new FrameEncoder(dictionaryLimits).encode(batchOf(['x'], [{ x: 1.5 }]), stamp());
    const column = decoded(newDecoder(), bytes).column(0);
    expect(column.kind === 'f64' && column.values.buffer).toBe(bytes.buffer);
  });

  test('knows the earliest and the latest of its times', () => {
    const builder = new CellBatchBuilder(readers(['x']), false, batchLimits);
    for (const timeMs of [1_100, 900, 2_000, 901]) builder.append({ x: 1 }, timeMs);
    const bytes = new FrameEncoder(dictionaryLimits).encode(builder.seal(), stamp());
    expect(decoded(newDecoder(), bytes).span).toEqual({ minMs: 900, maxMs: 2_000 });
  });

  test('is as it was after a bad frame', () => {
    const frames = new FrameEncoder(dictionaryLimits);
    const decoder = newDecoder();
    const good = frames.encode(batchOf(['x'], [{ x: 'a' }]), stamp());
    const next = frames.encode(batchOf(['x'], [{ x: 'b' }]), stamp());
    decoded(decoder, good);
    const bad = next.slice();
    bad[bad.length - 8] = 0xff;
    bad.fill(0xff, 80, 88);
    expect(decoder.decode(bad).ok).toBe(false);
    expect(rowsOf(decoded(decoder, next))).toStrictEqual([{ x: 'b' }]);
    expect([...decoder.usedIds()]).toHaveLength(2);
  });

  test('refuses a frame beyond the limit', () => {
    const bytes = new FrameEncoder(dictionaryLimits).encode(batchOf(['x'], words(200)), stamp());
    const decoder = newDecoder({ frameBytesMax: 1_024 });
    expect(decoder.decode(bytes)).toMatchObject({ error: { code: 'WIRE_FRAME_TOO_LARGE' } });
  });

  test('refuses JSON that is nested too deeply', () => {
    let deep: Event = {};
    for (let i = 0; i < 20; i++) deep = { deep };
    const bytes = new FrameEncoder(dictionaryLimits).encode(batchOf(['x'], [{ x: deep }]), stamp());
    expect(newDecoder({ depthMax: 30 }).decode(bytes).ok).toBe(true);
    expect(newDecoder({ depthMax: 10 }).decode(bytes)).toMatchObject({
      error: { code: 'WIRE_BAD_FRAME' },
    });
  });

  test('refuses dictionaries beyond the connection’s bound', () => {
    const bytes = new FrameEncoder(dictionaryLimits).encode(batchOf(['x'], words(60)), stamp());
    const result = newDecoder({ dictionaryBytesMax: 100 }).decode(bytes);
    expect(result).toMatchObject({
      error: { detail: 'dictionaries of the connection are too large' },
    });
  });
});

describe('collecting rows', () => {
  test('says when a batch is full, and takes the event into the next', () => {
    const options = { readers: readers(['x']), allKeys: false, dictionary: dictionaryLimits };
    const encoder = createEventEncoder({ ...options, batch: { ...batchLimits, rowsMax: 2 } });
    expect(['a', 'b', 'c'].map((x) => encoder.append({ x }, 1))).toStrictEqual([
      'added',
      'added',
      'full',
    ]);
    const decoder = newDecoder();
    expect(rowsOf(decoded(decoder, encoder.finish(stamp())))).toHaveLength(2);
    expect(encoder.append({ x: 'c' }, 1)).toBe('added');
    expect(encoder.rows).toBe(1);
  });

  test('an event nested deeper than frames may be costs only itself', () => {
    const builder = new CellBatchBuilder(readers(['x']), false, batchLimits);
    const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    const { depthMax } = DEFAULTS;
    expect(builder.append({ x: nested(depthMax + 1) } as Event, 1)).toBe('malformed');
    expect(builder.append({ x: nested(depthMax) } as Event, 2)).toBe('added');
    expect(builder.append({ x: { text: '['.repeat(depthMax + 1) } }, 3)).toBe('added');
    expect(builder.seal().rows).toBe(2);
  });

  test('an event that throws while it is read leaves nothing behind', () => {
    const builder = new CellBatchBuilder(readers(['x', 'y']), false, batchLimits);
    const mean = {
      x: 1,
      get y(): number {
        throw new Error('no');
      },
    };
    expect(builder.append(mean, 1)).toBe('malformed');
    builder.append({ x: 2, y: 3 }, 2);
    expect(builder.seal().columns.map((column) => column.cells)).toStrictEqual([[2], [3]]);
  });

  test('an event that is taken back leaves neither its columns nor its types', () => {
    const builder = new CellBatchBuilder([], true, batchLimits);
    const event = {
      a: 'text',
      b: { c: 1 },
      get d(): number {
        throw new Error('no');
      },
    };
    builder.append({ a: 1 }, 1);
    expect(builder.append(event, 2)).toBe('malformed');
    builder.append({ a: 2 }, 3);
    const { columns, fields, rows } = builder.seal();
    expect([fields.map(({ text }) => text), rows]).toStrictEqual([['a'], 2]);
    expect(columns).toMatchObject([{ cells: [1, 2], seen: SEEN.int32 }]);
  });

  test('more keys than columns are allowed is too large an event', () => {
    const builder = new CellBatchBuilder([], true, { ...batchLimits, fieldsMax: 2 });
    expect(builder.append({ a: 1, b: 2, c: 3 }, 1)).toBe('oversize');
    expect(builder.append({ a: 1, b: 2 }, 1)).toBe('added');
    expect(builder.append({ c: 1 }, 1)).toBe('full');
  });
});

function odd(bytes: Uint8Array): Uint8Array {
  const wide = new Uint8Array(bytes.length + 5);
  wide.set(bytes, 5);
  return wide.subarray(5);
}
