/**
 * The alert engine in the embedded store: the state of alerts, the history of their transitions,
 * and every version of every rule. Bounded: the history keeps its newest rows, a rule its newest
 * versions.
 */
import type { Config } from '../config.ts';
import type { Sql, SqlRow, SqlStatement } from '../store/sql.ts';
import type { SavedTrail } from './saved-trail.ts';
import type { SavedAlert, SavedState } from './saved-alert.ts';
import type { AlertCondition, AlertTransition } from './transition.ts';

/** Old rows are cut after so many new ones. */
const TRIM_EVERY = 500;
/** Versions kept of one rule. */
export const RULE_VERSIONS_KEPT = 20;

export interface StoredVersion {
  readonly name: string;
  readonly version: number;
  /** YAML of the rule; null: it was removed with this version. */
  readonly text: string | null;
  readonly digest: string;
  /** `api`, or the file that the rule stands in. */
  readonly origin: string;
  readonly author: string;
  readonly atMs: number;
}

export interface HistoryQuery {
  readonly rule?: string;
  readonly key?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit: number;
}

export class AlertStore {
  readonly #sql: Sql;
  readonly #config: Config;
  readonly #statements: ReturnType<typeof prepare>;
  #added = 0;

  constructor(sql: Sql, config: Config) {
    this.#sql = sql;
    this.#config = config;
    this.#statements = prepare(sql);
  }

  /**
   * Writes states and transitions, and whatever `within` writes, in one transaction.
   *
   * @throws EngineError `ENGINE_STORE_…`, and then nothing was written.
   */
  commit(
    saves: readonly SavedAlert[],
    transitions: readonly AlertTransition[],
    within: () => void,
  ): void {
    this.#sql.transaction(() => {
      for (const save of saves) this.#save(save);
      for (const transition of transitions) this.#add(transition);
      within();
    });
  }

  states(): SavedAlert[] {
    return this.#statements.states.all().map((row) => ({
      rule: text(row, 'rule'),
      condition: text(row, 'condition') as AlertCondition,
      key: text(row, 'key'),
      state: JSON.parse(text(row, 'state')) as SavedState,
    }));
  }

  /** Newest first. */
  history({ rule, key, fromMs, toMs, limit }: HistoryQuery): AlertTransition[] {
    const [byRule, byKey] = [rule ?? null, key ?? null];
    return this.#statements.history
      .all(byRule, byRule, byKey, byKey, fromMs ?? 0, toMs ?? Number.MAX_SAFE_INTEGER, limit)
      .map((row) => JSON.parse(text(row, 'transition')) as AlertTransition);
  }

  // ---- Trails ----------------------------------------------------------------------------------

  trails(): { rule: string; trail: SavedTrail }[] {
    return this.#statements.trails.all().map((row) => ({
      rule: text(row, 'rule'),
      trail: JSON.parse(text(row, 'trail')) as SavedTrail,
    }));
  }

  putTrails(trails: readonly { readonly rule: string; readonly trail: SavedTrail }[]): void {
    this.#sql.transaction(() => {
      for (const { rule, trail } of trails) {
        this.#statements.putTrail.run(rule, JSON.stringify(trail));
      }
    });
  }

  dropTrail(rule: string): void {
    this.#statements.dropTrail.run(rule);
  }

  // ---- Rules -----------------------------------------------------------------------------------

  /** The newest version of every rule, removed ones included. */
  newestVersions(): StoredVersion[] {
    return this.#statements.newest.all().map(versionFrom);
  }

  /** Newest first. */
  versions(name: string): StoredVersion[] {
    return this.#statements.versions.all(name).map(versionFrom);
  }

  /** All or none of them, in one transaction: each waits for the disk once. */
  addVersions(versions: readonly StoredVersion[]): void {
    const { addVersion, trimVersions } = this.#statements;
    this.#sql.transaction(() => {
      for (const { name, version, text: yaml, digest, origin, author, atMs } of versions) {
        addVersion.run(name, version, yaml, digest, origin, author, Math.floor(atMs));
        trimVersions.run(name, version - RULE_VERSIONS_KEPT);
      }
    });
  }

  #save({ rule, condition, key, state }: SavedAlert): void {
    const { putState, dropState } = this.#statements;
    if (state === null) dropState.run(rule, condition, key);
    else putState.run(rule, condition, key, JSON.stringify(state));
  }

  #add(transition: AlertTransition): void {
    const { id, rule, key, episode, atMs } = transition;
    this.#statements.addHistory.run(id, rule, key, episode, atMs, JSON.stringify(transition));
    this.#added++;
    if (this.#added % TRIM_EVERY === 0) this.#statements.trim.run(this.#config.alertHistoryKept);
  }
}

function prepare(sql: Sql) {
  return {
    states: sql.prepare('SELECT rule, condition, key, state FROM alert_states'),
    putState: sql.prepare('INSERT OR REPLACE INTO alert_states VALUES (?, ?, ?, ?)'),
    dropState: sql.prepare('DELETE FROM alert_states WHERE rule = ? AND condition = ? AND key = ?'),
    addHistory: sql.prepare(
      'INSERT INTO alert_history (id, rule, key, episode, at_ms, transition) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    trim: sql.prepare(
      'DELETE FROM alert_history WHERE sequence <= (SELECT max(sequence) FROM alert_history) - ?',
    ),
    history: sql.prepare(
      `SELECT transition FROM alert_history WHERE (? IS NULL OR rule = ?) AND (? IS NULL OR key = ?)
       AND at_ms >= ? AND at_ms <= ? ORDER BY sequence DESC LIMIT ?`,
    ),
    newest: sql.prepare(
      `SELECT * FROM rule_versions AS v
       WHERE version = (SELECT max(version) FROM rule_versions WHERE name = v.name) ORDER BY name`,
    ),
    versions: sql.prepare('SELECT * FROM rule_versions WHERE name = ? ORDER BY version DESC'),
    addVersion: sql.prepare('INSERT INTO rule_versions VALUES (?, ?, ?, ?, ?, ?, ?)'),
    trails: sql.prepare('SELECT rule, trail FROM alert_trails'),
    putTrail: sql.prepare('INSERT OR REPLACE INTO alert_trails VALUES (?, ?)'),
    dropTrail: sql.prepare('DELETE FROM alert_trails WHERE rule = ?'),
    trimVersions: sql.prepare('DELETE FROM rule_versions WHERE name = ? AND version <= ?'),
  } satisfies Record<string, SqlStatement>;
}

function versionFrom(row: SqlRow): StoredVersion {
  return {
    name: text(row, 'name'),
    version: Number(row['version']),
    text: row['text'] === null ? null : text(row, 'text'),
    digest: text(row, 'digest'),
    origin: text(row, 'origin'),
    author: text(row, 'author'),
    atMs: Number(row['at_ms']),
  };
}

function text(row: SqlRow, column: string): string {
  return String(row[column]);
}
