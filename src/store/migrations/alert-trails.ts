/** What the last windows of each rule said, so that `why` answers after a restart as well. */
import type { Migration } from '../migrate.ts';

export const ALERT_TRAILS: Migration = {
  name: 'alert trails',
  sql: `
    CREATE TABLE alert_trails (
      rule TEXT PRIMARY KEY,
      trail TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
