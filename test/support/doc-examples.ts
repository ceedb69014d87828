/**
 * The runnable examples of a document. A fence with the info `ndjson NAME` holds events; `mql
 * over=NAME` a query whose rows stand in the `json rows` fence that follows; `mql live` and `mql
 * unsupported` queries, one a line; `sh run` and `ts run` what prints the `text` fence that
 * follows. A table after `<!-- over: NAME -->` holds a query and its rows in each line.
 */
import type { EvaluateEvents } from '../../src/reference/evaluate-input.ts';

export interface RowsExample {
  /** Line of the document, from 1. */
  readonly line: number;
  readonly query: string;
  readonly events: EvaluateEvents;
  /** As written, one row a line. */
  readonly rows: string;
}

export interface CommandExample {
  readonly line: number;
  readonly language: 'sh' | 'ts';
  readonly command: string;
  readonly output: string;
}

export interface DocExamples {
  /** By the name that examples use. */
  readonly events: ReadonlyMap<string, readonly object[]>;
  readonly rows: readonly RowsExample[];
  readonly live: readonly string[];
  readonly unsupported: readonly string[];
  readonly commands: readonly CommandExample[];
}

interface Fence {
  readonly line: number;
  readonly info: string;
  readonly body: string;
}

export function examplesOf(text: string): DocExamples {
  const fences = fencesOf(text);
  const events = new Map<string, object[]>();
  for (const { info, body } of fences) {
    const name = /^ndjson (\w+)$/.exec(info)?.[1];
    if (name !== undefined) events.set(name, parseLines(body));
  }
  const linesOf = (wanted: string): string[] =>
    fences
      .filter(({ info }) => info === wanted)
      .flatMap(({ body }) => body.split('\n').filter((line) => line !== ''));
  return {
    events,
    rows: [...fencedRows(fences, events), ...tableRows(text, events)],
    live: linesOf('mql live'),
    unsupported: linesOf('mql unsupported'),
    commands: commandsOf(fences),
  };
}

function fencesOf(text: string): Fence[] {
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    line: lineAt(text, match.index),
    info: (match[1] ?? '').trim(),
    body: (match[2] ?? '').trimEnd(),
  }));
}

function fencedRows(
  fences: readonly Fence[],
  events: ReadonlyMap<string, object[]>,
): RowsExample[] {
  return fences.flatMap(({ line, info, body }, index) => {
    const name = /^mql over=(\w+)$/.exec(info)?.[1];
    if (name === undefined) return [];
    const answer = fences[index + 1];
    if (answer?.info !== 'json rows') throw new Error(`line ${line}: no rows follow the query`);
    return [{ line, query: body, events: eventsOf(events, name, line), rows: answer.body }];
  });
}

function tableRows(text: string, events: ReadonlyMap<string, object[]>): RowsExample[] {
  const tables = text.matchAll(/<!-- over: (\w+) -->\n\n((?:\|.*\n)+)/g);
  return [...tables].flatMap((match) => {
    const [whole, name = '', table = ''] = match;
    const first = lineAt(text, match.index + whole.length - table.length);
    return table
      .trimEnd()
      .split('\n')
      .map((row, index) => ({ row, line: first + index }))
      .slice(2)
      .map(({ row, line }) => {
        const [query = '', rows = ''] = cellsOf(row);
        return { line, query, events: eventsOf(events, name, line), rows };
      });
  });
}

function commandsOf(fences: readonly Fence[]): CommandExample[] {
  return fences.flatMap(({ line, info, body }, index) => {
    const language = /^(sh|ts) run$/.exec(info)?.[1];
    if (language === undefined) return [];
    const answer = fences[index + 1];
    if (answer?.info !== 'text') throw new Error(`line ${line}: no output follows the command`);
    return [{ line, language: language as 'sh' | 'ts', command: body, output: answer.body }];
  });
}

/** Cells of a table's line without their back-quotes; `\|` is a bar, `<br>` a new line. */
function cellsOf(row: string): string[] {
  return row
    .replace(/^\| */, '')
    .replace(/ *\|$/, '')
    .split(/ (?<!\\)\| /)
    .map((cell) =>
      cell
        .split('<br>')
        .map((part) => part.trim().replace(/^(`+) ?([\s\S]*?) ?\1$/, '$2'))
        .join('\n')
        .replaceAll(String.raw`\|`, '|'),
    );
}

function eventsOf(
  events: ReadonlyMap<string, object[]>,
  name: string,
  line: number,
): EvaluateEvents {
  const list = events.get(name);
  if (list === undefined) throw new Error(`line ${line}: there are no events ${name}`);
  return list;
}

function parseLines(body: string): object[] {
  return body.split('\n').map((line) => JSON.parse(line) as object);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
