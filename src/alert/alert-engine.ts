/**
 * All rules at work: which queries they listen to, and everything that becomes of their windows.
 * Pure like the coordinator it listens to: inputs with a time go in, an {@link AlertBatch} comes
 * out. Whoever runs it writes the batch down whole before any of it is acted on, so that a crash
 * loses nothing that was told and tells nothing twice.
 */
import type { CoordinatorInput, ListenerEffect } from '../coordinator/messages.ts';
import { canonicalJson } from '../plan/fingerprint.ts';
import { compileRule } from './compiled-rule.ts';
import type { CompiledRule, RuleMistake } from './compiled-rule.ts';
import { endedTransition } from './ended-transition.ts';
import { EpisodeNames } from './episode-names.ts';
import { exceptOwn } from './own-transitions.ts';
import { askedQuery } from './rule-query.ts';
import type { RuleScope } from './rule-scope.ts';
import type { Rule } from './rule.ts';
import { RuleWatch } from './rule-watch.ts';
import type { WatchLimits } from './rule-watch.ts';
import { finished } from './in-steps.ts';
import type { Steps } from './in-steps.ts';
import { NAMED_KEY } from './saved-alert.ts';
import type { SavedAlert, SavedState } from './saved-alert.ts';
import { isFiring } from './transition.ts';
import type { AlertTransition, FiringAlert } from './transition.ts';

export interface VersionedRule {
  readonly rule: Rule;
  readonly version: number;
}

/** What has to be done and known after some inputs, in causal order each. */
export interface AlertBatch {
  readonly transitions: readonly AlertTransition[];
  /** The newest state of each alert that changed. */
  readonly saves: readonly SavedAlert[];
  /** For the coordinator. */
  readonly inputs: readonly CoordinatorInput[];
}

export interface AlertEngineOptions {
  readonly limits: WatchLimits;
  /** What is known of streams and saved queries now. */
  readonly scope: RuleScope;
}

/** A rule whose query was refused or stopped listens again after this. */
const LISTEN_AGAIN_MS = 10_000;
/** How far the patience of pending alerts may be behind after a crash. */
const CHECKPOINT_MS = 5_000;

interface Running {
  readonly watch: RuleWatch;
  version: number;
  /** Null: it hears its windows. */
  deaf: { reason: string; againMs: number } | null;
}

export class AlertEngine {
  readonly #options: AlertEngineOptions;
  readonly #running = new Map<string, Running>();
  /** Rules that cannot be compiled, and why. */
  readonly #broken = new Map<string, readonly RuleMistake[]>();
  /** What was known of rules that cannot be compiled, until they can. */
  readonly #waiting = new Map<string, SavedAlert[]>();
  readonly #names = new EpisodeNames();
  #transitions: AlertTransition[] = [];
  #saves = new Map<string, SavedAlert>();
  #inputs: CoordinatorInput[] = [];
  #nextCheckpointMs = 0;

  constructor(options: AlertEngineOptions) {
    this.#options = options;
  }

  /** The rules that are to run from now on, instead of those before; unchanged ones go on. */
  setRules(rules: readonly VersionedRule[], nowMs: number): void {
    const wanted = new Map(rules.map((versioned) => [versioned.rule.name, versioned]));
    finished(this.setRulesInSteps([...wanted.keys()], (name) => wanted.get(name) ?? null, nowMs));
  }

