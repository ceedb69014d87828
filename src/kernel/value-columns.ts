/**
 * Cells of any kind as the narrowest column that holds them: numbers, booleans, strings as codes,
 * everything else as JSON. One pass looks, one writes.
 */
import type { CellReader, Column, Interner } from '../model/batch.ts';
import type { Value } from '../model/value.ts';
import { TextsDictionary } from './exchanged-batch.ts';
import { valuesColumn } from './gather-columns.ts';
import { allRows } from './selection.ts';

/** More strings than these are no dictionary. */
const CODES_MAX = 0xffff;

export function columnOfCells(read: CellReader, rows: number, interner: Interner): Column {
  const values: Value[] = [];
  for (let row = 0; row < rows; row++) values.push(read(row));
  switch (commonType(values)) {
    case 'null':
      return { kind: 'null' };
    case 'number':
      return { kind: 'f64', values: numbersOf(values) };
    case 'boolean':
      return { kind: 'bool', values: booleansOf(values) };
    case 'string':
      return codesOf(values, interner) ?? jsonOf(values);
    default:
      return jsonOf(values);
  }
}

/** Of all values that are not null; `object` too where they have several. */
function commonType(values: readonly Value[]): string {
  let common = 'null';
  for (const value of values) {
    if (value === null) continue;
    const type = typeof value;
    if (common === 'null') common = type;
    else if (common !== type) return 'object';
  }
  return common;
}

function jsonOf(values: readonly Value[]): Column {
  return valuesColumn((row) => values[row]!, allRows(values.length), values.length);
}

function numbersOf(values: readonly Value[]): Float64Array {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) numbers[i] = (values[i] as number | null) ?? Number.NaN;
  return numbers;
}

function booleansOf(values: readonly Value[]): Uint8Array {
  const booleans = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    booleans[i] = value === null ? 2 : Number(value);
  }
  return booleans;
}

function codesOf(values: readonly Value[], interner: Interner): Column | null {
  const codes = new Uint16Array(values.length);
  const known = new Map<Value, number>();
  const texts: string[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === null) continue;
    let code = known.get(value);
    if (code === undefined) {
      if (texts.length >= CODES_MAX) return null;
      code = texts.push(value as string);
      known.set(value, code);
    }
    codes[i] = code;
  }
  return { kind: 'dict', codes, dictionary: new TextsDictionary(texts, interner) };
}
