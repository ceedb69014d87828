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
import type { QueryPlan } from '../ir/plan.ts';
import { sampleScale } from '../ir/sample.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { allRows } from '../kernel/selection.ts';
import type { EventBatch } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';
import { OpenPanes } from '../window/open-panes.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import { rowsUntil, splitByPane } from '../window/pane-split.ts';
import { AggregatePane, AggregateProgram, RowsPane } from './pane-contents.ts';
import type { PaneContents } from './pane-contents.ts';
import type { BatchClock } from './project-rows.ts';
import { RowProjection } from './project-rows.ts';
import { RowFilter } from './row-filter.ts';

/** A shard keeps this many times the groups a query may show, so that merging can choose. */
const GROUPS_KEPT_FACTOR = 4;
/** Emptied panes kept for the next ones. */
const SPARE_PANES_MAX = 2;

export interface PaneTableOptions {
  readonly config: Config;
  /** Panes that end at or before this are closed from the start. */
  readonly closedThroughMs: number;
  /** What senders call the query; the plan's fingerprint if absent. */
  readonly query?: string;
}

interface Pane {
  readonly contents: PaneContents;
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

export class PaneTable {
  readonly counters: EvalCounters = createEvalCounters();
  readonly #panes: OpenPanes<Pane>;
  readonly #filter: RowFilter;
  readonly #view: BatchView;
  readonly #create: () => PaneContents;
  #spare: PaneContents[] = [];
  #selected: Uint32Array = new Uint32Array(0);
  readonly #counts = { seen: 0, matched: 0, late: 0, panes: 0, windowRows: 0, skipped: 0 };

  constructor(plan: QueryPlan, options: PaneTableOptions) {
    const { config, closedThroughMs } = options;
    const { openPanesMax } = config;
    this.#panes = new OpenPanes({ paneMs: plan.window.paneMs, closedThroughMs, openPanesMax });
    const fields = new FieldSet();
    this.#filter = new RowFilter(
      plan.source,
      options.query ?? plan.fingerprint,
      fields,
      this.counters,
    );
    this.#create = contentsOf(plan, fields, this.counters, config);
    // The first pane tells the field set what its keys read.
    this.#spare.push(this.#create());
    this.#view = new BatchView(fields);
  }

  get counts(): PaneCounts {
    const { seen, matched, late, panes, windowRows, skipped } = this.#counts;
    return { seen, matched, late, dropped: { panes, windowRows }, skipped };
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
    if (batch.rows === 0) return 'added';
    const bound = this.#view.bind(batch, clock.nowMs, clock.ingestMs);
    if (bound === 'not-covered') return bound;
    const { times, span } = batch;
    const { minMs, maxMs } = span;
    let rows = allRows(batch.rows);
    let n = batch.rows;
    if (clock.latestMs !== undefined && maxMs > clock.latestMs) {
      rows = new Uint32Array(n);
      n = rowsUntil(times, n, clock.latestMs, rows);
    }
    const startMs = this.#panes.startOf(minMs);
    if (this.#panes.startOf(maxMs) === startMs) {
      if (n > 0) this.#addRows(startMs, rows, n);
    } else {
      for (const part of splitByPane(times, rows, n, this.#panes.paneMs)) {
        this.#addRows(part.startMs, part.rows, part.n);
      }
    }
    return 'added';
  }

  /** Counts events that an agent looked at around `timeMs` and did not ship. */
  addFiltered(timeMs: number, count: number): void {
    if (count === 0) return;
    const openFromMs = this.#panes.startOf(this.#panes.closedThroughMs);
    const pane = this.#open(Math.max(this.#panes.startOf(timeMs), openFromMs));
    if (pane !== null) pane.seen += count;
    this.#counts.seen += count;
  }

  /** Closes panes that end at or before `throughMs`; those that saw any event, in order of time. */
  closeThrough(throughMs: number): PanePartial[] {
    return this.#panes.closeThrough(throughMs).map(([startMs, pane]) => {
      const partial = partialOf(startMs, pane);
      this.#retire(pane.contents);
      return partial;
    });
  }

  /** Copies of the open panes that start before `beforeMs`. */
  peek(beforeMs: number): PanePartial[] {
    return this.#panes.startingBefore(beforeMs).map(([startMs, pane]) => partialOf(startMs, pane));
  }

  /** Ids of the shard's strings that open panes know groups by; these must not be swept. */
  *stringIds(): Iterable<number> {
    for (const { contents } of this.#panes.values()) yield* contents.stringIds();
  }

  #addRows(startMs: number, rows: Uint32Array, n: number): void {
    if (this.#panes.isClosed(startMs)) {
      this.#counts.late += n;
      return;
    }
    const pane = this.#open(startMs);
    if (pane === null) {
      this.#counts.panes += n;
      return;
    }
    const matched = this.#select(rows, n);
    pane.seen += n;
    pane.matched += matched;
    this.#counts.seen += n;
    this.#counts.matched += matched;
    if (matched === 0) return;
    const { skipped, dropped } = pane.contents;
    pane.contents.add(this.#view, this.#filter.passesAll ? rows : this.#selected, matched);
    this.#counts.skipped += pane.contents.skipped - skipped;
    this.#counts.windowRows += pane.contents.dropped - dropped;
  }

  #select(rows: Uint32Array, n: number): number {
    if (this.#filter.passesAll) return n;
    this.#selected = grownUints(this.#selected, n);
    return this.#filter.select(this.#view, rows, n, this.#selected);
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

function contentsOf(
  plan: QueryPlan,
  fields: FieldSet,
  counters: EvalCounters,
  config: Config,
): () => PaneContents {
  const { aggregate } = plan;
  if (aggregate === null) {
    const projection = new RowProjection(plan.project, fields, counters);
    return () => new RowsPane(projection, config.windowRowsMax);
  }
  const groupsMax = aggregate.groupsMax * GROUPS_KEPT_FACTOR;
  const program = new AggregateProgram(aggregate, fields, counters, {
    groupsMax,
    scale: sampleScale(plan.source.sample),
  });
  return () => new AggregatePane(program);
}

function partialOf(paneStartMs: number, pane: Pane): PanePartial {
  const { contents, seen, matched } = pane;
  return { paneStartMs, seen, matched, groups: contents.groups(), rows: contents.rows() };
}
