/** Tables of joins on disk: one row a table, replaced as a whole. */
import type { ValueObject } from '../model/value.ts';
import type { TableData } from '../operator/table-columns.ts';
import type { Sql } from './sql.ts';
import type { TableSource } from './table-source.ts';

/** A table, and who put it there. */
export interface StoredTable {
  readonly data: TableData;
  readonly author: string;
  readonly atMs: number;
  /** Null: somebody put the rows there. */
  readonly source: TableSource | null;
}

export class JoinTables {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  all(): readonly StoredTable[] {
    const rows = this.#sql.prepare('SELECT * FROM join_tables ORDER BY name').all();
    return rows.map((row) => ({
      data: {
        name: String(row['name']),
        version: Number(row['version']),
        keyColumn: String(row['key_column']),
        rows: JSON.parse(String(row['rows'])) as ValueObject[],
      },
      author: String(row['author']),
      atMs: Number(row['at_ms']),
      source: row['source'] === null ? null : (JSON.parse(String(row['source'])) as TableSource),
    }));
  }

  /** @throws EngineError `ENGINE_STORE_…`; the table before is then still there. */
  put({ data, author, atMs, source }: StoredTable): void {
    const { keyColumn, name, rows, version } = data;
    const sourceText = source === null ? null : JSON.stringify(source);
    this.#sql
      .prepare('INSERT OR REPLACE INTO join_tables VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(name, version, keyColumn, JSON.stringify(rows), author, atMs, sourceText);
  }

  remove(name: string): void {
    this.#sql.prepare('DELETE FROM join_tables WHERE name = ?').run(name);
  }
}
