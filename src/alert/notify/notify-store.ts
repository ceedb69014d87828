/**
 * Keeps the notifier and its outbox in the embedded store. Bounded: the log keeps its newest lines.
 */
import type { Config } from '../../config.ts';
import type { Sql, SqlStatement } from '../../store/sql.ts';
import type { Group } from './group.ts';
import type { HeldAlert, NotifierEffect, NotifierState } from './notifier-messages.ts';
import type { OutboxEffect } from './outbox.ts';
import type { JobState, OutboxJob } from './outbox-job.ts';
import type { Silence } from './silence.ts';

/** Old log lines and memos are cut after so many settled jobs. */
const TRIM_EVERY = 200;

export interface DeliveryQuery {
  readonly receiver?: string;
  readonly incident?: string;
  readonly state?: JobState;
  readonly limit: number;
}

export class NotifyStore {
  readonly #sql: Sql;
  readonly #config: Config;
  readonly #statements: ReturnType<typeof prepare>;
  #settled = 0;

  constructor(sql: Sql, config: Config) {
    this.#sql = sql;
    this.#config = config;
    this.#statements = prepare(sql);
  }

  load(): NotifierState {
    const { alerts, groups, silences } = this.#statements;
    return {
      alerts: parsed<HeldAlert>(alerts, 'held'),
      groups: parsed<Group>(groups, 'state'),
      silences: parsed<Silence>(silences, 'silence'),
    };
  }

  loadJobs(): { readonly waiting: readonly OutboxJob[]; readonly sequence: number } {
    const { waiting, highest } = this.#statements;
    return {
      waiting: parsed<OutboxJob>(waiting, 'job'),
      sequence: Number(highest.get()?.['sequence'] ?? 0),
    };
  }

  /** In the transaction that is open, or in one of its own. @throws EngineError `ENGINE_STORE_…` */
  apply(effects: readonly (NotifierEffect | OutboxEffect)[], nowMs: number): void {
    if (effects.length === 0) return;
    this.#sql.transaction(() => {
      for (const effect of effects) this.#applyOne(effect, nowMs);
    });
  }

  /** Everything anew, after writes were lost. */
  replace(state: NotifierState, jobs: readonly OutboxJob[], nowMs: number): void {
    this.#sql.transaction(() => {
      this.#sql.exec(
        "DELETE FROM notify_alerts; DELETE FROM notify_groups; DELETE FROM notify_silences; DELETE FROM notify_jobs WHERE state = 'waiting'",
      );
      for (const held of state.alerts) this.#applyOne({ type: 'save-alert', held }, nowMs);
      for (const group of state.groups) this.#applyOne({ type: 'save-group', group }, nowMs);
      for (const silence of state.silences)
        this.#applyOne({ type: 'save-silence', silence }, nowMs);
      for (const job of jobs) this.#applyOne({ type: 'save-job', job }, nowMs);
    });
  }

  /** Null: it is not kept any more. */
  job(id: string): OutboxJob | null {
    const row = this.#statements.job.get(id);
    return row === undefined ? null : (JSON.parse(String(row['job'])) as OutboxJob);
  }

  memo(receiver: string, incident: string): string | null {
    const row = this.#statements.memo.get(receiver, incident);
    return row === undefined ? null : String(row['memo']);
  }

  /** Newest first. */
  deliveries({ receiver, incident, state, limit }: DeliveryQuery): readonly OutboxJob[] {
    const wanted = [receiver ?? null, incident ?? null, state ?? null];
    return this.#statements.log
      .all(...wanted.flatMap((value) => [value, value]), limit)
      .map((row) => JSON.parse(String(row['job'])) as OutboxJob);
  }

  #applyOne(effect: NotifierEffect | OutboxEffect, nowMs: number): void {
    const { putAlert, dropAlert, putGroup, dropGroup, putSilence, dropSilence } = this.#statements;
    switch (effect.type) {
      case 'save-alert':
        putAlert.run(effect.held.alert.episode, JSON.stringify(effect.held));
        break;
      case 'forget-alert':
        dropAlert.run(effect.episode);
        break;
      case 'save-group':
        putGroup.run(effect.group.key, JSON.stringify(effect.group));
        break;
      case 'forget-group':
        dropGroup.run(effect.key);
        break;
      case 'save-silence':
        putSilence.run(effect.silence.id, JSON.stringify(effect.silence));
        break;
      case 'forget-silence':
        dropSilence.run(effect.id);
        break;
      case 'save-job':
        this.#saveJob(effect.job);
        break;
      case 'memo': {
        const { receiver, incident } = effect.job.notification;
        this.#statements.putMemo.run(receiver, incident, effect.memo, Math.round(nowMs));
        break;
      }
      case 'notify':
      case 'send':
      case 'resting':
        break;
    }
  }

  #saveJob(job: OutboxJob): void {
    const { receiver, incident } = job.notification;
    const text = JSON.stringify(job);
    this.#statements.putJob.run(job.id, job.sequence, receiver, incident, job.state, text);
    if (job.state === 'waiting') return;
    this.#settled += 1;
    if (this.#settled % TRIM_EVERY !== 0) return;
    const { deliveriesKept } = this.#config;
    this.#statements.trimJobs.run(deliveriesKept);
    this.#statements.trimMemos.run(deliveriesKept);
  }
}

