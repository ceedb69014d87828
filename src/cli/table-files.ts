/** Tables from files, for `squilla eval`: read, typed and keyed as the engine does. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { DEFAULTS } from '../config.ts';
import { readTable } from '../model/read-table.ts';
import type { TableFormat } from '../model/read-table.ts';
import type { EvaluateTable } from '../reference/evaluate.ts';

const FORMATS: Readonly<Record<string, TableFormat>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
};

/** A text instead of tables: what is wrong. */
export async function tablesFromFiles(
  files: Readonly<Record<string, string>>,
  keys: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, EvaluateTable>> | string> {
  const tables: Record<string, EvaluateTable> = {};
  for (const [name, file] of Object.entries(files)) {
    const format = FORMATS[extname(file).toLowerCase()];
    if (format === undefined) return `${file}: a table is a .csv, .json or .ndjson file`;
    const table = await tableFromFile(file, format, keys[name]);
    if (typeof table === 'string') return table;
    tables[name] = table;
  }
  return tables;
}

async function tableFromFile(
  file: string,
  format: TableFormat,
  key: string | undefined,
): Promise<EvaluateTable | string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return `${file}: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { fieldsMax, tableRowsMax } = DEFAULTS;
  const read = readTable(text, format, { rowsMax: tableRowsMax, columnsMax: fieldsMax });
  if (!read.ok) {
    const { line, message } = read.error;
    return `${file}${line === null ? '' : `:${line}`}: ${message}`;
  }
  const [first = 'id'] = Object.keys(read.value[0] ?? {});
  return { key: key ?? first, rows: read.value };
}
