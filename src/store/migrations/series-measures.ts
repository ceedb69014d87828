/** What the columns of kept series measure, so that other queries find them. */
import type { Migration } from '../migrate.ts';

export const SERIES_MEASURES: Migration = {
  name: 'series-measures',
  sql: `
    CREATE TABLE series_measure (
      query TEXT NOT NULL,
      col TEXT NOT NULL,
      -- NULL: nobody but the query itself can use it.
      measure TEXT,
      -- 1: the sum over windows is a total.
      is_total INTEGER NOT NULL,
      seen_ms INTEGER NOT NULL,
      PRIMARY KEY (query, col)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX series_measure_by ON series_measure (measure);
  `,
};
