/**
 * What leaves a shard when a pane closes: mergeable group states, or the rows of a plain select.
 * Structured-clone-safe. Produced by `pane-table.ts`, merged by `operator/merge-panes.ts`.
 */
import type { GroupPartial } from '../aggregate/group-partial.ts';
import type { Value } from '../model/value.ts';

/** What one shard knows of one pane of one pipeline. Panes without any event are not sent. */
export interface PanePartial {
  readonly paneStartMs: number;
  /** Events evaluated, plus those the agents looked at and did not ship. */
  readonly seen: number;
  readonly matched: number;
  /** With an aggregate stage. */
  readonly groups: GroupPartial | null;
  /** Rows of a plain select in a window. */
  readonly rows: readonly SlotRow[];
}

export interface SlotRow {
  readonly timeMs: number;
  readonly agentId: string;
  readonly sequence: number;
  readonly slots: readonly Value[];
}
