/**
 * Saved queries as they are kept: all of them in memory, each change in the database first. Their
 * number is bounded by whoever changes them.
 */
import type { Value } from '../model/value.ts';
import type { Sql, SqlRow } from './sql.ts';

export interface SavedQuery {
  readonly name: string;
  /** As it was written. */
  readonly text: string;
  /** Values of its `$parameters` unless whoever runs it gives others. */
  readonly params: Readonly<Record<string, Value>>;
  readonly description: string;
  /** It runs whether anybody looks or not, and its series is kept. */
  readonly keep: boolean;
  /** Who saved it first. */
  readonly owner: string;
  /** 1, and one more with every change. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
  /** The file that defines it, which alone can change it; absent: it was saved. */
  readonly file?: string;
}

/** @throws EngineError `ENGINE_STORE_…`, and then nothing has changed. */
export interface SavedQueries {
  names(): readonly string[];
  get(name: string): SavedQuery | undefined;
  /** By name. */
  all(): readonly SavedQuery[];
  put(query: SavedQuery): void;
  remove(name: string): void;
}

export function openSavedQueries(sql: Sql): SavedQueries {
  const rows = sql.prepare('SELECT * FROM saved_queries ORDER BY name').all();
  const known = new Map(rows.map((row) => [String(row['name']), queryFrom(row)]));
  const insert = sql.prepare(
    'INSERT OR REPLACE INTO saved_queries (name, text, params, description, keep, owner, ' +
      'version, created_at, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const erase = sql.prepare('DELETE FROM saved_queries WHERE name = ?');
  return {
    names: () => [...known.keys()],
    get: (name) => known.get(name),
    all: () => [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    put: (query) => {
      insert.run(
        query.name,
        query.text,
        JSON.stringify(query.params),
        query.description,
        query.keep ? 1 : 0,
        query.owner,
        query.version,
        query.createdAt,
        query.updatedAt,
        query.updatedBy,
      );
      known.set(query.name, query);
    },
    remove: (name) => {
      erase.run(name);
      known.delete(name);
    },
  };
}

function queryFrom(row: SqlRow): SavedQuery {
  return {
    name: String(row['name']),
    text: String(row['text']),
    params: JSON.parse(String(row['params'])) as SavedQuery['params'],
    description: String(row['description']),
    keep: row['keep'] === 1,
    owner: String(row['owner']),
    version: Number(row['version']),
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at']),
    updatedBy: String(row['updated_by']),
  };
}
