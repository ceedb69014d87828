/**
 * The conformance corpus of the agent protocol: per case one connection's binary frames as hex with
 * what they mean, so that an agent or an engine in another language can be held against it. The
 * files in test/golden/wire are written by `npm run golden`.
 */
import { DEFAULTS } from '../../src/config.ts';
import type { Event } from '../../src/model/value.ts';
import { CellBatchBuilder } from '../../src/wire/cell-batch.ts';
import { FrameEncoder } from '../../src/wire/frame-encoder.ts';
import { ENTRY, HEADER, HEADER_BYTES } from '../../src/wire/frame-layout.ts';
import { batchLimits, batchOf, newDecoder, rowsOf, stamp } from './wire-fixture.ts';

export interface CorpusFrame {
  readonly hex: string;
  /** Null: the frame is refused, with `error`. */
  readonly meaning: FrameMeaning | null;
  readonly error?: string;
}

export interface FrameMeaning {
  readonly header: object;
  readonly fields: readonly {
    readonly text: string;
    readonly key: boolean;
    readonly kind: string;
  }[];
  readonly times: readonly number[];
  /** Null fields are left out. −0 is written as "-0". */
  readonly rows: readonly object[];
}

export interface CorpusCase {
  readonly name: string;
  readonly about: string;
  /** Of this connection; the protocol's usual ones where not said. */
  readonly limits: { readonly dictionaryEntriesMax: number; readonly dictionaryBytesMax: number };
  readonly frames: readonly CorpusFrame[];
}

/** What a decoder makes of the frames of one connection. */
export function meaningsOf(
  hexes: readonly string[],
  limits: CorpusCase['limits'],
): readonly Omit<CorpusFrame, 'hex'>[] {
  const decoder = newDecoder(limits);
  return hexes.map((hex) => {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    const result = decoder.decode(bytes);
    if (!result.ok) return { meaning: null, error: result.error.code };
    const batch = result.value;
    const fields = batch.fields.map((field, i) => ({ ...field, kind: batch.column(i).kind }));
    const rows = rowsOf(batch).map(writableZero);
    return { meaning: { header: batch.header, fields, times: [...batch.times], rows } };
  });
}

/** JSON has no other way to write −0 that readers keep. */
function writableZero(row: Record<string, unknown>): object {
  const entries = Object.entries(row);
  return Object.fromEntries(entries.map(([key, v]) => [key, Object.is(v, -0) ? '-0' : v]));
}

interface CaseSource {
  readonly name: string;
  readonly about: string;
  readonly entriesMax?: number;
  readonly frames: (encoder: FrameEncoder) => readonly Uint8Array[];
}

function caseOf(source: CaseSource): CorpusCase {
  const limits = {
    dictionaryEntriesMax: source.entriesMax ?? DEFAULTS.dictionaryEntriesMax,
    dictionaryBytesMax: DEFAULTS.dictionaryBytesMax,
  };
  const encoder = new FrameEncoder({
    entriesMax: limits.dictionaryEntriesMax,
    bytesMax: limits.dictionaryBytesMax,
  });
  const hexes = source.frames(encoder).map((bytes) => Buffer.from(bytes).toString('hex'));
  const meanings = meaningsOf(hexes, limits);
  const frames = hexes.map((hex, i) => ({ hex, ...(meanings[i] as Omit<CorpusFrame, 'hex'>) }));
  return { name: source.name, about: source.about, limits, frames };
}

/** Frames 1, 2, … of one stream, one per list of events. */
function frames(
  encoder: FrameEncoder,
  names: readonly string[],
  batches: readonly (readonly Event[])[],
): readonly Uint8Array[] {
  let first = 1;
  return batches.map((events, i) => {
    const bytes = encoder.encode(
      batchOf(names, events),
      stamp({
        frameSequence: i + 1,
        firstSequence: first,
        epoch: 7,
        filtered: i,
        watermarkMs: 5_000.5,
      }),
    );
    first += events.length;
    return bytes;
  });
}

const xs = (...values: readonly unknown[]): readonly Event[] =>
  values.map((x) => ({ x })) as readonly Event[];

/** A good frame of every kind of column, to be damaged. */
function victim(): Uint8Array {
  const events = [
    { a: 1, b: 1.5, c: true, d: 'x', e: [1] },
    { a: 2, b: null, c: null, d: null, e: 'y' },
  ];
  const encoder = new FrameEncoder({ entriesMax: 16, bytesMax: 1_024 });
  return encoder.encode(batchOf(['a', 'b', 'c', 'd', 'e'], events), stamp());
}

/** The frame with something else written somewhere. */
function damaged(write: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = victim();
  write(new DataView(bytes.buffer), bytes);
  return bytes;
}

function columnAt(view: DataView, index: number): number {
  return view.getUint32(HEADER_BYTES + index * 16 + ENTRY.offset, true);
}

