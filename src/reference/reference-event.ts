/** What the oracle is given: events with their place in time and in the order of ties. */
import type { Expression } from '../ir/expression.ts';
import type { Event, Value } from '../model/value.ts';

export interface ReferenceEvent {
  readonly event: Event;
  readonly timeMs: number;
  /** Left out: of whatever stream the plan reads. */
  readonly stream?: string;
  /** Breaks ties of time; left out: ''. */
  readonly agentId?: string;
  /** Breaks ties of time and agent; left out: the place in the list. */
  readonly sequence?: number;
  /**
   * Number among the events of its agent and stream, from 1, for samples by chance; left out: as
   * they stand in the list.
   */
  readonly offered?: number;
  /** How many events it stands for, where a sample weighs what it takes. */
  readonly weight?: number;
  /** Of a joined row: the events it comes from, in the order of FROM; null: none was met. */
  readonly parts?: readonly (ReferenceEvent | null)[];
}

/** Evaluates an expression on one event, or over slots. */
export type Evaluate = (
  expression: Expression,
  on: ReferenceEvent,
  slots: readonly Value[],
) => Value;

/** Time, then agent, then sequence; of joined rows those of their parts, one after the other. */
export function compareEvents(a: ReferenceEvent, b: ReferenceEvent): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  const [left, right] = [a.parts ?? [a], b.parts ?? [b]];
  for (const [place, one] of left.entries()) {
    const order = compareSenders(one, right[place] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareSenders(a: ReferenceEvent | null, b: ReferenceEvent | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  const [x, y] = [a.agentId ?? '', b.agentId ?? ''];
  if (x !== y) return x < y ? -1 : 1;
  return (a.sequence ?? 0) - (b.sequence ?? 0);
}
