/** Boards and annotations put together: their stores, the directory of boards, the audit trail. */
import { randomUUID } from 'node:crypto';
import { Annotations } from '../board/annotations.ts';
import type { Annotation } from '../board/annotations.ts';
import { BoardBook } from '../board/board-book.ts';
import type { BoardEntry } from '../board/board-book.ts';
import type { PlanPanel } from '../board/board-file.ts';
import { openBoardStore } from '../board/board-store.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { BoardPort } from '../gateway/board-port.ts';
import type { AuditTrail } from '../observe/audit-trail.ts';
import type { Logger } from '../observe/logger.ts';
import type { Sql } from '../store/sql.ts';
import type { EngineHost } from './engine-host.ts';
import type { EngineRunOptions } from './engine-options.ts';
import { STARTER_BOARDS } from './starter-boards.ts';
import { WatchedFiles } from './watched-files.ts';

export interface BoardDeskParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sql: Sql;
  readonly audit: AuditTrail;
  readonly plan: PlanPanel;
  /** Directory of board files; null: there are none. */
  readonly boardsDir: string | null;
}

/** From here on the host has them. */
export function openBoards(
  { config, boardsDir }: EngineRunOptions,
  {
    host,
    ...parts
  }: Omit<BoardDeskParts, 'config' | 'plan' | 'boardsDir'> & {
    readonly host: EngineHost;
  },
): BoardDesk {
  const plan: PlanPanel = (query, params) => host.engine.check(query, params);
  const boards = new BoardDesk({ ...parts, config, boardsDir, plan });
  host.boards = boards;
  return boards;
}

export class BoardDesk implements BoardPort {
  readonly book: BoardBook;
  readonly annotations: Annotations;
  readonly #parts: BoardDeskParts;
  readonly #files: WatchedFiles;
  readonly #ticker: NodeJS.Timeout | null;

  /** @throws EngineError `ENGINE_BAD_BOARD` if the directory cannot be read. */
  constructor(parts: BoardDeskParts) {
    const { config, sql, plan, boardsDir } = parts;
    this.#parts = parts;
    const store = openBoardStore(sql);
    const { boardsMax } = config;
    this.book = new BoardBook({ store, plan, boardsMax, starters: STARTER_BOARDS });
    this.annotations = new Annotations({ sql, config, newId: () => randomUUID() });
    this.#files = new WatchedFiles({
      directory: boardsDir,
      names: /\.ya?ml$/,
      filesMax: config.boardsMax,
      bytesMax: config.ruleFileBytesMax,
      fault: 'ENGINE_BAD_BOARD',
    });
    this.#ticker = boardsDir === null ? null : setInterval(() => this.#look(), config.rulesPollMs);
    if (boardsDir !== null) this.#reload();
  }

  stop(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
  }

  put(...[name, text, how]: Parameters<BoardPort['put']>): ReturnType<BoardPort['put']> {
    const { by, expected } = how;
    const put = this.book.put(name, text, { author: by, nowMs: this.#nowMs, expected });
    this.#parts.audit.record({
      ...{ action: 'save', by, target: `board ${name}`, version: put.entry.version },
    });
    return put;
  }

  remove(...[name, { by, expected }]: Parameters<BoardPort['remove']>): void {
    this.book.remove(name, { author: by, nowMs: this.#nowMs, expected });
    this.#parts.audit.record({ action: 'remove', by, target: `board ${name}` });
  }

  annotate(body: Readonly<Record<string, unknown>>, by: string): Annotation {
    const annotation = this.annotations.add(body, { author: by, nowMs: this.#nowMs });
    const { id, title } = annotation;
    this.#parts.audit.record({ action: 'save', by, target: `annotation ${id}`, text: title });
    return annotation;
  }

  removeAnnotation(id: string, by: string): boolean {
    const removed = this.annotations.remove(id);
    if (removed) this.#parts.audit.record({ action: 'remove', by, target: `annotation ${id}` });
    return removed;
  }

  entries(): readonly BoardEntry[] {
    return this.book.entries();
  }

  get #nowMs(): number {
    return Math.floor(this.#parts.clock.now());
  }

  #look(): void {
    try {
      if (this.#files.hasChanged()) this.#reload();
    } catch (error) {
      this.#parts.log.error('board files cannot be read', { code: 'ENGINE_BAD_BOARD', error });
    }
  }

  #reload(): void {
    const { ok, boards, mistakes } = this.book.takeFiles(this.#files.read(), this.#nowMs);
    if (ok) {
      this.#parts.log.info('boards read', { boards });
      return;
    }
    const [first] = mistakes;
    const place = first === undefined ? '' : `${first.file}:${first.line}: ${first.message}`;
    this.#parts.log.error(`boards stay as they were: ${place}`, { code: 'ENGINE_BAD_BOARD' });
  }
}
