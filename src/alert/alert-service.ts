/**
 * The alert engine at work in a process: rules from files and the API, windows from the
 * coordinator, states and history in the store, transitions to the notifier and onto the stream of
 * alerts. The order that counts: a batch is written down whole, with what the notifier makes of it,
 * in one transaction; only then is any of it acted on.
 */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { CoordinatorInput, ListenerEffect } from '../coordinator/messages.ts';
import type { ValueObject } from '../model/value.ts';
import type { Logger } from '../observe/logger.ts';
import { AlertEngine } from './alert-engine.ts';
import { alertEvent } from './alert-event.ts';
import type { AlertStore, HistoryQuery, StoredVersion } from './alert-store.ts';
import { RuleBook } from './rule-book.ts';
import type { Put, PutHow, Reload } from './rule-book.ts';
import type { RuleScope } from './rule-scope.ts';
import type { SavedAlert } from './saved-alert.ts';
import type { AlertTransition, FiringAlert } from './transition.ts';
import { Unwritten } from './unwritten.ts';

/** How long the store is left alone after it failed, if nothing new is to be written. */
const STORE_RETRY_MS = 1_000;

export interface AlertServiceParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: AlertStore;
  /** What is known of streams and saved queries now. */
  readonly scope: RuleScope;
  /** Handed to the coordinator, never while it hands something to us. */
  readonly handle: (input: CoordinatorInput) => void;
  /** Inside the transaction: whoever notifies writes down what it will send. */
  readonly notify: (transitions: readonly AlertTransition[], nowMs: number) => void;
  /** After it: events for the stream of alerts. */
  readonly publish: (events: readonly ValueObject[]) => void;
}

export interface AlertCounts {
  transitions: number;
  /** Windows taken in, once for each rule that took them. */
  windows: number;
  /** Time spent with windows, ms. */
  busyMs: number;
  /** Transactions that failed; what was in them was told all the same. */
  storeFailures: number;
  /** Transitions that were told and are in no history, because the store failed for too long. */
  historyLost: number;
  reloads: number;
  reloadsRefused: number;
}

export class AlertService {
  readonly engine: AlertEngine;
  readonly book: RuleBook;
  readonly counts: AlertCounts = {
    ...{ transitions: 0, windows: 0, busyMs: 0, storeFailures: 0, historyLost: 0 },
    ...{ reloads: 0, reloadsRefused: 0 },
  };
  /** What the newest reload of files said; null: there was none. */
  lastReload: Reload | null = null;
  readonly #parts: AlertServiceParts;
  readonly #unwritten = new Unwritten();
  #retryAtMs = 0;
  #isScheduled = false;

  constructor(parts: AlertServiceParts) {
    const { config, scope, store } = parts;
    this.#parts = parts;
    this.book = new RuleBook({ store, scope, rulesMax: config.rulesMax });
    this.engine = new AlertEngine({
      limits: { keysMax: config.ruleKeysMax, trailWindows: config.ruleWindowsKept },
      scope,
    });
  }

