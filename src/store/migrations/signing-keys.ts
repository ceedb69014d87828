/** Keys that the engine signs with, so that what it signed is known after a restart. */
import type { Migration } from '../migrate.ts';

export const SIGNING_KEYS: Migration = {
  name: 'signing-keys',
  sql: `
    CREATE TABLE signing_keys (
      name TEXT PRIMARY KEY,
      secret BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
