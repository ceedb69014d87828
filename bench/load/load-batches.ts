/** The events that an agent of a load sends over and over, from seeds: they can be made again. */
import { requestEvents } from '../workload.ts';
import type { RequestEvent } from '../workload.ts';

/** Batches of one agent. */
export const BATCHES = 8;
const SEED = 7;

export function loadBatches(agent: number, rowsPerFrame: number): RequestEvent[][] {
  return Array.from({ length: BATCHES }, (_none, batch) =>
    requestEvents(rowsPerFrame, SEED + agent * BATCHES + batch),
  );
}