  /** `files`: rule files by name. What an earlier process knew goes on. */
  start(files: ReadonlyMap<string, string>): void {
    const nowMs = this.#parts.clock.now();
    this.#takeFiles(files, nowMs);
    this.engine.setRules(this.book.entries(), nowMs);
    this.engine.restore(this.#parts.store.states(), nowMs);
    this.#flush();
  }

  hear(effect: ListenerEffect): void {
    const startedMs = this.#parts.clock.now();
    this.engine.hear(effect, startedMs);
    if (effect.type === 'window') {
      this.counts.windows += effect.listeners.length;
      this.counts.busyMs += this.#parts.clock.now() - startedMs;
    }
    this.#schedule();
  }

  /** A few times a second. */
  tick(): void {
    this.engine.tick(this.#parts.clock.now());
    this.#flush();
  }

  /** All rule files as they are now. */
  reload(files: ReadonlyMap<string, string>): Reload {
    const nowMs = this.#parts.clock.now();
    const reload = this.#takeFiles(files, nowMs);
    if (reload.ok) this.#setRules(nowMs);
    return reload;
  }

  put(name: string, text: string, how: Omit<PutHow, 'nowMs'>): Put {
    const nowMs = this.#parts.clock.now();
    const put = this.book.put(name, text, { ...how, nowMs });
    if (put.ok) this.#setRules(nowMs);
    return put;
  }

  remove(name: string, how: Omit<PutHow, 'nowMs'>): ReturnType<RuleBook['remove']> {
    const nowMs = this.#parts.clock.now();
    const refusal = this.book.remove(name, { ...how, nowMs });
    if (refusal === null) this.#setRules(nowMs);
    return refusal;
  }

  /** Saved queries have changed, which rules may ask. */
  savedChanged(): void {
    this.engine.replan(this.book.entries(), this.#parts.clock.now());
    this.#flush();
  }

  dismiss(rule: string, key: string, by: string): boolean {
    const isDone = this.engine.dismiss(rule, key, by, this.#parts.clock.now());
    this.#flush();
    return isDone;
  }

  firing(): readonly FiringAlert[] {
    return [...this.engine.firing()];
  }

  history(query: HistoryQuery): readonly AlertTransition[] {
    return this.#parts.store.history(query);
  }

  versions(rule: string): readonly StoredVersion[] {
    return this.#parts.store.versions(rule);
  }

  /** Writes down what is still in memory; nothing is taken in afterwards. */
  stop(): void {
    for (const watch of this.engine.watches()) watch.saveDirty();
    this.#flush();
  }

  #setRules(nowMs: number): void {
    this.engine.setRules(this.book.entries(), nowMs);
    this.#flush();
  }

  #takeFiles(files: ReadonlyMap<string, string>, nowMs: number): Reload {
    const reload = this.book.takeFiles(files, nowMs);
    this.lastReload = reload;
    this.counts.reloads++;
    const { log } = this.#parts;
    for (const { file, line, column, severity, message } of reload.mistakes) {
      log.warn(`${file}:${line}:${column}: ${message}`, { code: 'ENGINE_BAD_RULES', severity });
    }
    if (!reload.ok) {
      this.counts.reloadsRefused++;
      log.error('the rule files have mistakes, the rules stay as they were', {
        code: 'ENGINE_BAD_RULES',
      });
    }
    return reload;
  }

  /** Once all effects of one input were heard, so that a storm is one transaction. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const { transitions, saves, inputs } = this.engine.take();
    const isNew = transitions.length > 0 || saves.length > 0;
    if (isNew || this.#isRetryDue()) this.#commit(saves, transitions);
    if (transitions.length > 0) {
      this.counts.transitions += transitions.length;
      this.#parts.publish(transitions.map(alertEvent));
    }
    for (const input of inputs) this.#parts.handle(input);
  }

  #isRetryDue(): boolean {
    return !this.#unwritten.isEmpty && this.#parts.clock.now() >= this.#retryAtMs;
  }

  #commit(saves: readonly SavedAlert[], transitions: readonly AlertTransition[]): void {
    const { clock, log, notify, store } = this.#parts;
    const nowMs = clock.now();
    const unwritten = this.#unwritten;
    unwritten.add(saves, transitions);
    try {
      // What waited was told when it happened; only what is new is told here.
      store.commit(unwritten.saves(), unwritten.transitions(), () => notify(transitions, nowMs));
      unwritten.clear();
    } catch (error) {
      // A page that may come twice after a crash is better than one that does not come.
      this.counts.storeFailures++;
      this.counts.historyLost += unwritten.trim();
      this.#retryAtMs = nowMs + STORE_RETRY_MS;
      const { historyLost } = this.counts;
      log.error('alerts cannot be written down', {
        ...{ code: 'ENGINE_STORE_FAILED', error, historyLost },
      });
      notify(transitions, nowMs);
    }
  }
}
