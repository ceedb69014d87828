/** `squilla saved …`: queries that are kept under a name. */
import { readFileSync } from 'node:fs';
import type { QueryFileMistake } from '../../store/query-file.ts';
import type { SavedQueryView } from '../../coordinator/saved-desk.ts';
import { callApi } from '../api.ts';
import type { ApiAnswer } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { ClientFlags, SavedPutFlags, SavedRemoveFlags } from '../flags.ts';
import { lineDiff } from '../line-diff.ts';
import { createPaint, printable } from '../paint.ts';
import { readParameters } from '../parameters.ts';
import { renderTable } from '../table.ts';

interface SavedQueriesAnswer {
  readonly queries: readonly SavedQueryView[];
  readonly mistakes: readonly QueryFileMistake[];
}

export async function savedListCommand(flags: ClientFlags, context: CliContext): Promise<number> {
  const answer = await callApi(flags, '/api/v1/saved-queries');
  if (!answer.ok) return failed(answer, context);
  const { mistakes, queries } = answer.body as SavedQueriesAnswer;
  for (const { column, file, line, message, severity } of mistakes) {
    context.err(`${severity}: ${printable(`${file}:${line}:${column}: ${message}`)}\n`);
  }
  if (flags.json === true) {
    context.out(`${JSON.stringify(queries)}\n`);
    return 0;
  }
  if (queries.length === 0) {
    context.out("No query is saved yet. Save one: squilla saved put NAME 'select …'\n");
    return 0;
  }
  const rows = queries.map(({ name, version, owner, columns, keep, description, text }) => [
    printable(name),
    String(version),
    printable(owner),
    columns === null ? 'no' : 'yes',
    keep ? 'yes' : 'no',
    printable(description === '' ? text : description),
  ]);
  const header = ['name', 'version', 'owner', 'view', 'kept', 'what'];
  const paint = createPaint(context.colors);
  context.out(renderTable(header, rows, { columns: context.columns, paint }));
  return 0;
}

export async function savedShowCommand(
  name: string,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const answer = await callApi(flags, pathOf(name));
  if (!answer.ok) return failed(answer, context);
  const query = answer.body as SavedQueryView;
  if (flags.json === true) {
    context.out(`${JSON.stringify(query)}\n`);
    return 0;
  }
  context.out(`${query.text.trimEnd()}\n`);
  const values = Object.entries(query.params).map(
    ([key, value]) => `$${key} = ${JSON.stringify(value)}`,
  );
  const notes = [
    `version ${query.version} by ${query.updatedBy}, ${new Date(query.updatedAt).toISOString()}`,
    ...(query.description === '' ? [] : [query.description]),
    ...(query.file === undefined ? [] : [`defined in ${query.file}, which alone can change it`]),
    ...(query.keep ? ['kept: it runs whether anybody looks or not'] : []),
    ...values,
    ...(query.whyNoView === null ? [] : [`not a view: ${query.whyNoView}`]),
  ];
  for (const note of notes) context.err(`${printable(note)}\n`);
  return 0;
}

export async function savedRemoveCommand(
  name: string,
  flags: SavedRemoveFlags,
  context: CliContext,
): Promise<number> {
  const version = flags.ifVersion === undefined ? {} : { ifMatch: flags.ifVersion };
  const answer = await callApi(flags, pathOf(name), { method: 'DELETE', ...version });
  return answer.ok ? 0 : failed(answer, context);
}

export interface SavedPut {
  readonly name: string;
  readonly mql: string | undefined;
  readonly flags: SavedPutFlags;
}

export async function savedPutCommand(put: SavedPut, context: CliContext): Promise<number> {
  const { name, mql, flags } = put;
  if ((mql === undefined) === (flags.file === undefined)) {
    context.err('give the query, or --file with its path\n');
    return 2;
  }
  const text = mql ?? (await textFrom(flags.file ?? '-', context));
  if (text === null) return 1;
  const older = await callApi(flags, pathOf(name));
  if (!older.ok && !older.reached) return failed(older, context);
  const request = putRequest(text, flags, older.ok ? (older.body as SavedQueryView) : null);
  const answer = await callApi(flags, pathOf(name), { method: 'PUT', ...request });
  if (!answer.ok) return failed(answer, context);
  const saved = answer.body as SavedQueryView;
  context.out(`${printable(saved.name)} version ${saved.version}\n`);
  if (saved.whyNoView !== null) context.err(`not a view: ${printable(saved.whyNoView)}\n`);
  return 0;
}

/** What is not given stays as it was. */
function putRequest(
  text: string,
  flags: SavedPutFlags,
  known: SavedQueryView | null,
): { readonly body: object; readonly ifMatch?: number } {
  const version = flags.ifVersion ?? known?.version ?? 0;
  const params = { ...known?.params, ...readParameters(flags.param ?? {}) };
  const description = flags.description ?? known?.description ?? '';
  const keep = flags.keep ?? known?.keep ?? false;
  const body = { text, description, params, keep };
  return version === 0 ? { body } : { body, ifMatch: version };
}

export async function savedDiffCommand(
  name: string,
  file: string,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const text = await textFrom(file, context);
  if (text === null) return 2;
  const answer = await callApi(flags, pathOf(name));
  if (!answer.ok) {
    failed(answer, context);
    return 2;
  }
  const lines = lineDiff((answer.body as SavedQueryView).text, text);
  if (lines.every((line) => line.startsWith(' '))) return 0;
  const paint = createPaint(context.colors);
  for (const line of lines) {
    const shown = printable(line);
    context.out(
      `${line.startsWith(' ') ? shown : paint(line[0] === '-' ? 'red' : 'green', shown)}\n`,
    );
  }
  return 1;
}

function pathOf(name: string): string {
  return `/api/v1/saved-queries/${encodeURIComponent(name)}`;
}

function failed(answer: ApiAnswer, context: CliContext): number {
  if (!answer.ok) context.err(`${answer.message}\n`);
  return 1;
}

/** Null: it cannot be read, which was said. */
async function textFrom(file: string, context: CliContext): Promise<string | null> {
  try {
    if (file !== '-') return readFileSync(file, 'utf8');
    const chunks: Uint8Array[] = [];
    for await (const chunk of context.readStdin()) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    context.err(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
}
