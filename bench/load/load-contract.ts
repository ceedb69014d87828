/**
 * What a bench and its load process say to each other over IPC. The load is a process of its own so
 * that neither its CPU nor its garbage collector counts as the engine's.
 *
 *     bench: prepare → load: ready → bench: go → bench: mark ⇄ load: mark … → bench: stop → load:
 *     done
 */

export interface LoadOrder {
  readonly type: 'prepare';
  readonly port: number;
  readonly codec: 'columns' | 'json';
  readonly agents: number;
  readonly rowsPerFrame: number;
  /** Events a second of all agents together, sent when due whatever the engine does; null: as fast
   * as the sockets take them. */
  readonly eventsPerSecond: number | null;
  /** Agents promise that no event older than this will come. */
  readonly slackMs: number;
  /** Plans that must have arrived before a load counts as ready. */
  readonly queries: number;
}

export type LoadCommand =
  | LoadOrder
  | { readonly type: 'go' }
  | { readonly type: 'mark' }
  | { readonly type: 'stop' };

/** Cumulative. */
export interface LoadMark {
  readonly type: 'mark';
  /** `performance.now()` of the load process. */
  readonly atMs: number;
  readonly sentEvents: number;
  /** Acknowledged: received and evaluated. */
  readonly evaluatedEvents: number;
  readonly sentBytes: number;
  readonly cpuSeconds: number;
  /** The longest that a frame has waited beyond the moment it was due; 0 without a rate. */
  readonly worstDelayMs: number;
}

/** Events by the window their time lies in. */
export interface SentWindow {
  readonly startMs: number;
  readonly events: number;
  /** For each query of the workload, how many of them it must match. */
  readonly matches: readonly number[];
  /** How often each batch was sent: those of the first agent, then those of the second, … */
  readonly batches: readonly number[];
}

export type LoadReport =
  | { readonly type: 'ready'; readonly bytesPerEvent: number }
  | LoadMark
  | { readonly type: 'done'; readonly windows: readonly SentWindow[]; readonly mark: LoadMark }
  | { readonly type: 'failed'; readonly detail: string };
