/**
 * One rule at work: takes in each closed window of its query once, advances the alerts of every key
 * in it, and watches sources and engine beside. Pure: time is an argument, what happens goes to the
 * {@link WatchSink}.
 *
 * Invariants: a window that is no evidence changes no alert; an alert's group is held for as long
 * as it is not ok; every change of state is one transition.
 *
 * Bench: bench/alert.ts.
 */
import { groupKey, groupKeyPart } from '../model/group-key.ts';
import type { Value, ValueObject } from '../model/value.ts';
import type { ToldWindow } from '../coordinator/window-cycle.ts';
import type { Completeness } from '../wire/results.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { truth } from './condition.ts';
import { gradeOf } from './evidence.ts';
import type { Grade } from './evidence.ts';
import { close, stepKey } from './key-state.ts';
import type { Verdict } from './key-state.ts';
import { gapAfter } from './source-gap.ts';
import type { SourceGap } from './source-gap.ts';
import type { SavedAlert, SavedState } from './saved-alert.ts';
import { SideAlerts } from './side-alerts.ts';
import { keyTransition } from './key-transition.ts';
import type { AlertState, AlertTransition, FiringAlert } from './transition.ts';
import { isFiring } from './transition.ts';
import type { WatchSink } from './watch-sink.ts';
import { watchedKey } from './watched-key.ts';
import type { WatchedKey } from './watched-key.ts';
import { WindowNotes } from './window-notes.ts';

export interface WatchLimits {
  readonly keysMax: number;
  readonly trailWindows: number;
}

/** Begins the texts of keys that are not one text alone. */
const MARK = '\u0000';

/** Of several rows of one key, the strongest verdict counts. */
const STRENGTH: Readonly<Record<Verdict, number>> = { clear: 0, between: 1, unknown: 2, holds: 3 };

export class RuleWatch {
  readonly notes: WindowNotes;
  readonly sides: SideAlerts;
  /** End of the newest window that was taken in, ms; −Infinity: none since it listens. */
  evaluatedThroughMs = -Infinity;
  /** Keys beyond the bound, which are not watched. */
  keysRefused = 0;
  #rule: CompiledRule;
  readonly #sink: WatchSink;
  readonly #limits: WatchLimits;
  readonly #keys = new Map<string, WatchedKey>();
  readonly #active = new Set<WatchedKey>();
  readonly #touched: WatchedKey[] = [];
  #gap: SourceGap | null = null;
  #holdChanged = false;

  constructor(rule: CompiledRule, sink: WatchSink, limits: WatchLimits) {
    this.#rule = rule;
    this.#sink = sink;
    this.#limits = limits;
    this.notes = new WindowNotes(limits.trailWindows);
    this.sides = new SideAlerts(rule, sink);
  }

  get rule(): CompiledRule {
    return this.#rule;
  }

  get gap(): SourceGap | null {
    return this.#gap;
  }

  keys(): Iterable<WatchedKey> {
    return this.#keys.values();
  }

  get keyCount(): number {
    return this.#keys.size;
  }

  /** The same alerts under a changed rule. Alerts whose key is another now are ended by it. */
  change(rule: CompiledRule, nowMs: number): void {
    const sameKey = rule.by.join('\n') === this.#rule.by.join('\n');
    if (!sameKey) this.endAll('the rule tells alerts apart by other columns now', nowMs);
    this.#rule = rule;
    this.sides.change(rule);
  }

  /** It listens to a query (again): windows of an earlier one are no measure for those to come. */
  listens(): void {
    this.evaluatedThroughMs = -Infinity;
    this.#holdChanged = true;
    this.#settleHold();
  }

