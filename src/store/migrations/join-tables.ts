/** Tables that joins look up. */
import type { Migration } from '../migrate.ts';

export const JOIN_TABLES: Migration = {
  name: 'join tables',
  sql: `
    CREATE TABLE join_tables (
      name TEXT PRIMARY KEY,
      version INTEGER NOT NULL,
      key_column TEXT NOT NULL,
      -- A JSON list of objects.
      rows TEXT NOT NULL,
      author TEXT NOT NULL,
      at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