export function wireCorpus(): readonly CorpusCase[] {
  const sources: readonly CaseSource[] = [
    {
      name: 'numbers',
      about: 'i32 for whole numbers without nulls; f64 for all others, NaN being null, −0 kept.',
      frames: (encoder) =>
        frames(encoder, ['x'], [xs(1, -2, 2147483647), xs(1, null, 0.5), xs(2147483648, -0)]),
    },
    {
      name: 'booleans-and-nulls',
      about: 'bool is a byte a row: 0, 1, 2 for null. A column of nulls has no bytes.',
      frames: (encoder) => frames(encoder, ['x'], [xs(true, false, null), xs(null, null)]),
    },
    {
      name: 'dictionary',
      about: 'Codes go on meaning what earlier frames said; only new entries travel; 0 is null.',
      frames: (encoder) =>
        frames(encoder, ['x'], [xs('GET', 'POST', 'GET'), xs('POST', null), xs('PUT', 'GET', '')]),
    },
    {
      name: 'dictionary-reset',
      about:
        'A full dictionary (4 entries here) is emptied by flag 2, then codes begin at 1 again.',
      entriesMax: 4,
      frames: (encoder) =>
        frames(encoder, ['x'], [xs('a', 'b', 'a', 'b'), xs('c', 'd', 'e', 'c', 'd', 'e', 'c')]),
    },
    {
      name: 'text',
      about: 'More than 64 strings, most of them new: offsets and UTF-8 bytes, nulls as a bitmap.',
      frames: (encoder) =>
        frames(
          encoder,
          ['x'],
          [xs(...Array.from({ length: 70 }, (_n, i) => `id-${i}-é`), null, '😀')],
        ),
    },
    {
      name: 'variant',
      about: 'Mixed types, lists and objects are JSON texts.',
      frames: (encoder) => frames(encoder, ['x'], [xs(1, 'a', true, null, [1, { b: null }], {})]),
    },
    {
      name: 'schema-change',
      about: 'A field appears, then another goes; x keeps its dictionary all the time.',
      frames: (encoder) => [
        ...frames(encoder, ['x'], [[{ x: 'a' }]]),
        ...frames(encoder, ['x', 'y'], [[{ x: 'a', y: 1 }]]),
        ...frames(encoder, ['x'], [[{ x: 'a' }]]),
      ],
    },
    {
      name: 'all-keys',
      about:
        'select *: every top-level key is a column with key = true, beside the paths asked for.',
      frames: (encoder) => {
        const reader = { field: { text: 'user.plan', key: false }, read: () => 'pro' };
        const builder = new CellBatchBuilder([reader], true, batchLimits);
        builder.append({ n: 1, user: { plan: 'pro' } }, 1_000);
        builder.append({ 'user.plan': 'flat' }, 1_001);
        return [encoder.encode(builder.seal(), stamp())];
      },
    },
    {
      name: 'streams-and-no-columns',
      about: 'Two streams on one connection have two schema ids; a query may need no field at all.',
      frames: (encoder) => [
        encoder.encode(batchOf([], [{}, {}]), stamp({ stream: 'plays' })),
        encoder.encode(batchOf(['x'], [{ x: 1 }]), stamp({ stream: 'errors', frameSequence: 2 })),
        encoder.encode(batchOf([], [{}]), stamp({ stream: 'plays', frameSequence: 3 })),
      ],
    },
    {
      name: 'refused',
      about: 'Each frame is damaged in one place and refused; the connection is then closed.',
      frames: () => [
        victim().slice(0, 63),
        victim().slice(0, -8),
        damaged((view) => view.setUint32(HEADER.magic, 1, true)),
        damaged((_view, bytes) => bytes.fill(2, HEADER.version, HEADER.version + 1)),
        damaged((_view, bytes) => bytes.fill(9, HEADER.kind, HEADER.kind + 1)),
        damaged((view) => view.setUint32(HEADER.rows, 0x4000_0000, true)),
        damaged((view) => view.setUint32(HEADER.columns, 0xffff_ffff, true)),
        damaged((view) => view.setUint32(HEADER.schemaId, 1_000_000, true)),
        damaged((view) => view.setFloat64(HEADER.watermarkMs, Number.NaN, true)),
        damaged((view) => view.setFloat64(view.getUint32(HEADER.timesOffset, true), 1e300, true)),
        damaged((view) => view.setUint16(HEADER.flags, 0, true)),
        damaged((_view, bytes) =>
          bytes.fill(0x7b, HEADER_BYTES + 5 * 16, HEADER_BYTES + 5 * 16 + 2),
        ),
        damaged((view) => view.setUint8(HEADER_BYTES + ENTRY.kind, 7)),
        damaged((view) => view.setUint32(HEADER_BYTES + ENTRY.offset, 8, true)),
        damaged((view) => view.setUint32(HEADER_BYTES + ENTRY.byteLength, 4, true)),
        damaged((view) => view.setFloat64(columnAt(view, 1), Infinity, true)),
        damaged((view) => view.setUint8(columnAt(view, 2), 3)),
        damaged((view) => view.setUint16(columnAt(view, 3), 2, true)),
        damaged((view) => view.setUint32(columnAt(view, 4) + 4, 0xffff_ffff, true)),
      ],
    },
  ];
  return sources.map(caseOf);
}
