/** Kept series: lines, their buckets, and what functions over series remember. */
import type { Migration } from '../migrate.ts';

export const KEPT_SERIES: Migration = {
  name: 'kept-series',
  sql: `
    CREATE TABLE series_line (
      id INTEGER PRIMARY KEY,
      query TEXT NOT NULL,
      keys TEXT NOT NULL,
      col TEXT NOT NULL,
      UNIQUE (query, keys, col)
    ) STRICT;
    CREATE TABLE series_bucket (
      line INTEGER NOT NULL,
      step_ms INTEGER NOT NULL,
      start_ms INTEGER NOT NULL,
      windows INTEGER NOT NULL,
      total REAL NOT NULL,
      low REAL NOT NULL,
      high REAL NOT NULL,
      doubtful INTEGER NOT NULL,
      PRIMARY KEY (line, step_ms, start_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX series_bucket_age ON series_bucket (step_ms, start_ms);
    CREATE TABLE series_memory (
      query TEXT NOT NULL,
      name TEXT NOT NULL,
      state BLOB NOT NULL,
      saved_ms INTEGER NOT NULL,
      PRIMARY KEY (query, name)
    ) STRICT;
  `,
};
