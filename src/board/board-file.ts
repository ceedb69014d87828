/**
 * A board as YAML (or JSON, which is YAML): one a file. Everything wrong is reported at once, with
 * line and column; nothing unknown is passed over.
 */
import { isMap, isScalar, LineCounter, stringify } from 'yaml';
import type { Document, Node, Scalar } from 'yaml';
import type { z } from 'zod';
import { suggest } from '../../grammar/suggest.ts';
import { expandAliases } from '../core/expand-aliases.ts';
import { parseYaml } from '../core/yaml-text.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { Value } from '../model/value.ts';
import type { Board } from './board.ts';
import { boardFrom, boardShape } from './board-shape.ts';

export interface BoardMistake {
  readonly severity: 'error' | 'warning';
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface ReadBoard {
  /** Null: there are errors. */
  readonly board: Board | null;
  /** YAML of the board alone. */
  readonly text: string;
  readonly mistakes: readonly BoardMistake[];
}

/** Plans a query with the values of a board's variables. */
export type PlanPanel = (query: string, params: Readonly<Record<string, Value>>) => PlannedQuery;

type Path = readonly (string | number)[];

const MISTAKES_MAX = 50;

/** @param plan Null: the queries are not looked into. */
export function readBoard(text: string, plan: PlanPanel | null): ReadBoard {
  return new BoardReader(text).read(plan);
}

class BoardReader {
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #mistakes: BoardMistake[] = [];

  constructor(text: string) {
    this.#document = parseYaml(text, this.#lines);
  }

  read(plan: PlanPanel | null): ReadBoard {
    for (const { pos, message } of this.#document.errors) {
      this.#mistake(pos[0], message.split('\n')[0] ?? 'not YAML');
    }
    const value = this.#mistakes.length === 0 ? this.#value() : null;
    const parsed = boardShape.safeParse(value);
    if (this.#mistakes.length === 0 && !parsed.success) this.#issues(parsed.error);
    const board = parsed.success ? boardFrom(parsed.data) : null;
    if (board !== null && plan !== null) this.#checkQueries(board, plan);
    const isGood = this.#mistakes.every(({ severity }) => severity !== 'error');
    return {
      board: isGood ? board : null,
      text: stringify(value, { lineWidth: 0 }),
      mistakes: this.#mistakes.slice(0, MISTAKES_MAX),
    };
  }

  #value(): unknown {
    return expandAliases(
      () => this.#document.toJS() as unknown,
      (message) => this.#mistake(0, message),
    );
  }

  #checkQueries(board: Board, plan: PlanPanel): void {
    const params = Object.fromEntries(board.variables.map((v) => [v.name, v.default]));
    board.panels.forEach(({ query }, i) =>
      this.#checkQuery(['panels', i, 'query'], plan(query, params)),
    );
    for (const { name, query } of board.variables) {
      if (query !== null) this.#checkQuery(['variables', name, 'query'], plan(query, {}));
    }
  }

  /** What a stream that is not there yet lacks is no mistake of the board. */
  #checkQuery(path: Path, { diagnostics }: PlannedQuery): void {
    for (const { severity, message, span } of diagnostics) {
      if (severity !== 'error') continue;
      const where = `${span.line}:${span.column}`;
      this.#mistake(this.#offset(path), `\`${path.join('.')}\`, ${where}: ${message}`);
    }
  }

  // ---- Mistakes --------------------------------------------------------------------------------

  #issues(error: z.ZodError): void {
    for (const issue of error.issues) {
      const path = issue.path as Path;
      if (issue.code === 'unrecognized_keys') {
        for (const name of issue.keys) this.#unknown(path, name);
        continue;
      }
      const field = path.join('.');
      const isMissing = this.#node(path) === undefined;
      const message =
        field === ''
          ? 'expected a board: a map with `name` and `panels`'
          : `\`${field}\`${isMissing ? ' is missing' : ''}: ${issue.message}`;
      this.#mistake(this.#offset(path), message);
    }
  }

  #unknown(path: Path, name: string): void {
    const known = path.length === 0 ? Object.keys(boardShape.shape) : [];
    const near = suggest(name, known);
    const hint = near === null ? '' : `; \`${near}\`?`;
    this.#mistake(this.#keyOffset(path, name), `there is no field \`${name}\`${hint}`);
  }

  #mistake(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.#mistakes.push({ severity: 'error', line, column: col, message });
  }

  // ---- Places ----------------------------------------------------------------------------------

  #node(path: Path): Node | undefined {
    if (path.length === 0) return this.#document.contents ?? undefined;
    return this.#document.getIn(path, true) as Node | undefined;
  }

  /** Of the value, or of the nearest thing around it that is there. */
  #offset(path: Path): number {
    const offset = this.#node(path)?.range?.[0];
    if (offset !== undefined) return offset;
    return path.length === 0 ? 0 : this.#offset(path.slice(0, -1));
  }

  #keyOffset(path: Path, name: string): number {
    const parent = this.#node(path);
    if (!isMap(parent)) return this.#offset(path);
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === name);
    return (pair?.key as Scalar | undefined)?.range?.[0] ?? this.#offset(path);
  }
}
