/**
 * The windowed part of one pipeline as far as agents aggregated it: adds their deltas pane by pane
 * and hands panes over as the pipeline's other table does, so that merging need not know who
 * counted. Deltas for closed panes are late and only counted.
 *
 * Invariant: every event of a delta is counted once, in a pane, as late, or as dropped.
 */
import type { Config } from '../config.ts';
import type { AggregateStage, QueryPlan } from '../ir/plan.ts';
import type { PaneDelta } from '../wire/partials-frame.ts';
import { GROUPS_KEPT_FACTOR, GroupStates } from './group-states.ts';
import { OpenPanes } from './open-panes.ts';
import type { PanePartial } from './pane-partial.ts';

interface Pane {
  seen: number;
  matched: number;
  /** Null: nothing matched so far. */
  states: GroupStates | null;
}

export interface DeltaPanesOptions {
  readonly config: Pick<Config, 'openPanesMax'>;
  /** Panes that end at or before this are closed from the start. */
  readonly closedThroughMs: number;
}

export class DeltaPanes {
  /** Matching events that came for closed panes. */
  late = 0;
  readonly #dropped: Record<string, number> = {};
  readonly #stage: AggregateStage;
  readonly #panes: OpenPanes<Pane>;

  constructor({ window }: QueryPlan, stage: AggregateStage, options: DeltaPanesOptions) {
    const { config, closedThroughMs } = options;
    this.#stage = stage;
    const { openPanesMax } = config;
    this.#panes = new OpenPanes({ paneMs: window.paneMs, closedThroughMs, openPanesMax });
  }

  /** Matching events that were lost, by reason. */
  get dropped(): Readonly<Record<string, number>> {
    return this.#dropped;
  }

  /** What open panes hold: bytes in all, groups of the one that has most. */
  get state(): { readonly bytes: number; readonly groups: number } {
    let bytes = 0;
    let groups = 0;
    for (const { states } of this.#panes.values()) {
      bytes += states?.bytes ?? 0;
      groups = Math.max(groups, states?.count ?? 0);
    }
    return { bytes, groups };
  }

  /** Gives up what open panes hold; returns the events that were in them. */
  discard(): number {
    let events = 0;
    for (const pane of this.#panes.values()) {
      events += pane.matched;
      pane.matched = 0;
      pane.states = null;
    }
    return events;
  }

  drop(reason: string, events: number): void {
    if (events > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + events;
  }

  /** Panes that start after `latestMs` are dropped as `future`. */
  add(delta: PaneDelta, latestMs: number): void {
    const { groups, matched, seen } = delta;
    const startMs = this.#panes.startOf(delta.paneStartMs);
    if (startMs > latestMs) {
      this.drop('future', matched);
      return;
    }
    if (this.#panes.isClosed(startMs)) {
      this.late += matched;
      return;
    }
    const pane = this.#panes.open(startMs, () => ({ seen: 0, matched: 0, states: null }));
    if (pane === null) {
      this.drop('panes', matched);
      return;
    }
    pane.seen += seen;
    pane.matched += matched;
    if (groups === null) return;
    const groupsMax = this.#stage.groupsMax * GROUPS_KEPT_FACTOR;
    pane.states ??= new GroupStates(this.#stage, groupsMax);
    pane.states.merge(groups);
  }

  /** Closes panes that end at or before `throughMs`, in order of time. */
  closeThrough(throughMs: number): PanePartial[] {
    return this.#panes.closeThrough(throughMs).map(partialOf);
  }

  /** Copies of the open panes that start before `beforeMs`, in order of time. */
  peek(beforeMs: number): PanePartial[] {
    return this.#panes.startingBefore(beforeMs).map(partialOf);
  }
}

function partialOf([paneStartMs, { matched, seen, states }]: readonly [number, Pane]): PanePartial {
  return { paneStartMs, seen, matched, groups: states?.encode() ?? null, rows: [] };
}
