/** Columns of numbers: whole ones in as many bytes as they need, others as doubles. */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { GroupRange } from './partial-reading.ts';

const DOUBLES = 0;
const WHOLES = 1;
const ZEROS = 2;

type Numbers = Float64Array | Uint32Array | Uint16Array;

/** One number a group. */
export function writeNumbers(writer: ByteWriter, values: Numbers, range: GroupRange): void {
  const highest = highestOf(values, range);
  writer.byte(highest === 0 ? ZEROS : formOf(highest));
  if (highest > 0) writeAll(writer, values, range, formOf(highest));
}

/** Many numbers of one group. */
export function writeRun(writer: ByteWriter, values: Numbers, range: GroupRange): void {
  const form = formOf(highestOf(values, range));
  writer.byte(form);
  writeAll(writer, values, range, form);
}

/** `count`: finite and not negative. Room for n numbers is made whatever is left. */
export function readNumbers(reader: ByteReader, n: number, of: 'count' | 'any'): Float64Array {
  const form = reader.byte();
  return form === ZEROS ? new Float64Array(n) : readAll(reader, n, of, form);
}

/** As many numbers as the reader has bytes for. */
export function readRun(reader: ByteReader, n: number, of: 'count' | 'any'): Float64Array {
  return readAll(reader, n, of, reader.byte());
}

function formOf(highest: number): number {
  return highest === Infinity ? DOUBLES : WHOLES;
}

/** Infinity: not all are whole numbers from 0 on. */
function highestOf(values: Numbers, { from, to }: GroupRange): number {
  let highest = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) return Infinity;
    if (value > highest) highest = value;
  }
  return highest;
}

function writeAll(
  writer: ByteWriter,
  values: Numbers,
  { from, to }: GroupRange,
  form: number,
): void {
  for (let i = from; i < to; i++) {
    if (form === DOUBLES) writer.float(values[i]!);
    else writer.whole(values[i]!);
  }
}

function readAll(reader: ByteReader, n: number, of: 'count' | 'any', form: number): Float64Array {
  if (form > WHOLES) reader.fail('an unknown form of numbers');
  if (n * (form === WHOLES ? 1 : 8) > reader.left) reader.fail('numbers beyond the end');
  if (reader.fault !== null) return new Float64Array(0);
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    values[i] = form === WHOLES ? reader.whole() : reader.float();
    if (of === 'count' && !(values[i]! >= 0 && values[i]! < Infinity)) reader.fail('not a count');
  }
  return values;
}
