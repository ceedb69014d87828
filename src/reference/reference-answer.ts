/** The answer over a list of events that is all of one window, before the final stage. */
import type { QueryPlan } from '../ir/plan.ts';
import { compareEvents } from './reference-event.ts';
import type { Evaluate, ReferenceEvent } from './reference-event.ts';
import type { Slots } from './reference-final.ts';
import { ReferenceGroups } from './reference-groups.ts';
import { extrapolation } from './reference-sample.ts';

/** The answer over exactly these events: one group or several, nothing remembered. */
export function answerOver(
  plan: QueryPlan,
  events: readonly ReferenceEvent[],
  evaluate: Evaluate,
  lengthMs: number,
): readonly Slots[] {
  if (plan.aggregate === null) return plainRows(plan, events, evaluate).map(({ slots }) => slots);
  const scale = extrapolation(plan.source.sample);
  const groups = new ReferenceGroups(plan.aggregate, { keepMs: 0, scale });
  groups.take(events, evaluate);
  return groups.rows({ startMs: null, endMs: null }, lengthMs);
}

export interface PlainRow {
  readonly on: ReferenceEvent;
  readonly slots: Slots;
}

/** In order of arrival, but a window of time gives its events in event order. */
export function plainRows(
  plan: QueryPlan,
  events: readonly ReferenceEvent[],
  evaluate: Evaluate,
): readonly PlainRow[] {
  const { kind } = plan.window;
  const isByTime = kind === 'time' || kind === 'session';
  const inOrder = isByTime ? events.toSorted(compareEvents) : events;
  return inOrder.map((on) => ({
    on,
    slots: plan.project.map((expression) => evaluate(expression, on, [])),
  }));
}
