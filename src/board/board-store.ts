/** Boards that came through the API: every version of each, the newest ones kept. */
import type { Sql, SqlRow } from '../store/sql.ts';

/** Versions kept of one board. */
export const BOARD_VERSIONS_KEPT = 20;

export interface StoredBoard {
  readonly name: string;
  readonly version: number;
  /** YAML; null: it was removed with this version. */
  readonly text: string | null;
  readonly author: string;
  /** When this version came, ms UTC. */
  readonly atMs: number;
}

/** @throws EngineError `ENGINE_STORE_…`, and then nothing has changed. */
export interface BoardStore {
  /** The newest version of each. */
  newest(): StoredBoard[];
  /** Newest first. */
  versions(name: string): StoredBoard[];
  add(board: StoredBoard): void;
}

export function openBoardStore(sql: Sql): BoardStore {
  const newest = sql.prepare(
    'SELECT * FROM board_versions AS b WHERE version = ' +
      '(SELECT MAX(version) FROM board_versions WHERE name = b.name)',
  );
  const versions = sql.prepare('SELECT * FROM board_versions WHERE name = ? ORDER BY version DESC');
  const insert = sql.prepare(
    'INSERT INTO board_versions (name, version, text, author, at_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const trim = sql.prepare('DELETE FROM board_versions WHERE name = ? AND version <= ?');
  return {
    newest: () => newest.all().map(boardFrom),
    versions: (name) => versions.all(name).map(boardFrom),
    add: ({ name, version, text, author, atMs }) =>
      sql.transaction(() => {
        insert.run(name, version, text, author, atMs);
        trim.run(name, version - BOARD_VERSIONS_KEPT);
      }),
  };
}

function boardFrom(row: SqlRow): StoredBoard {
  return {
    name: String(row['name']),
    version: Number(row['version']),
    text: row['text'] === null ? null : String(row['text']),
    author: String(row['author']),
    atMs: Number(row['at_ms']),
  };
}