  /**
   * A step is one rule; those that are gone end first, all at once. `now` gives what a rule is when
   * its turn comes; null: it is gone by then.
   */
  *setRulesInSteps(
    names: readonly string[],
    now: (name: string) => VersionedRule | null,
    nowMs: number,
  ): Steps<void> {
    const wanted = new Set(names);
    const known = [...this.#running.keys(), ...this.#broken.keys(), ...this.#waiting.keys()];
    for (const name of known) if (!wanted.has(name)) this.removeRule(name, nowMs);
    for (const name of names) {
      yield;
      const versioned = now(name);
      if (versioned !== null) this.setRule(versioned, nowMs);
    }
  }

  removeRule(name: string, nowMs: number): void {
    if (this.#running.has(name)) this.#remove(name, 'the rule was removed', nowMs);
    this.#broken.delete(name);
    const alerts = this.#waiting.get(name) ?? [];
    for (const alert of alerts) this.#endSaved(alert, 'the rule was removed', nowMs);
    this.#waiting.delete(name);
  }

  /** Saved queries have changed: rules that ask them ask the new ones, or say that they cannot. */
  replan(rules: readonly VersionedRule[], nowMs: number): void {
    for (const { rule, version } of rules) {
      if (rule.saved === null) continue;
      const known = this.#running.get(rule.name);
      if (known === undefined || this.#broken.has(rule.name)) {
        this.setRule({ rule, version }, nowMs);
        continue;
      }
      const asked = askedQuery(rule, this.#options.scope);
      const { compiled, mistakes } = compileRule(rule, version, asked);
      if (compiled === null) this.#spoil(rule.name, mistakes, nowMs);
      else this.#change(known, compiled, nowMs);
    }
  }

  /** After `setRules`, before anything else: what an earlier process knew. */
  restore(saved: readonly SavedAlert[], nowMs: number): void {
    for (const { rule, state } of saved) {
      if (state?.kind === 'named') this.#names.forget(rule, state.throughMs);
    }
    for (const alert of saved) {
      if (alert.state?.kind === 'named') continue;
      const running = this.#running.get(alert.rule);
      if (running !== undefined) this.#restore(alert, running.watch, nowMs);
      else if (this.#broken.has(alert.rule)) {
        const waiting = this.#waiting.get(alert.rule) ?? [];
        this.#waiting.set(alert.rule, [...waiting, alert]);
      } else this.#endSaved(alert, 'the rule was removed', nowMs);
    }
    for (const { watch } of this.#running.values()) watch.listens();
  }

  #restore(alert: SavedAlert, watch: RuleWatch, nowMs: number): void {
    if (watch.restore(alert)) return;
    this.#endSaved(alert, 'the rule tells alerts apart by other columns now', nowMs);
  }

  /** An alert that no rule watches any more. */
  #endSaved(alert: SavedAlert, why: string, nowMs: number): void {
    const ended = endedTransition(alert, why, nowMs);
    this.#saves.set(saveKey(alert), { ...alert, state: null });
    if (alert.state !== null && alert.state.kind !== 'named') {
      this.#forgetEpisode(alert.rule, alert.state.state.openedMs);
    }
    if (ended !== null) this.#transitions.push(ended);
  }

  /** What the coordinator says to its listeners. */
  hear(effect: ListenerEffect, nowMs: number): void {
    switch (effect.type) {
      case 'window':
        for (const name of effect.listeners) {
          this.#running.get(name)?.watch.window(effect.window, effect.quiet, nowMs);
        }
        break;
      case 'source':
        for (const name of effect.listeners) {
          this.#running.get(name)?.watch.source(effect.completeness, nowMs);
        }
        break;
      case 'listening': {
        const running = this.#running.get(effect.listener);
        if (running === undefined) break;
        running.deaf = null;
        running.watch.sides.error(null, nowMs);
        running.watch.listens();
        break;
      }
      case 'deaf': {
        const running = this.#running.get(effect.listener);
        if (running === undefined) break;
        running.deaf = { reason: effect.reason, againMs: nowMs + LISTEN_AGAIN_MS };
        running.watch.sides.error(effect.reason, nowMs);
        break;
      }
    }
  }

  /** A few times a second. */
  tick(nowMs: number): void {
    const isDue = nowMs >= this.#nextCheckpointMs || nowMs < this.#nextCheckpointMs - CHECKPOINT_MS;
    if (isDue) this.#nextCheckpointMs = nowMs + CHECKPOINT_MS;
    for (const [name, running] of this.#running) {
      const { deaf, watch } = running;
      if (isDue) watch.saveDirty();
      if (deaf === null) continue;
      watch.sides.error(deaf.reason, nowMs);
      if (nowMs < deaf.againMs) continue;
      deaf.againMs = nowMs + LISTEN_AGAIN_MS;
      this.#listen(name, watch);
    }
  }

  /** Ends one alert because a person says so; false: there is no such alert. */
  dismiss(rule: string, key: string, by: string, nowMs: number): boolean {
    const watch = this.#running.get(rule)?.watch;
    return watch?.dismiss(key, `dismissed by ${by}`, nowMs) ?? false;
  }

  /** Everything since the last call. */
  take(): AlertBatch {
    const batch = {
      transitions: this.#transitions,
      saves: [...this.#saves.values()],
      inputs: this.#inputs,
    };
    this.#transitions = [];
    this.#saves = new Map();
    this.#inputs = [];
    return batch;
  }

  watch(rule: string): RuleWatch | null {
    return this.#running.get(rule)?.watch ?? null;
  }

  /** Why the rule hears no windows; null: it does. */
  deafness(rule: string): string | null {
    return this.#running.get(rule)?.deaf?.reason ?? null;
  }

  /** Why the rule cannot run at all; empty: it can. */
  mistakes(rule: string): readonly RuleMistake[] {
    return this.#broken.get(rule) ?? [];
  }

  *watches(): Iterable<RuleWatch> {
    for (const { watch } of this.#running.values()) yield watch;
  }

  *firing(): Iterable<FiringAlert> {
    for (const { watch } of this.#running.values()) yield* watch.firing();
    for (const alerts of this.#waiting.values()) {
      for (const { state } of alerts) {
        const alert = heldAlert(state);
        if (alert !== null) yield alert;
      }
    }
  }

  // ---- Rules -----------------------------------------------------------------------------------

  setRule({ rule, version }: VersionedRule, nowMs: number): void {
    const { name } = rule;
    const known = this.#running.get(name);
    if (known?.version === version && !this.#broken.has(name)) return;
    const asked = askedQuery(rule, this.#options.scope);
    const { compiled, mistakes } = compileRule(rule, version, asked);
    if (compiled === null) {
      this.#spoil(name, mistakes, nowMs);
      return;
    }
    this.#broken.delete(name);
    if (known === undefined) {
      const watch = new RuleWatch(compiled, this.#sink(), this.#options.limits);
      this.#running.set(name, { watch, version, deaf: null });
      for (const alert of this.#waiting.get(name) ?? []) this.#restore(alert, watch, nowMs);
      this.#waiting.delete(name);
      if (!rule.paused) this.#listen(name, watch);
      return;
    }
    known.version = version;
    this.#change(known, compiled, nowMs);
  }

  #change(known: Running, compiled: CompiledRule, nowMs: number): void {
    const { rule } = compiled;
    const before = known.watch.rule;
    known.watch.change(compiled, nowMs);
    const isSame =
      before.canonical === compiled.canonical &&
      before.rule.paused === rule.paused &&
      canonicalJson(before.params) === canonicalJson(compiled.params);
    if (isSame && known.deaf === null) return;
    known.deaf = null;
    if (rule.paused) this.#inputs.push({ type: 'unlisten', listener: rule.name });
    else this.#listen(rule.name, known.watch);
  }

  /**
   * The rule cannot run (any more). What fires goes on to fire: a rule that was spoiled is no
   * evidence of anything.
   */
  #spoil(name: string, mistakes: readonly RuleMistake[], nowMs: number): void {
    this.#broken.set(name, mistakes);
    const known = this.#running.get(name);
    if (known === undefined) return;
    const reason = mistakes[0]?.message ?? 'it has mistakes';
    // Windows of the query that it had would say that all is well again.
    this.#inputs.push({ type: 'unlisten', listener: name });
    known.deaf = { reason, againMs: Infinity };
    known.watch.sides.error(reason, nowMs);
  }

  #remove(name: string, why: string, nowMs: number): void {
    this.#running.get(name)?.watch.endAll(why, nowMs);
    this.#running.delete(name);
    this.#inputs.push({ type: 'unlisten', listener: name });
  }

  #listen(name: string, { rule }: RuleWatch): void {
    const query = exceptOwn(rule.query, name);
    this.#inputs.push({ type: 'listen', listener: name, query, params: rule.params });
  }

  #forgetEpisode(rule: string, openedMs: number): void {
    if (!this.#names.forget(rule, openedMs)) return;
    const alert = { rule, condition: 'threshold', key: NAMED_KEY } as const;
    const state = { kind: 'named', throughMs: openedMs } as const;
    this.#saves.set(saveKey(alert), { ...alert, state });
  }

  #sink(): ConstructorParameters<typeof RuleWatch>[1] {
    return {
      transition: (transition) => void this.#transitions.push(transition),
      save: (alert) => void this.#saves.set(saveKey(alert), alert),
      namedThroughMs: (rule) => this.#names.throughMs(rule),
      forgetEpisode: (rule, openedMs) => this.#forgetEpisode(rule, openedMs),
      hold: (rule, groups) =>
        void this.#inputs.push({ type: 'hold-groups', listener: rule, groups }),
    };
  }
}

/** What fires on although its rule cannot run. */
function heldAlert(state: SavedState | null): FiringAlert | null {
  if (state === null || state.kind === 'named') return null;
  const transition = state.kind === 'key' ? state.transition : state.state.transition;
  if (transition === null || !isFiring(transition.to)) return null;
  const values = state.kind === 'key' ? (state.row ?? {}) : {};
  return { transition, evaluatedThroughMs: -Infinity, values };
}

function saveKey({ rule, condition, key }: Omit<SavedAlert, 'state'>): string {
  return JSON.stringify([rule, condition, key]);
}
