/** `squilla table put|list|show|rm`: tables that joins look up. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { TableView } from '../../gateway/table-port.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { ClientFlags, TablePutFlags } from '../flags.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
};

export async function tablePutCommand(
  name: string,
  file: string,
  flags: TablePutFlags,
  context: CliContext,
): Promise<number> {
  const type = TYPES[extname(file).toLowerCase()];
  if (type === undefined) {
    context.err(`${file}: a table is a .csv, .json or .ndjson file\n`);
    return 2;
  }
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    context.err(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const key = flags.key === undefined ? '' : `?key=${encodeURIComponent(flags.key)}`;
  const answer = await callApi(flags, `${pathOf(name)}${key}`, { method: 'PUT', text, type });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const view = answer.body as TableView;
  context.out(flags.json === true ? `${JSON.stringify(view)}\n` : saidOf(view));
  return 0;
}

export async function tableListCommand(flags: ClientFlags, context: CliContext): Promise<number> {
  const answer = await callApi(flags, '/api/v1/tables');
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const { tables } = answer.body as { readonly tables: readonly TableView[] };
  if (flags.json === true) {
    context.out(`${JSON.stringify(tables)}\n`);
    return 0;
  }
  if (tables.length === 0) {
    context.out('No tables yet. Make one: squilla table put titles titles.csv --key id\n');
    return 0;
  }
  const rows = tables.map(({ columns, key, name, queries, rows: count, version }) => [
    printable(name),
    printable(key),
    String(count),
    String(version),
    String(queries.length),
    columns.map((column) => printable(column.name)).join(', '),
  ]);
  const titles = ['table', 'key', 'rows', 'version', 'queries', 'columns'];
  const paint = createPaint(context.colors);
  context.out(renderTable(titles, rows, { columns: context.columns, paint }));
  return 0;
}

export async function tableShowCommand(
  name: string,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const answer = await callApi(flags, pathOf(name));
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const view = answer.body as TableView & { readonly sample: readonly object[] };
  if (flags.json === true) {
    context.out(`${JSON.stringify(view)}\n`);
    return 0;
  }
  context.out(saidOf(view));
  for (const row of view.sample) context.out(`${printable(JSON.stringify(row))}\n`);
  if (view.rows > view.sample.length) {
    context.out(`… and ${view.rows - view.sample.length} more\n`);
  }
  return 0;
}

export async function tableRmCommand(
  name: string,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const answer = await callApi(flags, pathOf(name), { method: 'DELETE' });
  if (answer.ok) return 0;
  context.err(`${answer.message}\n`);
  return 1;
}

function pathOf(name: string): string {
  return `/api/v1/tables/${encodeURIComponent(name)}`;
}

function saidOf({ duplicates, key, name, rows, version, withoutKey }: TableView): string {
  const head = `${printable(name)}: ${rows} rows by ${printable(key)}, version ${version}\n`;
  const notes: string[] = [];
  if (duplicates > 0) notes.push(`${duplicates} rows are hidden by later ones of the same key\n`);
  if (withoutKey > 0) notes.push(`${withoutKey} rows have no key and are never found\n`);
  return head + notes.join('');
}
