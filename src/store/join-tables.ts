/** Tables of joins on disk: one row a table, replaced as a whole. */
import type { ValueObject } from '../model/value.ts';
import type { TableData } from '../operator/table-columns.ts';
import type { Sql } from './sql.ts';

/** A table, and who put it there. */
export interface StoredTable {
  readonly data: TableData;
  readonly author: string;
  readonly atMs: number;
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
    }));
  }

  /** @throws EngineError `ENGINE_STORE_…`; the table before is then still there. */
  put({ data, author, atMs }: StoredTable): void {
    const { keyColumn, name, rows, version } = data;
    this.#sql
      .prepare('INSERT OR REPLACE INTO join_tables VALUES (?, ?, ?, ?, ?, ?)')
      .run(name, version, keyColumn, JSON.stringify(rows), author, atMs);
  }

  remove(name: string): void {
    this.#sql.prepare('DELETE FROM join_tables WHERE name = ?').run(name);
  }
}