function prepare(sql: Sql) {
  return {
    alerts: sql.prepare('SELECT held FROM notify_alerts'),
    groups: sql.prepare('SELECT state FROM notify_groups'),
    silences: sql.prepare('SELECT silence FROM notify_silences'),
    waiting: sql.prepare("SELECT job FROM notify_jobs WHERE state = 'waiting' ORDER BY sequence"),
    highest: sql.prepare('SELECT max(sequence) AS sequence FROM notify_jobs'),
    putAlert: sql.prepare('INSERT OR REPLACE INTO notify_alerts VALUES (?, ?)'),
    dropAlert: sql.prepare('DELETE FROM notify_alerts WHERE episode = ?'),
    putGroup: sql.prepare('INSERT OR REPLACE INTO notify_groups VALUES (?, ?)'),
    dropGroup: sql.prepare('DELETE FROM notify_groups WHERE key = ?'),
    putSilence: sql.prepare('INSERT OR REPLACE INTO notify_silences VALUES (?, ?)'),
    dropSilence: sql.prepare('DELETE FROM notify_silences WHERE id = ?'),
    putJob: sql.prepare('INSERT OR REPLACE INTO notify_jobs VALUES (?, ?, ?, ?, ?, ?)'),
    trimJobs: sql.prepare(
      "DELETE FROM notify_jobs WHERE state <> 'waiting' AND sequence <= (SELECT max(sequence) FROM notify_jobs) - ?",
    ),
    job: sql.prepare('SELECT job FROM notify_jobs WHERE id = ?'),
    memo: sql.prepare('SELECT memo FROM notify_memos WHERE receiver = ? AND incident = ?'),
    putMemo: sql.prepare('INSERT OR REPLACE INTO notify_memos VALUES (?, ?, ?, ?)'),
    trimMemos: sql.prepare(
      'DELETE FROM notify_memos WHERE at_ms < (SELECT min(at_ms) FROM (SELECT at_ms FROM notify_memos ORDER BY at_ms DESC LIMIT ?))',
    ),
    log: sql.prepare(
      'SELECT job FROM notify_jobs WHERE (? IS NULL OR receiver = ?) AND (? IS NULL OR incident = ?) AND (? IS NULL OR state = ?) ORDER BY sequence DESC LIMIT ?',
    ),
  } satisfies Record<string, SqlStatement>;
}

function parsed<T>(statement: SqlStatement, column: string): T[] {
  return statement.all().map((row) => JSON.parse(String(row[column])) as T);
}
