/**
 * Some rows of a batch, and only the fields that somebody reads, as a batch of its own: columns
 * that share no memory with the buffer they came from and may be transferred to another thread.
 * Dictionary columns carry the texts of the codes that occur, for ids mean nothing elsewhere.
 */
import type {
  BatchField,
  Column,
  DictionaryColumn,
  TextColumn,
  VariantColumn,
} from '../model/batch.ts';
import type { CellReader, EventBatch } from '../model/batch.ts';
import type { BatchView } from './batch-view.ts';

/** Structured-clone-safe; see {@link transferablesOf}. */
export interface GatheredBatch {
  readonly stream: string;
  readonly agentId: string;
  readonly incarnation: number | undefined;
  readonly rows: number;
  readonly times: Float64Array;
  readonly sequences: Float64Array;
  readonly fields: readonly BatchField[];
  readonly columns: readonly GatheredColumn[];
}

export type GatheredColumn =
  | Exclude<Column, DictionaryColumn>
  /** `texts[code − 1]` is the string of a code; code 0 is null. */
  | { readonly kind: 'dict'; readonly codes: Uint16Array; readonly texts: readonly string[] };

/** Every column of the bound batch, for who reads whole events. */
export function gatherAll(view: BatchView, rows: Uint32Array, n: number): GatheredBatch {
  const { batch } = view;
  const columns = batch.fields.map((_, index) => gatherColumn(batch.column(index), rows, n));
  return { ...headOf(batch, rows, n), fields: batch.fields, columns };
}

/** Fields of the bound view: `numbers[i]` becomes the column `fields[i]`. */
export function gatherFields(
  view: BatchView,
  {
    numbers,
    fields,
  }: { readonly numbers: readonly number[]; readonly fields: readonly BatchField[] },
  rows: Uint32Array,
  n: number,
): GatheredBatch {
  const columns = numbers.map((number) => {
    const column = view.column(number);
    return column === null
      ? valuesColumn(view.reader(number), rows, n)
      : gatherColumn(column, rows, n);
  });
  return { ...headOf(view.batch, rows, n), fields, columns };
}

/** What a message with the batch takes up, in bytes. */
export function gatheredBytes({ columns, rows }: GatheredBatch): number {
  let bytes = rows * 16;
  for (const column of columns) {
    for (const part of arraysOf(column)) bytes += part.byteLength;
    if (column.kind === 'dict') for (const text of column.texts) bytes += text.length * 2;
  }
  return bytes;
}

/** The buffers of the batch, which belongs to nobody here once they are transferred. */
export function transferablesOf({ columns, sequences, times }: GatheredBatch): ArrayBuffer[] {
  const arrays = [times, sequences, ...columns.flatMap(arraysOf)];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

function headOf(
  { stream, agentId, incarnation, firstSequence, sequences, times }: EventBatch,
  rows: Uint32Array,
  n: number,
): Omit<GatheredBatch, 'fields' | 'columns'> {
  const own = { times: new Float64Array(n), sequences: new Float64Array(n) };
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    own.times[i] = times[row]!;
    own.sequences[i] = sequences === undefined ? firstSequence + row : sequences[row]!;
  }
  return { stream, agentId, incarnation, rows: n, ...own };
}

function arraysOf(
  column: GatheredColumn,
): (Float64Array | Int32Array | Uint8Array | Uint16Array | Uint32Array)[] {
  switch (column.kind) {
    case 'null':
      return [];
    case 'f64':
    case 'i32':
    case 'bool':
      return [column.values];
    case 'dict':
      return [column.codes];
    case 'text':
    case 'variant':
      return [column.offsets, column.bytes, ...(column.nulls === null ? [] : [column.nulls])];
  }
}

function gatherColumn(column: Column, rows: Uint32Array, n: number): GatheredColumn {
  switch (column.kind) {
    case 'null':
      return column;
    case 'f64': {
      const values = new Float64Array(n);
      for (let i = 0; i < n; i++) values[i] = column.values[rows[i]!]!;
      return { kind: 'f64', values };
    }
    case 'i32': {
      const values = new Int32Array(n);
      for (let i = 0; i < n; i++) values[i] = column.values[rows[i]!]!;
      return { kind: 'i32', values };
    }
    case 'bool': {
      const values = new Uint8Array(n);
      for (let i = 0; i < n; i++) values[i] = column.values[rows[i]!]!;
      return { kind: 'bool', values };
    }
    case 'dict':
      return gatherCodes(column, rows, n);
    case 'text':
    case 'variant':
      return gatherTexts(column, rows, n);
  }
}

/** Codes in order of first use, so that only texts that occur travel. */
function gatherCodes(
  { codes, dictionary }: DictionaryColumn,
  rows: Uint32Array,
  n: number,
): GatheredColumn {
  const renamed = new Uint16Array(dictionary.size);
  const texts: string[] = [];
  const own = new Uint16Array(n);
  for (let i = 0; i < n; i++) {
    const code = codes[rows[i]!]!;
    if (code === 0) continue;
    if (renamed[code] === 0) renamed[code] = texts.push(dictionary.text(code));
    own[i] = renamed[code]!;
  }
  return { kind: 'dict', codes: own, texts };
}

function gatherTexts(
  { kind, offsets, bytes, nulls }: TextColumn | VariantColumn,
  rows: Uint32Array,
  n: number,
): GatheredColumn {
  const own = new Uint32Array(n + 1);
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    own[i + 1] = own[i]! + offsets[row + 1]! - offsets[row]!;
  }
  const copy = new Uint8Array(own[n]!);
  const absent = nulls === null ? null : new Uint8Array(Math.ceil(n / 8));
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    copy.set(bytes.subarray(offsets[row], offsets[row + 1]), own[i]);
    if (nulls !== null && (nulls[row >> 3]! & (1 << (row & 7))) !== 0) {
      absent![i >> 3]! |= 1 << (i & 7);
    }
  }
  return { kind, offsets: own, bytes: copy, nulls: absent };
}

/** Values that are put together from several columns, as JSON. */
export function valuesColumn(read: CellReader, rows: Uint32Array, n: number): VariantColumn {
  const offsets = new Uint32Array(n + 1);
  const nulls = new Uint8Array(Math.ceil(n / 8));
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  for (let i = 0; i < n; i++) {
    const value = read(rows[i]!);
    if (value === null) nulls[i >> 3]! |= 1 << (i & 7);
    else parts.push(encoder.encode(JSON.stringify(value)));
    offsets[i + 1] = offsets[i]! + (value === null ? 0 : parts.at(-1)!.byteLength);
  }
  const bytes = new Uint8Array(offsets[n]!);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return { kind: 'variant', offsets, bytes, nulls };
}
