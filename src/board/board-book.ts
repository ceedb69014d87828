/**
 * Every board that there is, wherever it came from: files, read anew when they change; the API,
 * kept with versions; and starters, which come with the program and give way to a board of the same
 * name. A set of files is taken whole or not at all.
 */
import { EngineError } from '../core/errors.ts';
import type { Board } from './board.ts';
import { readBoard } from './board-file.ts';
import type { BoardMistake, PlanPanel, ReadBoard } from './board-file.ts';
import type { BoardStore, StoredBoard } from './board-store.ts';

export const FROM_API = 'api';
export const FROM_STARTERS = 'starter';

export interface BoardEntry {
  readonly board: Board;
  /** YAML of the board. */
  readonly text: string;
  /** {@link FROM_API}, {@link FROM_STARTERS}, or the file's name. */
  readonly origin: string;
  /** Of boards of the API; 0 for all others. */
  readonly version: number;
  readonly author: string;
  readonly atMs: number;
}

export interface FileBoardMistake extends BoardMistake {
  readonly file: string;
}

export interface BoardReload {
  readonly ok: boolean;
  readonly boards: number;
  readonly mistakes: readonly FileBoardMistake[];
}

export interface BoardBookParts {
  readonly store: BoardStore;
  readonly plan: PlanPanel;
  readonly boardsMax: number;
  /** Texts of the starters. */
  readonly starters: readonly string[];
}

export interface BoardHow {
  readonly author: string;
  readonly nowMs: number;
  /** The version that the author saw; 0: none was there; null: whatever is there. */
  readonly expected: number | null;
}

export class BoardBook {
  readonly #parts: BoardBookParts;
  readonly #starters = new Map<string, BoardEntry>();
  readonly #stored = new Map<string, BoardEntry>();
  /** Newest version of every board that the API ever had. */
  readonly #versions = new Map<string, number>();
  #files = new Map<string, BoardEntry>();
  /** What the newest look at the files said; null: there are none. */
  lastReload: BoardReload | null = null;

  constructor(parts: BoardBookParts) {
    this.#parts = parts;
    for (const text of parts.starters) {
      const { board } = readBoard(text, null);
      if (board !== null) this.#starters.set(board.name, entryOf(board, text, FROM_STARTERS));
    }
    for (const stored of parts.store.newest()) this.#restore(stored);
  }

  /** By title. */
  entries(): BoardEntry[] {
    const all = new Map([...this.#starters, ...this.#stored, ...this.#files]);
    return [...all.values()].toSorted((a, b) => (a.board.title < b.board.title ? -1 : 1));
  }

  entry(name: string): BoardEntry | null {
    return this.#files.get(name) ?? this.#stored.get(name) ?? this.#starters.get(name) ?? null;
  }

  /** Newest first. */
  versions(name: string): readonly StoredBoard[] {
    return this.#parts.store.versions(name);
  }

  check(text: string): ReadBoard {
    return readBoard(text, this.#parts.plan);
  }

  /** File name → text: all there are. */
  takeFiles(files: ReadonlyMap<string, string>, nowMs: number): BoardReload {
    const taken = new Map<string, BoardEntry>();
    const mistakes: FileBoardMistake[] = [];
    for (const [file, text] of files) {
      const { board, mistakes: own } = this.check(text);
      mistakes.push(...own.map((mistake) => ({ ...mistake, file })));
      if (board === null) continue;
      const other =
        taken.get(board.name)?.origin ?? (this.#stored.has(board.name) ? 'the API' : null);
      if (other === null) taken.set(board.name, { ...entryOf(board, text, file), atMs: nowMs });
      else {
        const message = `\`${board.name}\` is also a board of ${other}`;
        mistakes.push({ file, severity: 'error', line: 1, column: 1, message });
      }
    }
    const ok = mistakes.length === 0;
    if (ok) this.#files = taken;
    this.lastReload = { ok, boards: this.#files.size, mistakes };
    return this.lastReload;
  }

  /**
   * @param text One board, in YAML or JSON.
   * @throws EngineError `ENGINE_BAD_BOARD`, `ENGINE_IN_FILE`, `ENGINE_CONFLICT`, `LIMIT_BOARDS`
   */
  put(name: string, text: string, how: BoardHow): { entry: BoardEntry; isNew: boolean } {
    const known = this.#changeable(name, how);
    const { boardsMax, store } = this.#parts;
    if (known === undefined && this.#stored.size >= boardsMax) {
      throw new EngineError('LIMIT_BOARDS', `there are ${boardsMax} boards`);
    }
    const { board, text: yaml, mistakes } = this.check(text);
    if (board === null) throw badBoard(mistakes);
    if (board.name !== name) {
      const message = `expected a board called \`${name}\`, not \`${board.name}\``;
      throw badBoard([{ severity: 'error', line: 1, column: 1, message }]);
    }
    if (known?.text === yaml) return { entry: known, isNew: false };
    const { author, nowMs } = how;
    const version = (this.#versions.get(name) ?? 0) + 1;
    store.add({ name, version, text: yaml, author, atMs: nowMs });
    const entry = { ...entryOf(board, yaml, FROM_API), version, author, atMs: nowMs };
    this.#versions.set(name, version);
    this.#stored.set(name, entry);
    return { entry, isNew: known === undefined };
  }

  /**
   * A starter of the name comes back. @throws EngineError `ENGINE_NOT_FOUND`, `ENGINE_IN_FILE`,
   * `ENGINE_CONFLICT`
   */
  remove(name: string, how: BoardHow): void {
    if (this.#changeable(name, how) === undefined) {
      const detail = this.#starters.has(name)
        ? `${name} comes with Squilla; a board of the same name hides it.`
        : `There is no board ${JSON.stringify(name)}.`;
      throw new EngineError('ENGINE_NOT_FOUND', detail);
    }
    const version = (this.#versions.get(name) ?? 0) + 1;
    const { author, nowMs } = how;
    this.#parts.store.add({ name, version, text: null, author, atMs: nowMs });
    this.#versions.set(name, version);
    this.#stored.delete(name);
  }

  #changeable(name: string, { expected }: BoardHow): BoardEntry | undefined {
    const file = this.#files.get(name);
    if (file !== undefined) {
      throw new EngineError('ENGINE_IN_FILE', `${name}: it stands in ${file.origin}`);
    }
    const known = this.#stored.get(name);
    const version = known?.version ?? 0;
    if (expected !== null && expected !== version) {
      const now = known === undefined ? 'there is no such board' : `it has version ${version} now`;
      throw new EngineError('ENGINE_CONFLICT', `${name}: ${now}`, { data: { version } });
    }
    return known;
  }

  /** A board that this version of Squilla cannot read keeps its versions and is not shown. */
  #restore({ name, version, text, author, atMs }: StoredBoard): void {
    this.#versions.set(name, version);
    const board = text === null ? null : readBoard(text, null).board;
    if (text === null || board === null) return;
    this.#stored.set(name, { ...entryOf(board, text, FROM_API), version, author, atMs });
  }
}

function entryOf(board: Board, text: string, origin: string): BoardEntry {
  return { board, text, origin, version: 0, author: origin, atMs: 0 };
}

function badBoard(mistakes: readonly BoardMistake[]): EngineError {
  const detail = mistakes[0]?.message ?? 'it has mistakes';
  return new EngineError('ENGINE_BAD_BOARD', detail, { data: { mistakes } });
}
