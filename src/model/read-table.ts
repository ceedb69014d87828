/**
 * Texts → rows of a table: CSV with a header line, a JSON list of objects, or NDJSON. What cannot
 * be a table is a fault with its line; nothing throws. In CSV a column is of numbers or booleans
 * only if every cell of it is; empty cells are null.
 * @see RFC 4180 for CSV
 */
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { isObject } from './value.ts';
import type { Value, ValueObject } from './value.ts';

export type TableFormat = 'csv' | 'json' | 'ndjson';

export interface TableBounds {
  readonly rowsMax: number;
  readonly columnsMax: number;
}

export interface TableFault {
  /** From 1; null: of no line. */
  readonly line: number | null;
  readonly message: string;
}

export type TableRead = Result<readonly ValueObject[], TableFault>;

const NAME = /^[\p{L}_][\p{L}\p{Nd}_.:-]{0,127}$/u;

/** A letter, then up to 127 letters, digits or `_ . : -`. */
export function isTableName(name: string): boolean {
  return NAME.test(name);
}

export function readTable(text: string, format: TableFormat, bounds: TableBounds): TableRead {
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text;
  switch (format) {
    case 'csv':
      return readCsv(plain, bounds);
    case 'json':
      return readJson(plain, bounds);
    case 'ndjson':
      return readNdjson(plain, bounds);
  }
}

function readJson(text: string, bounds: TableBounds): TableRead {
  const value = parse(text);
  if (!Array.isArray(value)) return fault(null, 'not a JSON list of objects');
  const rows: ValueObject[] = [];
  for (const [index, row] of (value as Value[]).entries()) {
    if (!isObject(row)) return fault(index + 1, 'not an object');
    rows.push(row);
  }
  return bounded(rows, bounds);
}

function readNdjson(text: string, bounds: TableBounds): TableRead {
  const rows: ValueObject[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = parse(line);
    if (row === undefined || !isObject(row)) return fault(index + 1, 'not a JSON object');
    rows.push(row);
    if (rows.length > bounds.rowsMax) break;
  }
  return bounded(rows, bounds);
}

function readCsv(text: string, bounds: TableBounds): TableRead {
  const cells = csvRecords(text, bounds);
  if (!cells.ok) return cells;
  const [header, ...records] = cells.value;
  if (header === undefined) return fault(1, 'there is no header line');
  const names = header.cells.map((name) => name.trim());
  if (names.includes('')) return fault(1, 'a column of the header has no name');
  if (new Set(names).size < names.length) return fault(1, 'two columns have one name');
  if (names.length > bounds.columnsMax) return fault(1, `more than ${bounds.columnsMax} columns`);
  for (const { cells: own, line } of records) {
    if (own.length !== names.length) {
      return fault(line, `${own.length} cells where the header has ${names.length}`);
    }
  }
  const columns = names.map((_, i) => typedColumn(records.map((record) => record.cells[i] ?? '')));
  const rows = records.map((_, row) =>
    Object.fromEntries(names.map((name, i) => [name, columns[i]?.[row] ?? null])),
  );
  return bounded(rows, bounds);
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Quotes may hold commas, line ends and doubled quotes. */
function csvRecords(text: string, { rowsMax }: TableBounds): Result<CsvRecord[], TableFault> {
  const records: CsvRecord[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length && records.length <= rowsMax + 1) {
    const began = line;
    const cells: string[] = [];
    for (;;) {
      const cell = csvCell(text, at);
      if (cell === null) return err({ line: began, message: 'a quote is not closed' });
      cells.push(cell.text);
      line += cell.lines;
      at = cell.end;
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    if (at < text.length && text[at] !== '\n') {
      return err({ line, message: 'a quote ends in the middle of a cell' });
    }
    at += 1;
    line += 1;
    if (cells.length > 1 || cells[0] !== '') records.push({ line: began, cells });
  }
  return ok(records);
}

interface CsvCell {
  readonly text: string;
  readonly end: number;
  /** Line ends inside. */
  readonly lines: number;
}

/** Null: a quote is not closed. */
function csvCell(text: string, start: number): CsvCell | null {
  if (text[start] !== '"') {
    const end = plainEnd(text, start);
    return { text: text.slice(start, end), end, lines: 0 };
  }
  for (let at = start + 1; ; at += 1) {
    at = text.indexOf('"', at);
    if (at < 0) return null;
    if (text[at + 1] === '"') {
      at += 1;
      continue;
    }
    const inner = text.slice(start + 1, at).replaceAll('""', '"');
    return { text: inner, end: at + 1, lines: inner.split('\n').length - 1 };
  }
}

function plainEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at += 1;
  return at;
}

/** Shortest form only: `007` and `1e400` are texts. */
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

function typedColumn(cells: readonly string[]): readonly Value[] {
  const filled = cells.filter((cell) => cell !== '');
  const isNumeric = filled.every((cell) => NUMBER.test(cell) && isExact(cell));
  if (isNumeric) return cells.map((cell) => (cell === '' ? null : Number(cell)));
  const isLogical = filled.every((cell) => cell === 'true' || cell === 'false');
  if (isLogical) return cells.map((cell) => (cell === '' ? null : cell === 'true'));
  return cells.map((cell) => (cell === '' ? null : cell));
}

/** Larger whole numbers are ids that a double would change. */
function isExact(cell: string): boolean {
  const value = Number(cell);
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

function bounded(rows: readonly ValueObject[], { rowsMax, columnsMax }: TableBounds): TableRead {
  if (rows.length > rowsMax) return fault(null, `more than ${rowsMax} rows`);
  const wide = rows.findIndex((row) => Object.keys(row).length > columnsMax);
  return wide < 0 ? ok(rows) : fault(wide + 1, `more than ${columnsMax} columns`);
}

function parse(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    // The caller says where.
    return undefined;
  }
}

function fault(line: number | null, message: string): TableRead {
  return err({ line, message });
}
