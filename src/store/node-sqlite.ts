/** The driver inside Node, from 22.13 on. */
import type { SqlDriver, SqlRow, SqlValue } from './sql.ts';

interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly timeout: number },
  ) => {
    exec(sql: string): void;
    prepare(sql: string): NodeStatement;
    close(): void;
  };
}

interface NodeStatement {
  run(...values: readonly SqlValue[]): { readonly changes: number | bigint };
  all(...values: readonly SqlValue[]): SqlRow[];
}

/** Null: this Node has none. */
export function openNodeSqlite(path: string, busyMs: number): SqlDriver | null {
  const module = process.getBuiltinModule?.('node:sqlite') as NodeSqlite | undefined;
  if (module === undefined) return null;
  const database = new module.DatabaseSync(path, { timeout: busyMs });
  return {
    name: 'node:sqlite',
    exec: (sql) => database.exec(sql),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        run: (values) => Number(statement.run(...values).changes),
        all: (values) => statement.all(...values),
      };
    },
    close: () => database.close(),
  };
}
