/**
 * The windowed part of one pipeline in one shard: filters a batch, deals its rows to the panes
 * their times fall into, and hands panes over as mergeable partials when they close. Whoever calls
 * decides by watermarks when that is; events for closed panes are late and only counted.
 *
 * Invariant: every row of a covered batch is counted once, in a pane's `seen`, as late, or as
 * dropped.
 */
import type { Config } from '../config.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { EvalCounters } from '../expr/context.ts';
import type { AggregateSpec, QueryPlan } from '../ir/plan.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { allRows } from '../kernel/selection.ts';
import type { EventBatch } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';
import { OpenPanes } from '../window/open-panes.ts';
import type { PaneClock } from '../window/pane-clock.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import { rowsUntil, splitByPane } from '../window/pane-split.ts';
import type { AggregateFeed } from './aggregate-feed.ts';
import type { CohortTable } from './cohort-table.ts';
import { contentsOf } from './contents-of.ts';
import type { PaneContents, StateSize } from './pane-contents.ts';
import type { BatchClock } from './project-rows.ts';
import { PASSES_ALL, RowFilter } from './row-filter.ts';

/** A row that is taken, in rows that are looked at. */
const TAKEN_WORK = 4;
/** Emptied panes kept for the next ones. */
const SPARE_PANES_MAX = 2;

export interface PaneTableOptions {
  readonly config: Config;
  /** Panes that end at or before this are closed from the start. */
  readonly closedThroughMs: number;
  /** What senders call the query; the plan's fingerprint if absent. */
  readonly query?: string;
  /** Rows come through {@link PaneTable.addSelected} only: sample and WHERE were applied. */
  readonly isFiltered?: boolean;
  /** What the queries of a cohort have in common; absent: the query is evaluated alone. */
  readonly shared?: SharedParts;
}

/** Compiled parts, and the events that are counted for all queries of a cohort at once. */
export interface SharedParts {
  readonly fields: FieldSet;
  readonly counters: EvalCounters;
  readonly feedOf: (spec: AggregateSpec) => AggregateFeed;
  readonly clock: PaneClock;
}

interface Pane {
  contents: PaneContents;
  seen: number;
  matched: number;
}

/** Cumulative since the table was made. */
export interface PaneCounts {
  readonly seen: number;
  readonly matched: number;
  readonly late: number;
  /** By reason: `panes` (too many open), `windowRows` (a plain select's window is full). */
  readonly dropped: Readonly<Record<'panes' | 'windowRows', number>>;
  /** Arguments that aggregates could not take. */
  readonly skipped: number;
}

export class PaneTable implements CohortTable {
  readonly counters: EvalCounters;
  readonly #panes: OpenPanes<Pane>;
  /** Null: the cohort filters. */
  readonly #filter: RowFilter | null;
  readonly #view: BatchView | null;
  readonly #create: () => PaneContents;
  readonly #isJoined: boolean;
  readonly #clock: PaneClock | null;
  /** What the clock had counted before this query came, by start of pane. */
  readonly #before: Map<number, number>;
  #spare: PaneContents[] = [];
  #selected: Uint32Array = new Uint32Array(0);
  readonly #counts = { seen: 0, matched: 0, late: 0, panes: 0, windowRows: 0, skipped: 0 };

  constructor(plan: QueryPlan, options: PaneTableOptions) {
    const { config, closedThroughMs, shared } = options;
    const { openPanesMax } = config;
    this.#isJoined = plan.join !== null;
    this.counters = shared?.counters ?? createEvalCounters();
    this.#panes = new OpenPanes({ paneMs: plan.window.paneMs, closedThroughMs, openPanesMax });
    const fields = shared?.fields ?? new FieldSet();
    this.#clock = shared?.clock ?? null;
    this.#before = this.#clock?.snapshot() ?? new Map();
    this.#clock?.closed(closedThroughMs);
    const feedOf = shared?.feedOf;
    this.#create = contentsOf(plan, { fields, counters: this.counters, config, feedOf });
    if (shared !== undefined) {
      this.#filter = null;
      this.#view = null;
      return;
    }
    const query = options.query ?? plan.fingerprint;
    const source = options.isFiltered === true ? PASSES_ALL : plan.source;
    this.#filter = new RowFilter(source, query, fields, this.counters);
    // The first pane tells the field set what its keys read.
    this.#spare.push(this.#create());
    this.#view = new BatchView(fields);
  }

