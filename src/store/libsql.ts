/**
 * The driver for Node without `node:sqlite`. Its departures from SQLite's usual manners are kept in
 * here: a lone null is taken for a list of named values unless it stands in an array, `get` adds a
 * `_metadata` to its row and may leave the statement open, blobs come as ArrayBuffers.
 */
import type { SqlDriver, SqlRow, SqlValue } from './sql.ts';

interface Libsql {
  readonly default: new (
    path: string,
    options: { readonly timeout: number },
  ) => {
    exec(sql: string): void;
    prepare(sql: string): LibsqlStatement;
    close(): void;
  };
}

interface LibsqlStatement {
  run(values: readonly SqlValue[]): { readonly changes: number };
  all(values: readonly SqlValue[]): Record<string, SqlValue | ArrayBuffer>[];
}

export async function openLibsql(path: string, busyMs: number): Promise<SqlDriver> {
  const { default: Database } = (await import('libsql')) as unknown as Libsql;
  const database = new Database(path, { timeout: busyMs });
  return {
    name: 'libsql',
    exec: (sql) => database.exec(sql),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        run: (values) => statement.run(values).changes,
        all: (values) => statement.all(values).map(rowFrom),
      };
    },
    close: () => database.close(),
  };
}

function rowFrom(row: Record<string, SqlValue | ArrayBuffer>): SqlRow {
  for (const name in row) {
    const value = row[name];
    if (value instanceof ArrayBuffer) row[name] = new Uint8Array(value);
  }
  return row as SqlRow;
}
