/** Tables of the notifier: alerts that last, groups, silences, the outbox with its log. */
import type { Migration } from '../migrate.ts';

export const NOTIFICATIONS: Migration = {
  name: 'notifications',
  sql: `
    CREATE TABLE notify_alerts (
      episode TEXT PRIMARY KEY,
      held TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE notify_groups (
      key TEXT PRIMARY KEY,
      state TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE notify_silences (
      id TEXT PRIMARY KEY,
      silence TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE notify_jobs (
      id TEXT PRIMARY KEY,
      sequence INTEGER NOT NULL,
      receiver TEXT NOT NULL,
      incident TEXT NOT NULL,
      state TEXT NOT NULL,
      job TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX notify_jobs_order ON notify_jobs (state, sequence);
    CREATE INDEX notify_jobs_sequence ON notify_jobs (sequence);
    CREATE TABLE notify_memos (
      receiver TEXT NOT NULL,
      incident TEXT NOT NULL,
      memo TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (receiver, incident)
    ) STRICT, WITHOUT ROWID;
  `,
};
