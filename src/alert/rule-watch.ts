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
import { groupKey } from '../model/group-key.ts';
import type { Value, ValueObject } from '../model/value.ts';
import type { ToldWindow } from '../coordinator/window-cycle.ts';
import type { Completeness } from '../wire/results.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { truth } from './condition.ts';
import { gradeOf } from './evidence.ts';
import type { Grade } from './evidence.ts';
import { close, stepKey } from './key-state.ts';
import type { Verdict } from './key-state.ts';
import { KeyTable } from './key-table.ts';
import { gapAfter } from './source-gap.ts';
import type { SourceGap } from './source-gap.ts';
import type { SavedAlert, SavedState } from './saved-alert.ts';
import { SideAlerts } from './side-alerts.ts';
import { keyTransition } from './key-transition.ts';
import type { AlertState, AlertTransition, FiringAlert } from './transition.ts';
import { isFiring } from './transition.ts';
import type { WatchSink } from './watch-sink.ts';
import type { WatchedKey } from './watched-key.ts';
import { WindowTrail } from './window-trail.ts';

export interface WatchLimits {
  readonly keysMax: number;
  readonly trailWindows: number;
}

/** Of several rows of one key, the strongest verdict counts. */
const STRENGTH: Readonly<Record<Verdict, number>> = { clear: 0, between: 1, unknown: 2, holds: 3 };

export class RuleWatch {
  readonly trail: WindowTrail;
  readonly sides: SideAlerts;
  /** End of the newest window that was taken in, ms; −Infinity: none since it listens. */
  evaluatedThroughMs = -Infinity;
  #rule: CompiledRule;
  readonly #sink: WatchSink;
  readonly #limits: WatchLimits;
  readonly #keys: KeyTable;
  /** Alerts that are not ok. */
  readonly #active = new Set<WatchedKey>();
  /** Alerts whose patience has got further than what is written down. */
  readonly #dirty = new Set<WatchedKey>();
  // What the window that is taken in says, an entry for each of its keys.
  readonly #touched: WatchedKey[] = [];
  readonly #rows: (ValueObject | null)[] = [];
  readonly #verdicts: Verdict[] = [];
  #gap: SourceGap | null = null;
  #holdChanged = false;

  constructor(rule: CompiledRule, sink: WatchSink, limits: WatchLimits) {
    this.#rule = rule;
    this.#sink = sink;
    this.#limits = limits;
    this.trail = new WindowTrail(limits.trailWindows);
    this.#keys = new KeyTable(limits.keysMax, this.trail);
    this.sides = new SideAlerts(rule, sink);
  }

  get rule(): CompiledRule {
    return this.#rule;
  }

  get gap(): SourceGap | null {
    return this.#gap;
  }

  keys(): Iterable<WatchedKey> {
    return this.#keys.all();
  }

  /** Rows whose keys were beyond the bound, which are not watched. */
  get keysRefused(): number {
    return this.#keys.refused;
  }

