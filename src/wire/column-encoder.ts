/**
 * One column into the frame: chooses the narrowest kind that loses nothing and writes its bytes.
 * Whole numbers that fit 32 bits are `i32` (never −0, never with nulls), other numbers `f64` with
 * NaN for null, strings `dict` or `text`; mixed types, lists and objects are JSON text.
 */
import type { ByteWriter } from './byte-writer.ts';
import { JsonText, SEEN } from './cell.ts';
import type { Cell } from './cell.ts';
import type { CellColumn } from './cell-batch.ts';
import type { CodedCells, DictionaryEncoder } from './dictionary-encoder.ts';
import { JsonSpan } from './flat-json.ts';
import type { FlatJson } from './flat-json.ts';
import { COLUMN_HAS_NULLS, COLUMN_RESETS_DICTIONARY, KIND } from './frame-layout.ts';
import { utf8BytesMax, writeUtf8 } from './utf8.ts';

/** What the directory says about a column besides where it stands. */
export interface WrittenColumn {
  readonly kind: number;
  readonly flags: number;
  readonly additions: number;
}

/** Writes at the writer's position, which is a multiple of 8. */
export function writeColumn(
  writer: ByteWriter,
  column: CellColumn,
  rows: number,
  dictionary: DictionaryEncoder,
): WrittenColumn {
  const types = column.seen & ~SEEN.null;
  const hasNulls = (column.seen & SEEN.null) !== 0;
  const { cells } = column;
  if (types === 0) return written(KIND.null);
  if (types === SEEN.int32 && !hasNulls) return writeIntegers(writer, cells, rows);
  if ((types & ~(SEEN.int32 | SEEN.number)) === 0) return writeNumbers(writer, cells, rows);
  if (types === SEEN.boolean) return writeBooleans(writer, cells, rows);
  if (types !== SEEN.string) return writeTexts(writer, column, rows, { hasNulls, json: true });
  const coded = dictionary.encode(cells, rows);
  if (coded !== null) return writeCodes(writer, coded);
  return writeTexts(writer, column, rows, { hasNulls, json: false });
}

function written(kind: number, flags = 0, additions = 0): WrittenColumn {
  return { kind, flags, additions };
}

function writeIntegers(writer: ByteWriter, cells: readonly Cell[], rows: number): WrittenColumn {
  writer.reserve(rows * 4);
  const target = new Int32Array(writer.bytes.buffer, writer.position, rows);
  for (let row = 0; row < rows; row++) target[row] = cells[row] as number;
  writer.position += rows * 4;
  return written(KIND.i32);
}

function writeNumbers(writer: ByteWriter, cells: readonly Cell[], rows: number): WrittenColumn {
  writer.reserve(rows * 8);
  const target = new Float64Array(writer.bytes.buffer, writer.position, rows);
  for (let row = 0; row < rows; row++) {
    const cell = cells[row];
    target[row] = typeof cell === 'number' ? cell : Number.NaN;
  }
  writer.position += rows * 8;
  return written(KIND.f64);
}

function writeBooleans(writer: ByteWriter, cells: readonly Cell[], rows: number): WrittenColumn {
  const start = writer.skip(rows);
  for (let row = 0; row < rows; row++) {
    const cell = cells[row];
    writer.bytes[start + row] = cell === true ? 1 : cell === false ? 0 : 2;
  }
  return written(KIND.bool);
}

function writeCodes(writer: ByteWriter, coded: CodedCells): WrittenColumn {
  const { codes, additions } = coded;
  writer.reserve(codes.byteLength);
  new Uint16Array(writer.bytes.buffer, writer.position, codes.length).set(codes);
  writer.position += codes.byteLength;
  if (additions.length > 0) {
    writer.align();
    const offsets = writer.skip((additions.length + 1) * 4);
    const start = writer.position;
    for (let i = 0; i < additions.length; i++) {
      writeText(writer, additions[i] as string);
      writer.view.setUint32(offsets + (i + 1) * 4, writer.position - start, true);
    }
  }
  return written(KIND.dict, coded.reset ? COLUMN_RESETS_DICTIONARY : 0, additions.length);
}

function writeTexts(
  writer: ByteWriter,
  { cells, json }: CellColumn,
  rows: number,
  form: { readonly hasNulls: boolean; readonly json: boolean },
): WrittenColumn {
  const offsets = writer.skip((rows + 1) * 4);
  const nulls = form.hasNulls ? writer.skip(Math.ceil(rows / 8)) : -1;
  const start = writer.position;
  for (let row = 0; row < rows; row++) {
    const cell = cells[row] as Cell;
    if (cell === null) {
      const at = nulls + (row >> 3);
      writer.bytes[at] = (writer.bytes[at] as number) | (1 << (row & 7));
    } else if (cell instanceof JsonSpan) {
      writeBytes(writer, (json as FlatJson).bytes, cell);
    } else {
      writeText(writer, form.json ? jsonOf(cell) : (cell as string));
    }
    writer.view.setUint32(offsets + (row + 1) * 4, writer.position - start, true);
  }
  return written(form.json ? KIND.variant : KIND.text, form.hasNulls ? COLUMN_HAS_NULLS : 0);
}

function writeText(writer: ByteWriter, text: string): void {
  writer.reserve(utf8BytesMax(text));
  writer.position = writeUtf8(text, writer.bytes, writer.position);
}

/** Spans are short: a copy by a call would cost more. */
function writeBytes(writer: ByteWriter, bytes: Uint8Array, { from, to }: JsonSpan): void {
  writer.reserve(to - from);
  const target = writer.bytes;
  let at = writer.position;
  for (let i = from; i < to; i++) target[at++] = bytes[i]!;
  writer.position = at;
}

function jsonOf(cell: Exclude<Cell, null | JsonSpan>): string {
  if (cell instanceof JsonText) return cell.text;
  // JSON.stringify would write −0 as 0.
  return Object.is(cell, -0) ? '-0' : JSON.stringify(cell);
}