  get counts(): PaneCounts {
    const { seen, matched, late, panes, windowRows, skipped } = this.#counts;
    return { seen, matched, late, dropped: { panes, windowRows }, skipped };
  }

  /** Alone it looks at every row; one that is taken has to find its group. */
  get work(): number {
    return TAKEN_WORK * this.#counts.matched + (this.#clock === null ? this.#counts.seen : 0);
  }

  get state(): StateSize {
    let bytes = 0;
    let groups = 0;
    for (const { contents } of this.#panes.values()) {
      const { state } = contents;
      bytes += state.bytes;
      groups = Math.max(groups, state.groups);
    }
    return { bytes, groups };
  }

  /** Gives up what open panes hold; returns the events that were in them. */
  discard(): number {
    let events = 0;
    for (const pane of this.#panes.values()) {
      events += pane.matched;
      pane.matched = 0;
      pane.contents = this.#create();
    }
    this.#spare = [];
    return events;
  }

  get openPanes(): number {
    return this.#panes.size;
  }

  get closedThroughMs(): number {
    return this.#panes.closedThroughMs;
  }

  /**
   * Rows beyond `clock.latestMs` are left out and not counted: they are the caller's `future`.
   * `not-covered`: the sender was not yet asked for this pipeline's fields; nothing was counted.
   */
  addBatch(batch: EventBatch, clock: BatchClock): 'added' | 'not-covered' {
    const view = this.#view;
    if (batch.rows === 0 || view === null) return 'added';
    const bound = view.bind(batch, clock.nowMs, clock.ingestMs);
    if (bound === 'not-covered') return bound;
    let rows = allRows(batch.rows);
    let n = batch.rows;
    if (clock.latestMs !== undefined && batch.span.maxMs > clock.latestMs) {
      rows = new Uint32Array(n);
      n = rowsUntil(batch.times, n, clock.latestMs, rows);
    }
    this.#deal(view, rows, n);
    return 'added';
  }

