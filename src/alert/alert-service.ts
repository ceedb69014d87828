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
import type { VersionedRule } from './alert-engine.ts';
import { alertEvent } from './alert-event.ts';
import type { AlertStore, HistoryQuery, StoredVersion } from './alert-store.ts';
import { inSlices } from './in-steps.ts';
import { RuleBook } from './rule-book.ts';
import type { FileCheck, Put, PutHow, Reload } from './rule-book.ts';
import type { RuleScope } from './rule-scope.ts';
import type { SavedAlert } from './saved-alert.ts';
import type { AlertTransition, FiringAlert } from './transition.ts';
import { TrailKeeper } from './trail-keeper.ts';
import { Unwritten } from './unwritten.ts';

/** How long the store is left alone after it failed, if nothing new is to be written. */
const STORE_RETRY_MS = 1_000;
/** Rules of a reload that are taken before windows have their turn; ms. */
const SLICE_MS = 10;

export interface AlertServiceParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: AlertStore;
  /** What is known of streams and saved queries now. */
  readonly scope: RuleScope;
  /** Looks at a long text elsewhere; null: it is short enough for this thread. */
  readonly checkFile?: (text: string) => Promise<FileCheck> | null;
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
  readonly #trails: TrailKeeper;
  #retryAtMs = 0;
  #isScheduled = false;
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(parts: AlertServiceParts) {
    const { config, scope, store } = parts;
    this.#parts = parts;
    this.book = new RuleBook({ store, scope, rulesMax: config.rulesMax });
    this.engine = new AlertEngine({
      limits: { keysMax: config.ruleKeysMax, trailWindows: config.ruleWindowsKept },
      scope,
    });
    this.#trails = new TrailKeeper(this.engine, store);
  }

  /** `files`: rule files by name. What an earlier process knew goes on. */
  start(files: ReadonlyMap<string, string>): void {
    const nowMs = this.#parts.clock.now();
    this.#took(this.book.takeFiles(files, nowMs));
    this.engine.setRules(this.book.entries(), nowMs);
    this.engine.restore(this.#parts.store.states(), nowMs);
    this.#trails.restore();
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
    this.#keepTrails(() => this.#trails.tick(() => this.#parts.clock.now()));
  }

  /**
   * All rule files as they are now. Checked whole first; then taken rule by rule, while windows
   * have their turn in between, however many there are. One reload at a time.
   */
  reload(files: ReadonlyMap<string, string>): Promise<Reload> {
    const reload = this.#reloading.then(() => this.#reload(files));
    this.#reloading = reload.catch(() => undefined);
    return reload;
  }

  async #reload(files: ReadonlyMap<string, string>): Promise<Reload> {
    const { checkFile, clock } = this.#parts;
    const checked = new Map<string, FileCheck>();
    for (const [file, text] of files) {
      if (this.book.isKnown(file, text)) continue;
      const found = (await checkFile?.(text)) ?? null;
      if (found !== null) checked.set(file, found);
    }
    const nowMs = clock.now();
    const slices = { sliceMs: SLICE_MS, now: () => clock.now(), pause: () => this.#pause() };
    const reload = await inSlices(this.book.takeFilesInSteps(files, nowMs, checked), slices);
    this.#took(reload);
    if (!reload.ok) return reload;
    const names = this.book.entries().map(({ rule }) => rule.name);
    const now = (name: string): VersionedRule | null => this.book.entry(name);
    await inSlices(this.engine.setRulesInSteps(names, now, nowMs), slices);
    this.#flush();
    return reload;
  }

  /** What is done so far is written down and told; then others have their turn. */
  #pause(): Promise<void> {
    this.#flush();
    return new Promise((resume) => void setImmediate(resume));
  }

  put(name: string, text: string, how: Omit<PutHow, 'nowMs'>): Put {
    const nowMs = this.#parts.clock.now();
    const put = this.book.put(name, text, { ...how, nowMs });
    if (put.ok) {
      this.engine.setRule(put.entry, nowMs);
      this.#flush();
    }
    return put;
  }

  remove(name: string, how: Omit<PutHow, 'nowMs'>): ReturnType<RuleBook['remove']> {
    const nowMs = this.#parts.clock.now();
    const refusal = this.book.remove(name, { ...how, nowMs });
    if (refusal === null) {
      this.engine.removeRule(name, nowMs);
      this.#flush();
    }
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
    this.#keepTrails(() => this.#trails.saveAll());
  }

  #keepTrails(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#parts.log.error('windows of rules cannot be written down', {
        ...{ code: 'ENGINE_STORE_FAILED', error },
      });
    }
  }

  #took(reload: Reload): void {
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
