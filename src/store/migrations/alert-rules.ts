/** Rules that came through the API, the state of alerts, and what became of them. */
import type { Migration } from '../migrate.ts';

export const ALERT_RULES: Migration = {
  name: 'alert rules',
  sql: `
    CREATE TABLE rule_versions (
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      -- Text of the rule; null: it was removed.
      text TEXT,
      -- Digest of what the rule does, to know an unchanged one.
      digest TEXT NOT NULL,
      -- 'api', or the file it stands in.
      origin TEXT NOT NULL,
      author TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (name, version)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE alert_states (
      rule TEXT NOT NULL,
      condition TEXT NOT NULL,
      key TEXT NOT NULL,
      state TEXT NOT NULL,
      PRIMARY KEY (rule, condition, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE alert_history (
      sequence INTEGER PRIMARY KEY,
      id TEXT NOT NULL,
      rule TEXT NOT NULL,
      key TEXT NOT NULL,
      episode TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      transition TEXT NOT NULL
    ) STRICT;
    CREATE INDEX alert_history_by_rule ON alert_history (rule, at_ms);
    CREATE INDEX alert_history_by_time ON alert_history (at_ms);
  `,
};
