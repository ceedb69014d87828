/** `squilla table put|list|show|rm`: tables that joins look up. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import type { TableView } from '../../gateway/table-port.ts';
import { callApi } from '../api.ts';
import type { ApiRequest } from '../api.ts';
import type { CliContext } from '../context.ts';
import { durationMs } from '../duration.ts';
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
  from: string,
  flags: TablePutFlags,
  context: CliContext,
): Promise<number> {
  const request = /^https?:/i.test(from)
    ? sourceRequest(from, flags)
    : await rowsRequest(from, flags);
  if (typeof request === 'string') {
    context.err(`${request}\n`);
    return 2;
  }
  const { path, ...init } = request;
  const answer = await callApi(flags, `${pathOf(name)}${path}`, { method: 'PUT', ...init });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const view = answer.body as TableView;
  context.out(flags.json === true ? `${JSON.stringify(view)}\n` : saidOf(view, systemClock.now()));
  return 0;
}

/** A text: what is wrong. */
type PutRequest = (ApiRequest & { readonly path: string }) | string;

function sourceRequest(url: string, { format, key, refresh }: TablePutFlags): PutRequest {
  const refreshMs = refresh === undefined ? undefined : durationMs(refresh);
  if (refreshMs === null) return `--refresh: a duration such as 5m, not ${refresh}`;
  return { path: '/source', body: { url, key, format, refreshMs } };
}

async function rowsRequest(file: string, flags: TablePutFlags): Promise<PutRequest> {
  if (flags.refresh !== undefined) return '--refresh: only a URL is asked again and again';
  const type = TYPES[flags.format === undefined ? extname(file).toLowerCase() : `.${flags.format}`];
  if (type === undefined) return `${file}: a table is a .csv, .json or .ndjson file`;
  const path = flags.key === undefined ? '' : `?key=${encodeURIComponent(flags.key)}`;
  try {
    return { path, type, text: await readFile(file, 'utf8') };
  } catch (error) {
    return `${file}: ${error instanceof Error ? error.message : String(error)}`;
  }
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
  const nowMs = systemClock.now();
  const rows = tables.map((table) => [
    printable(table.name),
    printable(table.key),
    String(table.rows),
    String(table.version),
    String(table.queries.length),
    ageOf(table, nowMs),
    table.source === null ? `by ${printable(table.author)}` : printable(table.source.location),
    table.columns.map((column) => printable(column.name)).join(', '),
  ]);
  const titles = ['table', 'key', 'rows', 'version', 'queries', 'age', 'from', 'columns'];
  const paint = createPaint(context.colors);
  context.out(renderTable(titles, rows, { columns: context.columns, paint }));
  for (const table of tables) context.out(troubleOf(table));
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
  context.out(saidOf(view, systemClock.now()));
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

function saidOf(view: TableView, nowMs: number): string {
  const { duplicates, key, name, rows, source, version, withoutKey } = view;
  const from =
    source === null ? '' : `, ${ageOf(view, nowMs)} old, from ${printable(source.location)}`;
  const head = `${printable(name)}: ${rows} rows by ${printable(key)}, version ${version}${from}\n`;
  const notes: string[] = [];
  if (duplicates > 0) notes.push(`${duplicates} rows are hidden by later ones of the same key\n`);
  if (withoutKey > 0) notes.push(`${withoutKey} rows have no key and are never found\n`);
  return head + notes.join('') + troubleOf(view);
}

/** Since somebody put the rows there, or their source last confirmed them. */
function ageOf({ atMs, source }: TableView, nowMs: number): string {
  const sinceMs = Math.max(atMs, source?.checkedAtMs ?? 0);
  return sinceMs === 0 ? '—' : ageText(nowMs - sinceMs);
}

function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

function troubleOf({ name, source }: TableView): string {
  if (source === null || source.error === null) return '';
  const times = source.failures === 1 ? 'once' : `${source.failures} times`;
  return `${printable(name)}: its source failed ${times}: ${printable(source.error)}\n`;
}
