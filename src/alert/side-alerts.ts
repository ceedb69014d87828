/** The alerts of one rule about its sources, the engine and itself. */
import type { ToldWindow } from '../coordinator/window-cycle.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { SidePolicy } from './rule.ts';
import { quietSide, stepSide } from './side-alert.ts';
import type { SideCondition, SideState } from './side-alert.ts';
import { sideTransition } from './side-transition.ts';
import type { SourceGap } from './source-gap.ts';
import type { Completeness } from '../wire/results.ts';
import type { AlertCondition, AlertTransition } from './transition.ts';
import type { WatchSink } from './watch-sink.ts';

const CONDITIONS: readonly SideCondition[] = ['silent', 'lag', 'rule-error'];
/** A rule that cannot run is told after this, so that a reload in between is not. */
const ERROR_POLICY: SidePolicy = { forMs: 10_000, severity: 'warning' };
/** Windows that may be missing before the rule counts as behind, beside two of its own. */
const OVERDUE_MS = 5_000;

export class SideAlerts {
  #rule: CompiledRule;
  readonly #sink: WatchSink;
  readonly #states = new Map<SideCondition, SideState>();
  #gap: SourceGap | null = null;
  /** Since when it has heard no window, ms; null: it has just heard one or does not listen. */
  #listensSinceMs: number | null = null;

  constructor(rule: CompiledRule, sink: WatchSink) {
    this.#rule = rule;
    this.#sink = sink;
    for (const condition of CONDITIONS) this.#states.set(condition, quietSide());
  }

  state(condition: SideCondition): SideState {
    return this.#states.get(condition)!;
  }

  change(rule: CompiledRule): void {
    this.#rule = rule;
  }

  restore(condition: AlertCondition, state: SideState): void {
    if (condition !== 'threshold') this.#states.set(condition, { ...state });
  }

  *firing(): Iterable<AlertTransition> {
    for (const { isFiring, transition } of this.#states.values()) {
      if (isFiring && transition !== null) yield transition;
    }
  }

  silent(trouble: string | null, gap: SourceGap | null, nowMs: number): void {
    const changed = (gap === null) !== (this.#gap === null);
    this.#gap = gap;
    this.#step('silent', trouble, nowMs, this.#rule.rule.onSilent);
    if (changed) this.#save('silent', this.state('silent'));
  }

  window({ completeness }: ToldWindow, nowMs: number): void {
    this.#listensSinceMs = nowMs;
    this.#step('lag', lagOf(completeness), nowMs, this.#rule.rule.onLag);
    this.#step('rule-error', null, nowMs, ERROR_POLICY);
  }

  /** Windows are due by the clock, whatever comes. */
  tick(evaluatedThroughMs: number, nowMs: number): void {
    this.#listensSinceMs ??= nowMs;
    const heardMs = Math.max(this.#listensSinceMs, evaluatedThroughMs);
    const overdueMs = nowMs - heardMs - 2 * this.#rule.stepMs - OVERDUE_MS;
    if (overdueMs <= 0) return;
    const trouble = `no window for ${Math.round((nowMs - heardMs) / 1_000)} s`;
    this.#step('lag', trouble, nowMs, this.#rule.rule.onLag);
  }

  /** The rule's query does not run, and why; null: it was accepted. */
  error(trouble: string | null, nowMs: number): void {
    if (trouble !== null) this.#listensSinceMs = null;
    const state = this.state('rule-error');
    // Only a window proves that it works again.
    if (trouble === null && state.isFiring) return;
    this.#step('rule-error', trouble, nowMs, ERROR_POLICY);
  }

  endAll(why: string, nowMs: number): void {
    for (const condition of CONDITIONS) {
      const state = this.state(condition);
      state.why = why;
      if (state.isFiring) this.#step(condition, null, nowMs, ERROR_POLICY);
      this.#drop(condition, state);
    }
  }

  #step(
    condition: SideCondition,
    trouble: string | null,
    nowMs: number,
    policy: SidePolicy | null,
  ): void {
    const state = this.state(condition);
    if (trouble !== null && !state.isFiring) {
      const namedMs = this.#sink.namedThroughMs(this.#rule.rule.name);
      state.openedMs = Math.max(state.openedMs, namedMs);
    }
    // A policy that was taken away lets go of what it held.
    const outcome = stepSide(state, policy === null ? null : trouble, nowMs, policy?.forMs ?? 0);
    if (outcome === null) return;
    state.sequence++;
    const severity = policy?.severity ?? 'info';
    const transition = sideTransition(this.#rule, { condition, state, outcome, severity, nowMs });
    state.transition = outcome === 'fires' ? transition : null;
    this.#save(condition, state);
    this.#sink.transition(transition);
  }

  #save(condition: SideCondition, state: SideState): void {
    const gap = condition === 'silent' && this.#gap !== null ? { ...this.#gap } : null;
    if (!state.isFiring && gap === null && state.sinceMs === null) {
      this.#drop(condition, state);
      return;
    }
    this.#sink.save({
      rule: this.#rule.rule.name,
      condition,
      key: '{}',
      state: { kind: 'side', state: { ...state }, gap },
    });
  }

  #drop(condition: SideCondition, { openedMs }: SideState): void {
    const { name } = this.#rule.rule;
    this.#sink.save({ rule: name, condition, key: '{}', state: null });
    this.#sink.forgetEpisode(name, openedMs);
  }
}

/** Why the engine did not do its work for a window; null: it did. */
function lagOf({ engine, reasons }: Completeness): string | null {
  if (reasons.includes('shed')) return 'it is shed: the engine cannot keep up';
  if (reasons.includes('quota')) return 'it is suspended: its query is over a budget';
  return engine === 'behind' ? 'its windows close late' : null;
}
