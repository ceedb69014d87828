/** Saved queries may run and be kept without anybody looking. */
import type { Migration } from '../migrate.ts';

export const KEPT_QUERIES: Migration = {
  name: 'kept-queries',
  sql: 'ALTER TABLE saved_queries ADD COLUMN keep INTEGER NOT NULL DEFAULT 0;',
};