  /** The n rows of the batch that passed the source stage somewhere else. */
  addSelected(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void {
    const view = this.#view;
    if (n === 0 || view === null) return;
    view.bind(batch, clock.nowMs, clock.ingestMs);
    this.#deal(view, rows, n);
  }

  #deal(view: BatchView, rows: Uint32Array, n: number): void {
    const { times, span } = view.batch;
    const { minMs, maxMs } = span;
    const startMs = this.#panes.startOf(minMs);
    if (this.#panes.startOf(maxMs) === startMs) {
      if (n > 0) this.#addRows(view, startMs, rows, n);
    } else {
      for (const part of splitByPane(times, rows, n, this.#panes.paneMs)) {
        this.#addRows(view, part.startMs, part.rows, part.n);
      }
    }
  }

  /** Counts events that an agent looked at around `timeMs` and did not ship. */
  addFiltered(timeMs: number, count: number): void {
    if (count === 0) return;
    const openFromMs = this.#panes.startOf(this.#panes.closedThroughMs);
    const pane = this.#open(Math.max(this.#panes.startOf(timeMs), openFromMs));
    if (pane !== null) pane.seen += count;
    this.#counts.seen += count;
  }

  // ---- In a cohort -----------------------------------------------------------------------------

  /** Counts events that the clock could not count for all. False: they are for no pane of this. */
  look(startMs: number, count: number): boolean {
    const isLate = this.#panes.isClosed(startMs);
    const pane = isLate ? null : this.#open(startMs);
    if (pane === null) {
      if (isLate) this.#counts.late += count;
      else this.refuse(count);
      return false;
    }
    pane.seen += count;
    this.#counts.seen += count;
    return true;
  }

  /**
   * Takes rows of the bound batch, all of one pane, that match; they were counted as seen or late.
   * False: too many panes are open.
   */
  addMatched(view: BatchView, startMs: number, rows: Uint32Array, n: number): boolean {
    if (this.#panes.isClosed(startMs)) return true;
    const pane = this.#open(startMs);
    if (pane !== null) this.#addTo(pane, view, rows, n);
    return pane !== null;
  }

  /** Counts events for which no pane can be opened. */
  refuse(count: number): void {
    this.#counts.panes += count;
  }

  // ---- Panes -----------------------------------------------------------------------------------

  /** Closes panes that end at or before `throughMs`; those that saw any event, in order of time. */
  closeThrough(throughMs: number): PanePartial[] {
    const shared = this.#sharedBefore(throughMs - this.#panes.paneMs + 1);
    const closed = this.#panes.closeThrough(throughMs).map(([startMs, pane]) => {
      const partial = this.#partialOf(startMs, pane);
      this.#retire(pane.contents);
      return partial;
    });
    this.#clock?.closed(throughMs);
    for (const startMs of this.#before.keys()) {
      if (this.#panes.isClosed(startMs)) this.#before.delete(startMs);
    }
    return merged(closed, shared);
  }

  /** Copies of the open panes that start before `beforeMs`. */
  peek(beforeMs: number): PanePartial[] {
    const panes = this.#panes
      .startingBefore(beforeMs)
      .map(([startMs, pane]) => this.#partialOf(startMs, pane));
    return merged(panes, this.#sharedBefore(beforeMs));
  }

  /** Ids of the shard's strings that open panes know groups by; these must not be swept. */
  *stringIds(): Iterable<number> {
    for (const { contents } of this.#panes.values()) yield* contents.stringIds();
  }

  #addRows(view: BatchView, startMs: number, rows: Uint32Array, n: number): void {
    if (this.#isJoined) {
      // The events that rows of a join come from were counted when they went into it.
      if (!this.addMatched(view, startMs, rows, n)) this.refuse(n);
      return;
    }
    if (!this.look(startMs, n)) return;
    const pane = this.#open(startMs)!;
    if (this.#filter === null || this.#filter.passesAll) {
      this.#addTo(pane, view, rows, n);
      return;
    }
    this.#selected = grownUints(this.#selected, n);
    const matched = this.#filter.select(view, rows, n, this.#selected);
    if (matched > 0) this.#addTo(pane, view, this.#selected, matched);
  }

  #addTo(pane: Pane, view: BatchView, rows: Uint32Array, n: number): void {
    const { contents } = pane;
    const { skipped, dropped } = contents;
    pane.matched += n;
    this.#counts.matched += n;
    contents.add(view, rows, n);
    this.#counts.skipped += contents.skipped - skipped;
    this.#counts.windowRows += contents.dropped - dropped;
  }

  #partialOf(paneStartMs: number, { contents, seen, matched }: Pane): PanePartial {
    const shared = this.#sharedSeen(paneStartMs);
    const groups = contents.groups();
    return { paneStartMs, seen: seen + shared, matched, groups, rows: contents.rows() };
  }

  #sharedSeen(startMs: number): number {
    return (this.#clock?.seen(startMs) ?? 0) - (this.#before.get(startMs) ?? 0);
  }

  /** Open panes without contents in which the clock counted events for this query. */
  #sharedBefore(beforeMs: number): PanePartial[] {
    const panes: PanePartial[] = [];
    for (const paneStartMs of this.#clock?.starts() ?? []) {
      if (paneStartMs >= beforeMs || this.#panes.isClosed(paneStartMs)) continue;
      if (this.#panes.has(paneStartMs)) continue;
      const seen = this.#sharedSeen(paneStartMs);
      if (seen > 0) panes.push({ paneStartMs, seen, matched: 0, groups: null, rows: [] });
    }
    return panes;
  }

  #open(startMs: number): Pane | null {
    return this.#panes.open(startMs, () => {
      const contents = this.#spare.pop() ?? this.#create();
      return { contents, seen: 0, matched: 0 };
    });
  }

  #retire(contents: PaneContents): void {
    if (this.#spare.length >= SPARE_PANES_MAX) return;
    contents.reset();
    this.#spare.push(contents);
  }
}

/** Both in order of time. */
function merged(panes: PanePartial[], shared: readonly PanePartial[]): PanePartial[] {
  if (shared.length === 0) return panes;
  return [...panes, ...shared].sort((a, b) => a.paneStartMs - b.paneStartMs);
}
