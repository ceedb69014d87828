/**
 * The runnable examples of a document. A fence with the info `ndjson NAME` holds events, `ndjson
 * NAME key=COLUMN` the rows of a table; `mql view NAME` a saved query; `mql over=NAME` a query
 * whose rows stand in the `json rows` fence that follows (`over=A+B`: over several of them); `mql
 * live` and `mql unsupported` queries, one a line; `sh run` and `ts run` what prints the `text`
 * fence that follows. A table after `<!-- over: NAME -->` holds a query and its rows in each line;
 * `<!-- over: NAME, given: {"x": 1} -->` has values for its parameters.
 */
import type { EvaluateTable } from '../../src/reference/evaluate.ts';
import type { EvaluateEvents } from '../../src/reference/evaluate-input.ts';

export interface RowsExample {
  /** Line of the document, from 1. */
  readonly line: number;
  readonly query: string;
  readonly events: EvaluateEvents;
  readonly tables: Readonly<Record<string, EvaluateTable>>;
  /** Every saved query of the page. */
  readonly views: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string | number>>;
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
  const tables = new Map<string, EvaluateTable>();
  for (const { info, body } of fences) {
    const [, name, key] = /^ndjson (\w+)(?: key=(\w+))?$/.exec(info) ?? [];
    if (name === undefined) continue;
    if (key === undefined) events.set(name, parseLines(body));
    else tables.set(name, { key, rows: parseLines(body) });
  }
  const views = Object.fromEntries(
    fences.flatMap(({ info, body }) => {
      const name = /^mql view (\w+)$/.exec(info)?.[1];
      return name === undefined ? [] : [[name, body]];
    }),
  );
  const data = { events, tables, views };
  const linesOf = (wanted: string): string[] =>
    fences
      .filter(({ info }) => info === wanted)
      .flatMap(({ body }) => body.split('\n').filter((line) => line !== ''));
  return {
    events,
    rows: [...fencedRows(fences, data), ...tableRows(text, data)],
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

interface ExampleData {
  readonly events: ReadonlyMap<string, object[]>;
  readonly tables: ReadonlyMap<string, EvaluateTable>;
  readonly views: Readonly<Record<string, string>>;
}

function fencedRows(fences: readonly Fence[], data: ExampleData): RowsExample[] {
  return fences.flatMap(({ line, info, body }, index) => {
    const name = /^mql over=([\w+]+)$/.exec(info)?.[1];
    if (name === undefined) return [];
    const answer = fences[index + 1];
    if (answer?.info !== 'json rows') throw new Error(`line ${line}: no rows follow the query`);
    return [{ line, query: body, ...inputOf(data, name, line), params: {}, rows: answer.body }];
  });
}

function tableRows(text: string, data: ExampleData): RowsExample[] {
  const tables = text.matchAll(/<!-- over: ([\w+]+)(?:, given: (\{.*\}))? -->\n\n((?:\|.*\n)+)/g);
  return [...tables].flatMap((match) => {
    const [whole, name = '', given = '{}', table = ''] = match;
    const params = JSON.parse(given) as RowsExample['params'];
    const first = lineAt(text, match.index + whole.length - table.length);
    return table
      .trimEnd()
      .split('\n')
      .map((row, index) => ({ row, line: first + index }))
      .slice(2)
      .map(({ row, line }) => {
        const [query = '', rows = ''] = cellsOf(row);
        return { line, query, ...inputOf(data, name, line), params, rows };
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

/** A single name is one list of events, for whichever stream the query reads. */
function inputOf(
  { events, tables, views }: ExampleData,
  names: string,
  line: number,
): Pick<RowsExample, 'events' | 'tables' | 'views'> {
  const only = events.get(names);
  if (only !== undefined) return { events: only, tables: {}, views };
  const input: Record<string, readonly object[]> = {};
  const given: Record<string, EvaluateTable> = {};
  for (const name of names.split('+')) {
    const list = events.get(name);
    const table = tables.get(name);
    if (list !== undefined) input[name] = list;
    else if (table !== undefined) given[name] = table;
    else throw new Error(`line ${line}: there are no events ${name}`);
  }
  return { events: input, tables: given, views };
}

function parseLines(body: string): object[] {
  return body.split('\n').map((line) => JSON.parse(line) as object);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
