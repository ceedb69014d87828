/**
 * Keeps the series of standing queries: of everything that readers inside the engine listen to
 * (alert rules, saved queries that {@link SeriesKeeper.keep} was asked for). It hears their closed
 * windows, rolls them, and writes in batches, so that no window waits for the disk.
 *
 * What is lost with a killed process is what came since the last write, `seriesFlushMs` at most.
 */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import type { QueryPlan } from '../ir/plan.ts';
import { recalledStates } from '../operator/series-recall.ts';
import type { MeasuredSeries, SeriesMeasures } from '../store/series-measures.ts';
import type { SeriesMemory, SeriesStates } from '../store/series-memory.ts';
import { SERIES_LEVELS } from '../store/series-store.ts';
import type { KeptLine, SeriesRange, SeriesStore } from '../store/series-store.ts';
import type { CoordinatorInput, ListenerEffect, ListenInput } from './messages.ts';
import { keptColumns } from './series-measure.ts';
import { keptPast } from './series-past.ts';
import { SeriesRoll } from './series-roll.ts';

const LISTENER_PREFIX = 'series:';
const NUMBER_BYTES = 8;
const DAY_MS = 86_400_000;

/** The name under which a listener keeps its query; null: it is another kind of reader. */
export function keptName(listener: string): string | null {
  return listener.startsWith(LISTENER_PREFIX) ? listener.slice(LISTENER_PREFIX.length) : null;
}

export interface SeriesKeeperParts {
  readonly config: Config;
  readonly store: SeriesStore;
  readonly memory: SeriesMemory;
  readonly measures: SeriesMeasures;
  readonly clock: Pick<Clock, 'now'>;
  /** What the functions of a running query remember; null: none, or not running. */
  readonly statesOf: (query: string) => SeriesStates | null;
  readonly isRunning: (query: string) => boolean;
  readonly handle: (input: CoordinatorInput) => void;
}

interface Kept {
  readonly roll: SeriesRoll;
  /** Readers of the query; without one it is kept no longer. */
  readonly listeners: Set<string>;
  /** Groups whose memory is still to be saved in this turn. */
  unsaved: Iterator<[string, Float64Array]> | null;
}

export class SeriesKeeper {
  readonly #parts: SeriesKeeperParts;
  /** By fingerprint. */
  readonly #kept = new Map<string, Kept>();
  readonly #queryOf = new Map<string, string>();
  #nextFlushMs: number;
  #nextPruneMs: number;
  #refused = 0;
  #failures = 0;
  #problem: EngineError | null = null;

  constructor(parts: SeriesKeeperParts) {
    this.#parts = parts;
    const nowMs = parts.clock.now();
    this.#nextFlushMs = nowMs + parts.config.seriesFlushMs;
    this.#nextPruneMs = nowMs;
  }

  /** Values and lines that found no place. */
  get refused(): number {
    return this.#refused;
  }

  /** Writes that failed; what they had is lost. */
  get failures(): number {
    return this.#failures;
  }

  /** Columns of groups that are kept, of queries that run and of those that did. */
  get lines(): number {
    return this.#parts.store.lines;
  }

