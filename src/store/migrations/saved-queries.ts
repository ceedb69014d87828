/** Saved queries, as they are now. */
import type { Migration } from '../migrate.ts';

export const SAVED_QUERIES: Migration = {
  name: 'saved queries',
  sql: `
    CREATE TABLE saved_queries (
      name TEXT PRIMARY KEY,
      text TEXT NOT NULL,
      -- JSON: values of its parameters.
      params TEXT NOT NULL,
      description TEXT NOT NULL,
      owner TEXT NOT NULL,
      version INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      updated_by TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
