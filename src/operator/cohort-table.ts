/**
 * What a cohort feeds: the panes of one of its queries, in a table of their own or a shared one.
 */
import type { BatchView } from '../kernel/batch-view.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import type { StateSize } from './pane-contents.ts';
import type { PaneCounts } from './pane-table.ts';

export interface CohortTable {
  /** Panes that end at or before this are closed. */
  readonly closedThroughMs: number;
  /** Rows looked at and rows taken so far, weighed. */
  readonly work: number;
  /** What its open panes take; costs a walk. */
  readonly state: StateSize;
  readonly counts: Pick<PaneCounts, 'late' | 'dropped'>;
  /** Counts events that the clock could not count for all. False: they are for no pane of this. */
  look(startMs: number, count: number): boolean;
  /** Counts events that an agent looked at around `timeMs` and did not ship. */
  addFiltered(timeMs: number, count: number): void;
  /**
   * Takes rows of the bound batch, all of one pane, that match; they were counted as seen or late.
   * False: too many panes are open.
   */
  addMatched(view: BatchView, startMs: number, rows: Uint32Array, n: number): boolean;
  /** Gives up what open panes hold; returns the events that were in them. */
  discard(): number;
  /** Counts events for which no pane can be opened. */
  refuse(count: number): void;
  /** Closes panes that end at or before `throughMs`; those that saw any event, in order of time. */
  closeThrough(throughMs: number): PanePartial[];
  /** Copies of the open panes that start before `beforeMs`. */
  peek(beforeMs: number): PanePartial[];
  /** Ids of the shard's strings that open panes know groups by; these must not be swept. */
  stringIds(): Iterable<number>;
}
