/**
 * Panes in, windows out. Shards only know panes; this keeps the panes that an open window may still
 * need and merges those of one window: one pane for a tumbling window, several for a sliding one.
 * The cost of a pane does not depend on how many windows overlap it until they close.
 */
import type { StageNotes } from '../aggregate/stage-notes.ts';
import type { Config } from '../config.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { Value } from '../model/value.ts';
import { compileFinal } from '../operator/final.ts';
import type { Finish } from '../operator/final.ts';
import type { GroupMerge } from '../operator/merge-panes.ts';
import { seriesStageOf } from '../operator/series-stage.ts';
import type { SeriesLook, SeriesStageRun } from '../operator/series-stage.ts';
import type { ValueObject } from '../model/value.ts';
import type { PanePartial, SlotRow } from '../window/pane-partial.ts';
import type { KeylessMerges } from './keyless-merges.ts';
import { RememberedGroups } from './remembered-groups.ts';

export interface AssembledWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly rows: readonly ValueObject[];
  readonly seen: number;
  readonly matched: number;
  /** Rows of which some function over series expects nothing yet. */
  readonly warming: number;
  /** Null: nothing is aggregated. */
  readonly notes: StageNotes | null;
}

export interface WindowLook {
  readonly coveredMs: number;
  /** The window's panes are closed. */
  readonly isFinal: boolean;
  readonly series: SeriesLook;
}

/** Of nearly all queries, which show no windows before they are closed. */
const NO_PANES = new Map<number, PanePartial[]>();

/** The one group of a query without keys. */
const NO_KEYS: readonly (readonly Value[])[] = [[]];

export class WindowAssembler {
  readonly #plan: QueryPlan;
  readonly #finish: Finish;
  readonly #sizeMs: number;
  readonly #paneMs: number;
  readonly #merge: GroupMerge | null;
  readonly #remembered: RememberedGroups | null;
  readonly #series: SeriesStageRun | null;
  readonly #slideMs: number;
  readonly #closed = new Map<number, PanePartial[]>();
  /** Copies of open panes, from the latest peek. */
  #open: Map<number, PanePartial[]> = NO_PANES;

  constructor(plan: QueryPlan, config: Config, merges: KeylessMerges) {
    const { window, aggregate } = plan;
    this.#plan = plan;
    this.#finish = compileFinal(plan.final);
    this.#paneMs = window.paneMs;
    this.#sizeMs = window.kind === 'time' ? window.sizeMs : window.paneMs;
    this.#slideMs = window.kind === 'time' ? window.slideMs : window.paneMs;
    this.#series = seriesStageOf(plan, config);
    this.#merge = aggregate === null ? null : merges.of(aggregate);
    this.#remembered =
      aggregate === null || aggregate.keys.length === 0
        ? null
        : new RememberedGroups(aggregate, this.#sizeMs, config);
  }

  /** What functions over series remember; null: the query has none. */
  get series(): SeriesStageRun | null {
    return this.#series;
  }

  get groups(): number {
    return this.#remembered?.size ?? (this.#merge === null ? 0 : 1);
  }

  /** Texts of remembered groups without an event in the closed window that began at `startMs`. */
  quietGroups(startMs: number): ReadonlySet<string> {
    return this.#remembered?.quiet(startMs) ?? new Set();
  }

  /** Groups by text that are not forgotten; replaces those held before. */
  hold(groups: ReadonlyMap<string, readonly Value[]>): void {
    this.#remembered?.hold(groups);
  }

  addClosed(panes: readonly PanePartial[]): void {
    for (const pane of panes) append(this.#closed, pane);
  }

  /** Replaces what is known of open panes. */
  setOpen(panes: readonly PanePartial[]): void {
    this.#open = panes.length === 0 ? NO_PANES : new Map();
    for (const pane of panes) append(this.#open, pane);
  }

  /** The answer of the window that ends at `endMs`. */
  window(endMs: number, options: WindowLook): AssembledWindow {
    const startMs = endMs - this.#sizeMs;
    const panes: PanePartial[] = [];
    for (let at = startMs; at < endMs; at += this.#paneMs) {
      panes.push(...(this.#closed.get(at) ?? []));
      if (!options.isFinal) panes.push(...(this.#open.get(at) ?? []));
    }
    let seen = 0;
    let matched = 0;
    for (const pane of panes) {
      seen += pane.seen;
      matched += pane.matched;
    }
    const slots = this.#slotRows(panes, startMs, options);
    const at = { number: Math.floor(startMs / this.#slideMs), startMs };
    const extended = this.#series?.extend(slots, at, options.series) ?? slots;
    const rows = this.#finish(extended, { window_start: startMs, window_end: endMs });
    const warming = this.#series?.warming ?? 0;
    return { startMs, endMs, rows, seen, matched, warming, notes: this.#merge?.notes ?? null };
  }

  /** Panes before `ms` belong to no window to come. */
  forgetBefore(ms: number): void {
    for (const start of this.#closed.keys()) if (start < ms) this.#closed.delete(start);
    for (const start of this.#open.keys()) if (start < ms) this.#open.delete(start);
    this.#series?.settled(Math.floor(ms / this.#slideMs));
  }

  #slotRows(panes: readonly PanePartial[], startMs: number, options: WindowLook): Value[][] {
    const { aggregate } = this.#plan;
    if (aggregate === null || this.#merge === null) {
      return panes
        .flatMap((pane) => pane.rows)
        .sort(byEventOrder)
        .map((row) => [...row.slots]);
    }
    const merge = this.#merge;
    merge.reset();
    for (const pane of panes) {
      if (pane.groups === null) continue;
      merge.add(pane.groups);
      if (options.isFinal) this.#remembered?.see(namedKeys(pane.groups), startMs);
    }
    if (this.#remembered !== null) {
      if (options.isFinal) this.#remembered.expire(startMs);
      merge.name(this.#remembered.keys());
    } else {
      merge.name(NO_KEYS);
    }
    return merge.rows({ windowMs: this.#sizeMs, coveredMs: options.coveredMs });
  }
}

function namedKeys(groups: {
  readonly keys: readonly (readonly Value[])[];
  readonly overflow: number | null;
}): readonly (readonly Value[])[] {
  return groups.overflow === null
    ? groups.keys
    : groups.keys.filter((_, group) => group !== groups.overflow);
}

function append(panes: Map<number, PanePartial[]>, pane: PanePartial): void {
  const known = panes.get(pane.paneStartMs);
  if (known === undefined) panes.set(pane.paneStartMs, [pane]);
  else known.push(pane);
}

export function byEventOrder(a: SlotRow, b: SlotRow): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  if (a.agentId !== b.agentId) return a.agentId < b.agentId ? -1 : 1;
  return a.sequence - b.sequence;
}
