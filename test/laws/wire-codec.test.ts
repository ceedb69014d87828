/**
 * Laws of the event frame: what goes in comes out, also when fields come, go and change their type
 * in the middle of a connection; and bytes from a hostile peer are an error, never an exception and
 * never a large allocation.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event, Value } from '../../src/model/value.ts';
import { CellBatchBuilder } from '../../src/wire/cell-batch.ts';
import { FrameEncoder } from '../../src/wire/frame-encoder.ts';
import {
  batchLimits,
  batchOf,
  decoded,
  dictionaryLimits,
  newDecoder,
  rowsOf,
  stamp,
} from '../support/wire-fixture.ts';

const RUNS = Number(process.env['RUNS'] ?? 200);
const SEED = Number(process.env['SEED'] ?? 20_261_121);
const parameters = { numRuns: RUNS, seed: SEED };

const wellFormed = fc.string({ unit: 'binary', maxLength: 12 });
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, true, false, 0, -0, 1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 1e300, ''),
  fc.constantFrom<Value>('GET', 'POST', '\ufeffbom', '\u0000', '😀', '__proto__'),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  wellFormed,
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Value>,
);
const key = fc.constantFrom('a', 'b', 'c', 'd.e', 'f', '__proto__', 'ключ');
const event = fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true });
const batches = fc.array(fc.array(event, { minLength: 1, maxLength: 40 }), {
  minLength: 1,
  maxLength: 6,
});

/** What JSON keeps of an event: null and missing are one, −0 inside lists is 0. */
function expected(source: Event): Record<string, Value> {
  const kept = Object.keys(source)
    .filter((name) => source[name] !== null)
    .map((name): [string, Value] => [name, plain(source[name] as Value)]);
  return Object.fromEntries(kept);
}

function plain(source: Value): Value {
  return typeof source === 'object' ? (JSON.parse(JSON.stringify(source)) as Value) : source;
}

describe('the event frame', () => {
  test('gives back every value of every event, whatever comes, goes or changes type', () => {
    const property = fc.property(batches, (all) => {
      const frames = new FrameEncoder(dictionaryLimits);
      const decoder = newDecoder();
      all.forEach((events, i) => {
        const builder = new CellBatchBuilder([], true, batchLimits);
        events.forEach((item, row) => {
          expect(builder.append(item, 10 * i + row)).toBe('added');
        });
        const header = stamp({ frameSequence: i + 1, stream: i % 3 === 2 ? 'other' : 'plays' });
        const batch = decoded(decoder, frames.encode(builder.seal(), header));
        expect(rowsOf(batch)).toStrictEqual(events.map(expected));
        expect([...batch.times]).toStrictEqual(events.map((_event, row) => 10 * i + row));
        expect(batch.header).toStrictEqual({ ...header, rows: events.length });
      });
    });
    fc.assert(property, parameters);
  });

  test('gives back strings under dictionaries of any size, small ones being reset', () => {
    const word = fc.integer({ min: 0, max: 60 }).map((n) => `word-${n}`);
    const texts = fc.array(fc.array(fc.option(word), { minLength: 1, maxLength: 80 }), {
      minLength: 1,
      maxLength: 8,
    });
    const property = fc.property(texts, fc.integer({ min: 1, max: 40 }), (all, entriesMax) => {
      const bytesMax = 300;
      const frames = new FrameEncoder({ entriesMax, bytesMax });
      const decoder = newDecoder({
        dictionaryEntriesMax: entriesMax,
        dictionaryBytesMax: bytesMax,
      });
      for (const column of all) {
        const events = column.map((text) => ({ x: text, y: text }));
        const batch = decoded(decoder, frames.encode(batchOf(['x', 'y'], events), stamp()));
        expect(rowsOf(batch)).toStrictEqual(events.map(expected));
      }
    });
    fc.assert(property, parameters);
  });

  test('is an error and nothing else when its bytes are damaged', () => {
    const damage = fc.array(
      fc.record({ at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }), cut: fc.nat() }),
      { minLength: 1, maxLength: 4 },
    );
    const property = fc.property(batches, damage, (all, damages) => {
      const frames = new FrameEncoder(dictionaryLimits);
      const decoder = newDecoder();
      all.forEach((events, i) => {
        const builder = new CellBatchBuilder([], true, batchLimits);
        for (const item of events) builder.append(item, 1);
        const bytes = frames.encode(builder.seal(), stamp({ frameSequence: i + 1 }));
        readAll(decoder.decode(damaged(bytes, damages)));
        readAll(decoder.decode(bytes.subarray(0, (damages[0]?.cut ?? 0) % bytes.length)));
        readAll(decoder.decode(bytes));
      });
    });
    fc.assert(property, parameters);
  });

  test('is an error when its bytes are random, behind a valid magic or not', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const property = fc.property(bytes, fc.boolean(), (random, magic) => {
      if (magic && random.length >= 12) {
        random.set([0x53, 0x51, 0x45, 0x42, 1, 1]);
        new DataView(random.buffer, random.byteOffset).setUint32(8, random.length, true);
      }
      readAll(newDecoder().decode(random));
    });
    fc.assert(property, parameters);
  });
});

function damaged(
  bytes: Uint8Array,
  damages: readonly { readonly at: number; readonly bit: number }[],
): Uint8Array {
  const copy = bytes.slice();
  for (const { at, bit } of damages) {
    const index = at % copy.length;
    copy[index] = (copy[index] as number) ^ (1 << bit);
  }
  return copy;
}

/** Reads every cell of what was accepted, so that a view beyond its bytes would show. */
function readAll(result: ReturnType<ReturnType<typeof newDecoder>['decode']>): void {
  if (!result.ok) {
    expect(result.error.code).toMatch(/^WIRE_/);
    return;
  }
  expect(rowsOf(result.value)).toHaveLength(result.value.rows);
}