  /** Fingerprints of the queries that are kept now. */
  get queries(): readonly string[] {
    return [...this.#kept.keys()];
  }

  /** Who keeps what measures this, and under which column; null: nobody. */
  find(measure: string): MeasuredSeries | null {
    return this.#parts.measures.find(measure);
  }

  read(range: SeriesRange): readonly KeptLine[] {
    return this.#parts.store.read(range);
  }

  /** Columns of the query whose sum over windows is a total of events. */
  totals(query: string): ReadonlySet<string> {
    return this.#parts.measures.totals(query);
  }

  /**
   * What functions over series of the query remembered when it was last saved; of groups that were
   * not, what the kept series of whoever measured the same lets them know.
   */
  remembered(plan: QueryPlan): SeriesStates {
    const { clock, config, measures, memory, store } = this.#parts;
    const states = new Map<string, Float64Array>();
    this.#guarded(() => {
      const past = keptPast(plan, { store, measures, bucketsMax: config.seriesRecallBucketsMax });
      const recalled = recalledStates(plan, past, { nowMs: clock.now(), config });
      for (const [group, state] of recalled) states.set(group, state);
      for (const [group, state] of memory.load(plan.fingerprint)) states.set(group, state);
    });
    return states;
  }

  /** Makes a query a standing one under a name, until `release`. Rules are without being asked. */
  keep(name: string, query: string, params: ListenInput['params']): void {
    this.#parts.handle({ type: 'listen', listener: LISTENER_PREFIX + name, query, params });
  }

  release(name: string): void {
    const listener = LISTENER_PREFIX + name;
    this.#left(listener);
    this.#parts.handle({ type: 'unlisten', listener });
  }

  /** Everything that readers inside the engine hear is heard here, too. */
  hear(effect: ListenerEffect): void {
    switch (effect.type) {
      case 'listening':
        this.#joined(effect.listener, effect.plan);
        break;
      case 'deaf':
        this.#left(effect.listener);
        break;
      case 'window': {
        const [listener = ''] = effect.listeners;
        this.#kept.get(this.#queryOf.get(listener) ?? '')?.roll.window(effect.window);
        break;
      }
      case 'source':
        break;
    }
  }

  tick(nowMs: number): void {
    this.#guarded(() => this.#due(nowMs));
  }

  /** Writes all that there is; the engine ends. */
  close(nowMs: number): void {
    this.#guarded(() => this.#flush(nowMs, true));
  }

  /** Why the last write failed; null: it did not. What it had is lost, and counted. */
  get problem(): EngineError | null {
    return this.#problem;
  }

  /** A full disk must not stop an engine that answers. */
  #guarded(body: () => void): void {
    try {
      body();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.#problem = error;
      this.#failures += 1;
    }
  }

  #due(nowMs: number): void {
    if (nowMs >= this.#nextFlushMs) {
      this.#nextFlushMs = nowMs + this.#parts.config.seriesFlushMs;
      this.#flush(nowMs, false);
    }
    if (nowMs >= this.#nextPruneMs) {
      this.#nextPruneMs = nowMs + this.#parts.config.seriesPruneMs;
      this.#parts.store.prune(nowMs);
      this.#parts.memory.prune(nowMs - (SERIES_LEVELS.at(-1)?.keptMs ?? 0));
      this.#parts.measures.prune(nowMs - DAY_MS);
    }
  }

  #joined(listener: string, plan: Extract<ListenerEffect, { type: 'listening' }>['plan']): void {
    this.#left(listener);
    const { fingerprint } = plan;
    const roll = new SeriesRoll(plan, { linesMax: this.#parts.config.seriesLinesMax });
    const kept = this.#kept.get(fingerprint) ?? { roll, listeners: new Set(), unsaved: null };
    kept.listeners.add(listener);
    this.#kept.set(fingerprint, kept);
    this.#queryOf.set(listener, fingerprint);
    const { clock, measures } = this.#parts;
    this.#guarded(() => measures.put(fingerprint, keptColumns(plan), clock.now()));
  }

  #left(listener: string): void {
    const query = this.#queryOf.get(listener);
    const kept = query === undefined ? undefined : this.#kept.get(query);
    this.#queryOf.delete(listener);
    if (query === undefined || kept === undefined) return;
    kept.listeners.delete(listener);
    if (kept.listeners.size > 0) return;
    this.#kept.delete(query);
    this.#guarded(() => {
      this.#refused += kept.roll.refused + this.#parts.store.add(kept.roll.take(true));
    });
  }

  #flush(nowMs: number, all: boolean): void {
    for (const [query, kept] of this.#kept) {
      const isOver = all || !this.#parts.isRunning(query);
      this.#refused += this.#parts.store.add(kept.roll.take(isOver));
      this.#saveMemory(query, kept, nowMs, all);
      if (!isOver) continue;
      for (const listener of kept.listeners) this.#queryOf.delete(listener);
      this.#kept.delete(query);
    }
    this.#problem = null;
  }

  /** A slice at a time, so that a large memory never holds up the engine; in turns over groups. */
  #saveMemory(query: string, kept: Kept, nowMs: number, all: boolean): void {
    const states = this.#parts.statesOf(query);
    if (states === null) return;
    if (all) kept.unsaved = null;
    kept.unsaved ??= states.entries();
    const slice = new Map<string, Float64Array>();
    let room = all ? Infinity : this.#parts.config.seriesSaveBytes;
    while (room > 0) {
      const next = kept.unsaved.next();
      if (next.done === true) {
        kept.unsaved = null;
        break;
      }
      const [name, state] = next.value;
      slice.set(name, state);
      room -= state.length * NUMBER_BYTES;
    }
    this.#parts.memory.save(query, slice, nowMs);
  }
}
