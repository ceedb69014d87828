/**
 * The steps of the schema, in order, one file each in migrations/. A step that was released is
 * never changed; a new one goes to the end.
 */
import type { Migration } from './migrate.ts';
import { ALERT_RULES } from './migrations/alert-rules.ts';
import { ALERT_TRAILS } from './migrations/alert-trails.ts';
import { KEPT_SERIES } from './migrations/kept-series.ts';
import { JOIN_TABLES } from './migrations/join-tables.ts';
import { KNOWN_AGENTS } from './migrations/known-agents.ts';
import { NOTIFICATIONS } from './migrations/notifications.ts';
import { KEPT_QUERIES } from './migrations/kept-queries.ts';
import { SAVED_QUERIES } from './migrations/saved-queries.ts';
import { BOARDS } from './migrations/boards.ts';
import { SERIES_MEASURES } from './migrations/series-measures.ts';
import { SIGNING_KEYS } from './migrations/signing-keys.ts';
import { TABLE_SOURCES } from './migrations/table-sources.ts';

export const MIGRATIONS: readonly Migration[] = [
  ALERT_RULES,
  NOTIFICATIONS,
  SAVED_QUERIES,
  KEPT_SERIES,
  JOIN_TABLES,
  SERIES_MEASURES,
  KEPT_QUERIES,
  TABLE_SOURCES,
  KNOWN_AGENTS,
  SIGNING_KEYS,
  ALERT_TRAILS,
  BOARDS,
];
