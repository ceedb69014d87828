/** The agents that were there when the engine was last heard of. */
import type { Migration } from '../migrate.ts';

export const KNOWN_AGENTS: Migration = {
  name: 'known agents',
  sql: `
    CREATE TABLE known_agents (
      id TEXT PRIMARY KEY,
      -- JSON: who it is and the streams that it offers, without their fields.
      agent TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
