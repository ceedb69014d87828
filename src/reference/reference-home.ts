/** Windows of a number of events and sessions, from the list of all events that matched. */
import type { Expression } from '../ir/expression.ts';
import type { CountWindow, QueryPlan, SessionWindow } from '../ir/plan.ts';
import { groupKey } from '../model/group-key.ts';
import { answerOver } from './reference-answer.ts';
import { compareEvents } from './reference-event.ts';
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

interface Session {
  readonly name: string;
  readonly events: ReferenceEvent[];
  readonly startMs: number;
  lastMs: number;
}

/** In order of end, start and group. */
export function sessionWindows(
  plan: QueryPlan,
  window: SessionWindow,
  events: readonly ReferenceEvent[],
  evaluate: Evaluate,
): readonly UnfinishedWindow[] {
  const maxMs = window.maxMs ?? Number.POSITIVE_INFINITY;
  const keys = sessionKeys(plan);
  const sessions: Session[] = [];
  for (const event of events.toSorted(compareEvents)) {
    const { timeMs } = event;
    const name = groupKey(keys.map((key) => evaluate(key, event, [])));
    const newest = sessions.findLast((session) => session.name === name);
    const isNear = newest !== undefined && timeMs - newest.lastMs < window.gapMs;
    if (newest === undefined || !isNear || timeMs - newest.startMs >= maxMs) {
      sessions.push({ name, events: [event], startMs: timeMs, lastMs: timeMs });
    } else {
      newest.events.push(event);
      newest.lastMs = timeMs;
    }
  }
  const endOf = ({ startMs, lastMs }: Session): number =>
    Math.min(lastMs + window.gapMs, startMs + maxMs);
  const inOrder = sessions.toSorted(
    (a, b) => endOf(a) - endOf(b) || a.startMs - b.startMs || (a.name < b.name ? -1 : 1),
  );
  return inOrder.map((session) => {
    const [startMs, endMs] = [session.startMs, endOf(session)];
    const slots = answerOver(plan, session.events, evaluate, endMs - startMs);
    return { span: { startMs: Math.floor(startMs), endMs: Math.floor(endMs) }, slots };
  });
}

/** GROUP BY, of a plain select too. */
function sessionKeys({ aggregate, final, project }: QueryPlan): readonly Expression[] {
  if (aggregate !== null) return aggregate.keys;
  return final.arrangeBy.map((key) => (key.op === 'slot' ? (project[key.index] ?? key) : key));
}
