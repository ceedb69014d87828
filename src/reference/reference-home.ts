/** Windows of a number of events, from the list of all that matched, in order of arrival. */
import type { CountWindow, QueryPlan } from '../ir/plan.ts';
import { answerOver } from './reference-answer.ts';
import type { Evaluate, ReferenceEvent } from './reference-event.ts';
import type { Slots } from './reference-final.ts';
import type { Span } from './reference-windows.ts';

/** A window before HAVING, ORDER BY and LIMIT. */
export interface UnfinishedWindow {
  readonly span: Span;
  readonly slots: readonly Slots[];
}

/** The last one may hold fewer; a timeout is counted in event time, for there is no other. */
export function countWindows(
  plan: QueryPlan,
  window: CountWindow,
  events: readonly ReferenceEvent[],
  evaluate: Evaluate,
): readonly UnfinishedWindow[] {
  return cut(events, window).map((own) => {
    const times = own.map(({ timeMs }) => timeMs);
    const startMs = Math.floor(Math.min(...times));
    const lastMs = Math.floor(Math.max(...times));
    const slots = answerOver(plan, own, evaluate, lastMs - startMs);
    return { span: { startMs, endMs: lastMs + 1 }, slots };
  });
}

function cut(
  events: readonly ReferenceEvent[],
  { count, timeoutMs }: CountWindow,
): readonly (readonly ReferenceEvent[])[] {
  const windows: ReferenceEvent[][] = [];
  let open: ReferenceEvent[] = [];
  for (const event of events) {
    const [first] = open;
    const isOver =
      first !== undefined && timeoutMs !== null && event.timeMs - first.timeMs >= timeoutMs;
    if (open.length === count || isOver) {
      windows.push(open);
      open = [];
    }
    open.push(event);
  }
  return open.length === 0 ? windows : [...windows, open];
}