  window(window: ToldWindow, quiet: ReadonlySet<string>, nowMs: number): void {
    if (window.revision > 0 || window.endMs <= this.evaluatedThroughMs) return;
    this.evaluatedThroughMs = window.endMs;
    const grade = gradeOf(window.completeness, this.#rule.rule.onDegraded);
    this.notes.push({ ...spanOf(window), why: grade.why, share: grade.share });
    this.#takeSource(window.completeness, grade, nowMs);
    if (grade.isEvidence) this.#takeRows(window, quiet, nowMs);
    this.sides.window(window, nowMs);
    this.#settleHold();
  }

  /** About once a second, between windows. */
  source(completeness: Completeness, nowMs: number): void {
    this.#takeSource(completeness, gradeOf(completeness, this.#rule.rule.onDegraded), nowMs);
    this.sides.tick(this.evaluatedThroughMs, nowMs);
  }

  /** Writes down how far patience has got where no transition did. */
  saveDirty(): void {
    for (const key of this.#active) if (key.isDirty) this.#save(key);
  }

  /** Ends every alert of the rule, because of what an operator did. */
  endAll(why: string, nowMs: number): void {
    for (const key of this.#active) this.#end(key, why, nowMs);
    this.#keys.clear();
    this.sides.endAll(why, nowMs);
    this.#settleHold();
  }

  /** Ends one alert because a person says so; false: there is none that fires or pends. */
  dismiss(keyText: string, why: string, nowMs: number): boolean {
    for (const key of this.#active) {
      if (key.text !== keyText) continue;
      this.#end(key, why, nowMs);
      this.#settleHold();
      return true;
    }
    return false;
  }

  /** False: the rule has no such alert any more. */
  restore({ condition, state }: SavedAlert): boolean {
    if (state === null) return true;
    if (state.kind === 'side') {
      this.sides.restore(condition, state.state);
      if (condition === 'silent') this.#gap = state.gap;
      return true;
    }
    const { key, row, group, transition } = state;
    if (Object.keys(key).join('\n') !== this.#rule.by.join('\n')) return false;
    const watched = watchedKey(key, this.#limits.trailWindows);
    Object.assign(watched.state, state.state);
    this.#keys.set(this.#textOf(key), Object.assign(watched, { row, group, transition }));
    if (watched.state.state !== 'ok') this.#active.add(watched);
    this.#holdChanged = true;
    return true;
  }

  *firing(): Iterable<FiringAlert> {
    for (const { state, transition, row } of this.#active) {
      if (transition === null || !isFiring(state.state)) continue;
      yield { transition, evaluatedThroughMs: this.evaluatedThroughMs, values: row ?? {} };
    }
    for (const transition of this.sides.firing()) {
      yield { transition, evaluatedThroughMs: this.evaluatedThroughMs, values: {} };
    }
  }

  /** Transitions of the alerts that pend. */
  *pending(): Iterable<AlertTransition> {
    for (const { state, transition } of this.#active) {
      if (state.state === 'pending' && transition !== null) yield transition;
    }
  }

  pendingCount(): number {
    let count = 0;
    for (const { state } of this.#active) if (state.state === 'pending') count++;
    return count;
  }

  // ---- Rows ------------------------------------------------------------------------------------

  #takeRows(window: ToldWindow, quiet: ReadonlySet<string>, nowMs: number): void {
    const { rows } = window;
    const touched = this.#touched;
    const number = this.notes.newest;
    for (let i = 0; i < rows.length; i++) this.#takeRow(rows[i]!, number, quiet, window);
    if (this.#rule.leavesOut) this.#takeAbsent(number);
    const step = { endMs: window.endMs, stepMs: this.#rule.stepMs };
    const { valueColumn, rule } = this.#rule;
    for (let i = 0; i < touched.length; i++) {
      const key = touched[i]!;
      const value = valueColumn === null ? null : key.row?.[valueColumn];
      key.trail.push(number, typeof value === 'number' ? value : Number.NaN, key.verdict);
    }
    for (let i = 0; i < touched.length; i++) {
      const key = touched[i]!;
      const from = key.state.state;
      if (from === 'ok' && key.verdict === 'clear' && key.state.recent === 0) {
        // By far the most of them: nothing can happen. Rows of those that are well die young.
        key.row = null;
        continue;
      }
      const { heldMs } = key.state;
      if (stepKey(key.state, key.verdict, step, rule)) this.#moved(key, from, window, nowMs);
      else if (key.state.heldMs !== heldMs) key.isDirty = true;
      if (key.state.state === 'ok') key.row = null;
    }
    touched.length = 0;
    if (number % this.#limits.trailWindows === 0) this.#forgetIdle(number);
  }

  #takeRow(row: ValueObject, number: number, quiet: ReadonlySet<string>, window: ToldWindow): void {
    const key = this.#keyOf(row);
    if (key === null) return;
    const isLost = this.#gap !== null && this.#isQuiet(row, quiet, window);
    const verdict = isLost ? 'unknown' : this.#verdictOf(row);
    if (key.window === number) {
      if (STRENGTH[verdict] <= STRENGTH[key.verdict]) return;
    } else {
      key.window = number;
      this.#touched.push(key);
    }
    key.verdict = verdict;
    key.row = row;
  }

  /** Keys in no row, where that means that their rows were left out: the condition is false. */
  #takeAbsent(number: number): void {
    for (const key of this.#keys.values()) {
      if (key.window === number) continue;
      if (key.state.state === 'ok' && key.state.recent === 0) continue;
      key.window = number;
      key.row = null;
      key.verdict = 'clear';
      this.#touched.push(key);
    }
  }

  #verdictOf(row: ValueObject): Verdict {
    const { when, clearWhen, minVolume } = this.#rule;
    if (minVolume !== null) {
      const volume = minVolume.of.value(row);
      if (typeof volume !== 'number' || volume < minVolume.atLeast) return 'unknown';
    }
    if (when === null) return 'holds';
    const holds = truth(when, row);
    if (holds === undefined) return 'unknown';
    if (holds) return 'holds';
    if (clearWhen === null) return 'clear';
    return truth(clearWhen, row) === true ? 'clear' : 'between';
  }

  /** Without an event, while those who would have sent them are gone. */
  #isQuiet(row: ValueObject, quiet: ReadonlySet<string>, window: ToldWindow): boolean {
    const group = this.#groupOf(row);
    if (group === null || group.length === 0) return window.completeness.events.matched === 0;
    return quiet.has(groupKey(group));
  }

  #keyOf(row: ValueObject): WatchedKey | null {
    const text = this.#textOf(row);
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    if (this.#keys.size >= this.#limits.keysMax) {
      this.keysRefused++;
      return null;
    }
    const key = Object.fromEntries(this.#rule.by.map((name) => [name, row[name] ?? null]));
    const made = watchedKey(key, this.#limits.trailWindows);
    this.#keys.set(text, made);
    return made;
  }

  #textOf(row: ValueObject): string {
    const { by } = this.#rule;
    if (by.length === 1) {
      // Most keys are one text, which names itself: no new string is made for each row.
      const value = row[by[0]!];
      if (typeof value === 'string' && !value.startsWith(MARK)) return value;
    }
    let text = MARK;
    for (let i = 0; i < by.length; i++) text += groupKeyPart(row[by[i]!] ?? null);
    return text;
  }

  #groupOf(row: ValueObject): readonly Value[] | null {
    return this.#rule.groupBy?.map((name) => row[name] ?? null) ?? null;
  }

  /** Keys that are well and were in no window for as long as the trail remembers. */
  #forgetIdle(number: number): void {
    for (const [text, key] of this.#keys) {
      const isWell = key.state.state === 'ok' && key.state.recent === 0;
      if (isWell && key.window <= number - this.#limits.trailWindows) this.#keys.delete(text);
    }
  }

  // ---- Moves -----------------------------------------------------------------------------------

  #moved(key: WatchedKey, from: AlertState, window: ToldWindow | null, nowMs: number): void {
    const to = key.state.state;
    key.state.sequence++;
    const alert = { rule: this.#rule, key, from, to };
    const transition = keyTransition(alert, {
      ...{ window, nowMs, notes: this.notes, keys: this.#keys },
    });
    key.transition = to === 'ok' ? null : transition;
    if (key.row !== null) key.group = this.#groupOf(key.row);
    if (to === 'ok') this.#active.delete(key);
    else this.#active.add(key);
    this.#holdChanged = true;
    this.#save(key);
    this.#sink.transition(transition);
  }

  #end(key: WatchedKey, why: string, nowMs: number): void {
    const from = key.state.state;
    close(key.state);
    key.state.sequence++;
    const alert = { rule: this.#rule, key, from, to: 'ok' as const };
    const transition = keyTransition(alert, {
      ...{ window: null, nowMs, notes: this.notes, keys: this.#keys, why },
    });
    key.transition = null;
    this.#active.delete(key);
    this.#holdChanged = true;
    this.#save(key);
    this.#sink.transition(transition);
  }

  #save(key: WatchedKey): void {
    key.isDirty = false;
    const { fired, state: now } = key.state;
    // What flapped is remembered while it may flap again.
    const keep = now !== 'ok' || fired.length > 0;
    const state: SavedState | null = keep
      ? {
          kind: 'key',
          key: key.key,
          state: { ...key.state, fired: [...fired] },
          group: key.group,
          row: key.row,
          transition: key.transition,
        }
      : null;
    const { name } = this.#rule.rule;
    this.#sink.save({ rule: name, condition: 'threshold', key: key.text, state });
  }

  #takeSource(completeness: Completeness, grade: Grade, nowMs: number): void {
    if (this.#gap !== null || grade.isShort) {
      const how = { nowMs, policy: this.#rule.rule.onDegraded };
      this.#gap = gapAfter(this.#gap, grade, completeness, how);
    }
    const trouble = this.#gap === null ? null : grade.isShort ? grade.why : 'agents did not return';
    this.sides.silent(trouble, this.#gap, nowMs);
  }

  #settleHold(): void {
    if (!this.#holdChanged) return;
    this.#holdChanged = false;
    const groups = [...this.#active].flatMap(({ group }) =>
      group === null || group.length === 0 ? [] : [group],
    );
    this.#sink.hold(this.#rule.rule.name, groups);
  }
}

function spanOf({ startMs, endMs }: ToldWindow): { startMs: number; endMs: number } {
  return { startMs, endMs };
}
