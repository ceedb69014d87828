/** `squilla boards list|show|check|apply|rm`. */
import { readFileSync } from 'node:fs';
import { readBoard } from '../../board/board-file.ts';
import type { ReadBoard } from '../../board/board-file.ts';
import { planQuery } from '../../plan/plan-query.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { BoardFlags, ClientFlags } from '../flags.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';

interface BoardRow {
  readonly name: string;
  readonly title: string;
  readonly panels: number;
  readonly origin: string;
  readonly version: number;
}

/** Null: it failed, which was said. */
async function get<T>(path: string, flags: ClientFlags, context: CliContext): Promise<T | null> {
  const answer = await callApi(flags, path);
  if (answer.ok) return answer.body as T;
  context.err(`${answer.message}\n`);
  return null;
}

export async function boardsListCommand(flags: ClientFlags, context: CliContext): Promise<number> {
  const answer = await get<{ boards: BoardRow[] }>('/api/v1/boards', flags, context);
  if (answer === null) return 1;
  if (flags.json === true) {
    context.out(`${JSON.stringify(answer.boards)}\n`);
    return 0;
  }
  const rows = answer.boards.map(({ name, title, panels, origin, version }) => [
    printable(name),
    printable(title),
    String(panels),
    printable(origin),
    version === 0 ? '' : String(version),
  ]);
  const header = ['board', 'title', 'panels', 'from', 'version'];
  const paint = createPaint(context.colors);
  context.out(renderTable(header, rows, { columns: context.columns, paint }));
  return 0;
}

export async function boardsShowCommand(
  name: string,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const answer = await get<{ text: string }>(pathOf(name), flags, context);
  if (answer === null) return 1;
  context.out(flags.json === true ? `${JSON.stringify(answer)}\n` : `${answer.text.trimEnd()}\n`);
  return 0;
}

interface CheckedBoard extends ReadBoard {
  readonly file: string;
}

export function boardsCheckCommand(
  files: readonly string[],
  flags: { readonly json?: boolean },
  context: CliContext,
): number {
  const checked = checkFiles(files, context);
  if (checked === null) return 1;
  if (flags.json === true) {
    const mistakes = checked.flatMap((one) => one.mistakes.map((m) => ({ file: one.file, ...m })));
    context.out(`${JSON.stringify(mistakes)}\n`);
  } else if (!printMistakes(checked, context)) {
    context.out(`${checked.length === 1 ? '1 board is' : `${checked.length} boards are`} good\n`);
  }
  return checked.every(({ board }) => board !== null) ? 0 : 1;
}

/** All of them or none: nothing is changed while a file has mistakes. */
export async function boardsApplyCommand(
  files: readonly string[],
  flags: BoardFlags,
  context: CliContext,
): Promise<number> {
  const checked = checkFiles(files, context);
  if (checked === null || printMistakes(checked, context)) return 1;
  for (const { board, text, file } of checked) {
    if (board === null) return 1;
    const ifMatch = flags.ifVersion === undefined ? {} : { ifMatch: flags.ifVersion };
    const request = { method: 'PUT', body: { text }, ...ifMatch };
    const answer = await callApi(flags, pathOf(board.name), request);
    if (!answer.ok) {
      context.err(`${file}: ${answer.message}\n`);
      return 1;
    }
    const { version } = answer.body as { readonly version: number };
    context.out(`${printable(board.name)} version ${version}\n`);
  }
  return 0;
}

export async function boardsRemoveCommand(
  name: string,
  flags: BoardFlags,
  context: CliContext,
): Promise<number> {
  const ifMatch = flags.ifVersion === undefined ? {} : { ifMatch: flags.ifVersion };
  const answer = await callApi(flags, pathOf(name), { method: 'DELETE', ...ifMatch });
  if (!answer.ok) context.err(`${answer.message}\n`);
  return answer.ok ? 0 : 1;
}

/** Null: a file cannot be read, which was said. */
function checkFiles(files: readonly string[], context: CliContext): readonly CheckedBoard[] | null {
  const checked: CheckedBoard[] = [];
  for (const file of files) {
    try {
      const text = readFileSync(file, 'utf8');
      const read = readBoard(text, (query, params) => planQuery(query, { mode: 'live', params }));
      checked.push({ file, ...read });
    } catch (error) {
      context.err(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
      return null;
    }
  }
  return checked;
}

/** True if there are some. */
function printMistakes(checked: readonly CheckedBoard[], context: CliContext): boolean {
  const paint = createPaint(context.colors);
  for (const { file, mistakes } of checked) {
    for (const { line, column, message } of mistakes) {
      context.err(`${file}:${line}:${column}: ${paint('red', 'error')}: ${message}\n`);
    }
  }
  return checked.some(({ mistakes }) => mistakes.length > 0);
}

function pathOf(name: string): string {
  return `/api/v1/boards/${encodeURIComponent(name)}`;
}
