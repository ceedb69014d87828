/** Where an event stands in the total order of events, as a value that aggregates may keep. */
import type { EventOrder } from './contract.ts';

/** The order that a caller hands to `add` is reused for the next event; this is not. */
export function positionOf({ timeMs, agentId, sequence }: EventOrder): EventOrder {
  return { timeMs, agentId, sequence };
}

/** Time, then agent, then sequence. */
export function comparePositions(a: EventOrder, b: EventOrder): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  if (a.agentId !== b.agentId) return a.agentId < b.agentId ? -1 : 1;
  return a.sequence - b.sequence;
}