  /** An alert that is well, as far as is known. */
  addKey(key: ValueObject): WatchedKey {
    return this.#keys.add(key, this.#sink.namedThroughMs(this.#rule.rule.name));
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
    const { startMs, endMs } = window;
    this.trail.push({ startMs, endMs, why: grade.why, share: grade.share });
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
    for (const key of this.#dirty) this.#save(key);
  }

  /** Ends every alert of the rule, because of what an operator did. */
  endAll(why: string, nowMs: number): void {
    for (const key of this.#active) this.#end(key, why, nowMs);
    for (const key of this.#keys.all()) this.#drop(key);
    this.#keys.clear();
    this.#dirty.clear();
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
    if (state === null || state.kind === 'named') return true;
    if (state.kind === 'side') {
      this.sides.restore(condition, state.state);
      if (condition === 'silent') this.#gap = state.gap;
      return true;
    }
    const { key, row, group, transition } = state;
    if (Object.keys(key).join('\n') !== this.#rule.by.join('\n')) return false;
    const watched = this.addKey(key);
    Object.assign(watched.state, state.state);
    Object.assign(watched, { row, group, transition });
    watched.isIdle = isIdle(watched);
    watched.isSaved = true;
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
    const number = this.trail.newest;
    for (let i = 0; i < rows.length; i++) this.#takeRow(rows[i]!, i, quiet, window);
    if (this.#rule.leavesOut) this.#takeAbsent(number);
    this.#writeTrail();
    this.#stepKeys(window, nowMs);
    this.#touched.length = 0;
    this.#rows.length = 0;
    this.#verdicts.length = 0;
    if (number % this.#limits.trailWindows !== 0) return;
    this.#keys.forgetIdle(number - this.#limits.trailWindows, (key) =>
      this.#mayForget(key, window.endMs),
    );
  }

  #takeRow(row: ValueObject, place: number, quiet: ReadonlySet<string>, window: ToldWindow): void {
    const { by, rule } = this.#rule;
    const key = this.#keys.ofRow(row, place, by, this.#sink.namedThroughMs(rule.name));
    if (key === null) return;
    const isLost = this.#gap !== null && this.#isQuiet(row, quiet, window);
    const verdict = isLost ? 'unknown' : this.#verdictOf(row);
    const number = this.trail.newest;
    if (key.window !== number) {
      this.#touch(key, row, verdict);
    } else if (STRENGTH[verdict] > STRENGTH[this.#verdicts[key.touch]!]) {
      this.#rows[key.touch] = row;
      this.#verdicts[key.touch] = verdict;
    }
  }

  #touch(key: WatchedKey, row: ValueObject | null, verdict: Verdict): void {
    key.window = this.trail.newest;
    key.touch = this.#touched.length;
    this.#touched.push(key);
    this.#rows.push(row);
    this.#verdicts.push(verdict);
  }

  /** Keys in no row, where that means that their rows were left out: the condition is false. */
  #takeAbsent(number: number): void {
    for (const key of this.#keys.all()) {
      if (key.window !== number && !key.isIdle) this.#touch(key, null, 'clear');
    }
  }

  /** Before any alert moves, since pages show how others moved with it. */
  #writeTrail(): void {
    const { valueColumn } = this.#rule;
    for (let i = 0; i < this.#touched.length; i++) {
      const row = this.#rows[i] ?? null;
      const value = valueColumn === null || row === null ? null : row[valueColumn];
      const number = typeof value === 'number' ? value : Number.NaN;
      this.trail.set(this.#touched[i]!.place, number, this.#verdicts[i]!);
    }
  }

  #stepKeys(window: ToldWindow, nowMs: number): void {
    const { rule, stepMs } = this.#rule;
    const step = { endMs: window.endMs, stepMs };
    for (let i = 0; i < this.#touched.length; i++) {
      const key = this.#touched[i]!;
      const verdict = this.#verdicts[i]!;
      // By far the most of them: nothing can happen.
      if (key.isIdle && verdict === 'clear') continue;
      const { state: from, heldMs, recent } = key.state;
      key.row = this.#rows[i]!;
      if (stepKey(key.state, verdict, step, rule)) this.#moved(key, from, window, nowMs);
      else if (key.state.heldMs !== heldMs || key.state.recent !== recent) this.#dirty.add(key);
      // Rows of those that are well die young.
      if (key.state.state === 'ok') key.row = null;
      key.isIdle = isIdle(key);
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

  #groupOf(row: ValueObject): readonly Value[] | null {
    return this.#rule.groupBy?.map((name) => row[name] ?? null) ?? null;
  }

  // ---- Moves -----------------------------------------------------------------------------------

  #moved(key: WatchedKey, from: AlertState, window: ToldWindow | null, nowMs: number): void {
    const to = key.state.state;
    key.state.sequence++;
    const alert = { rule: this.#rule, key, from, to };
    const transition = keyTransition(alert, {
      ...{ window, nowMs, trail: this.trail, keys: this.#keys.all() },
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
    key.isIdle = true;
    key.state.sequence++;
    const alert = { rule: this.#rule, key, from, to: 'ok' as const };
    const transition = keyTransition(alert, {
      ...{ window: null, nowMs, trail: this.trail, keys: this.#keys.all(), why },
    });
    key.transition = null;
    this.#active.delete(key);
    this.#holdChanged = true;
    this.#save(key);
    this.#sink.transition(transition);
  }

  #save(key: WatchedKey): void {
    this.#dirty.delete(key);
    // What flapped is remembered while it may flap again, and what held while it counts.
    if (isIdle(key) && key.state.fired.length === 0) {
      this.#drop(key);
      return;
    }
    const state: SavedState = {
      kind: 'key',
      key: key.key,
      state: { ...key.state, fired: [...key.state.fired] },
      group: key.group,
      row: key.row,
      transition: key.transition,
    };
    key.isSaved = true;
    const { name } = this.#rule.rule;
    this.#sink.save({ rule: name, condition: 'threshold', key: key.text, state });
  }

  /** Nothing has to be known of it any more but that its episodes were named. */
  #drop(key: WatchedKey): void {
    const { name } = this.#rule.rule;
    if (key.isSaved) {
      this.#sink.save({ rule: name, condition: 'threshold', key: key.text, state: null });
    }
    key.isSaved = false;
    this.#sink.forgetEpisode(name, key.state.openedMs);
  }

  /** Of a key that is well and was in no window for long: not what may flap yet. */
  #mayForget(key: WatchedKey, nowMs: number): boolean {
    const { flap } = this.#rule.rule;
    const firedMs = key.state.fired.at(-1) ?? -Infinity;
    if (flap !== null && firedMs > nowMs - flap.withinMs) return false;
    this.#drop(key);
    return true;
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

/** Ok, and no window that counts says otherwise. */
function isIdle({ state }: WatchedKey): boolean {
  return state.state === 'ok' && state.recent === 0;
}
