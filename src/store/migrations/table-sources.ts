/** Where the rows of tables come from. */
import type { Migration } from '../migrate.ts';

export const TABLE_SOURCES: Migration = {
  name: 'sources of join tables',
  // A JSON object; null: somebody put the rows there.
  sql: 'ALTER TABLE join_tables ADD COLUMN source TEXT',
};
