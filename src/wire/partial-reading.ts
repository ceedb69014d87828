/** What writing and reading partials has to be told beside the bytes. */

/** Groups from ≤ g < to. */
export interface GroupRange {
  readonly from: number;
  readonly to: number;
}

export interface PartialReading {
  readonly groups: number;
  /** Who sent it: only he can be the agent of his events. */
  readonly agentId: string;
  readonly depthMax: number;
}
