/** Boards that came through the API, and annotations on charts. */
import type { Migration } from '../migrate.ts';

export const BOARDS: Migration = {
  name: 'boards',
  sql: `
    CREATE TABLE board_versions (
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      -- YAML; null: it was removed.
      text TEXT,
      author TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (name, version)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE annotations (
      id TEXT PRIMARY KEY,
      time_ms INTEGER NOT NULL,
      -- Null: a moment.
      end_ms INTEGER,
      title TEXT NOT NULL,
      text TEXT NOT NULL,
      -- A JSON list of texts.
      tags TEXT NOT NULL,
      author TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX annotations_time ON annotations (time_ms);
  `,
};
