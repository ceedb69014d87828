/**
 * Alerts that are told together: those of one route with equal values of its `groupBy` labels.
 * While something of it has been told and is not over, it is an *incident* with one name. Plain
 * data, so that its timers survive a restart as they are.
 */
import type { Labels } from './matcher.ts';
import type { Acknowledgement } from './notification.ts';
import type { Route } from './routing.ts';

export interface Group {
  readonly key: string;
  /** Id of its route. */
  readonly route: string;
  /** Of its route, for when that is gone. */
  timing: RouteTiming;
  /**
   * `live`: alerts join it. After a reload that groups otherwise, what was told stays where it was
   * told until it is over: `left`: the group lives on as it was, without new alerts; `replaced`:
   * another receiver is in charge, and this one only waits to hear of the end.
   */
  place: 'live' | 'left' | 'replaced';
  receiver: string;
  readonly labels: Labels;
  /** Episodes: firing ones, and ended ones that were not told of yet. */
  members: string[];
  /** Those of the members that receivers were told to be firing. */
  told: string[];
  incident: string | null;
  /** Counts notifications, for their ids. */
  sequence: number;
  flushAtMs: number | null;
  lastToldMs: number | null;
  /** A silence or maintenance ended over a member that fires. */
  unmuted: boolean;
  /** First page of the incident, or the end of its acknowledgement: the ladder counts from here. */
  ladderFromMs: number | null;
  stepsDone: number;
  /** All that were told of the incident and must hear of its end. */
  receivers: string[];
  acknowledgement: Acknowledgement | null;
}

export type RouteTiming = Pick<
  Route,
  'groupWaitMs' | 'groupIntervalMs' | 'repeatMs' | 'allClear' | 'escalate'
>;

export function timingOf(route: RouteTiming): RouteTiming {
  const { groupWaitMs, groupIntervalMs, repeatMs, allClear, escalate } = route;
  return { groupWaitMs, groupIntervalMs, repeatMs, allClear, escalate };
}

export function newGroup(route: Route, key: string, labels: Labels): Group {
  return {
    key,
    route: route.id,
    timing: timingOf(route),
    place: 'live',
    receiver: route.receiver,
    labels,
    members: [],
    told: [],
    incident: null,
    sequence: 0,
    flushAtMs: null,
    lastToldMs: null,
    unmuted: false,
    ladderFromMs: null,
    stepsDone: 0,
    receivers: [],
    acknowledgement: null,
  };
}

/** Receivers know it as over; the next alert begins another incident, after `groupWaitMs`. */
export function closeIncident(group: Group): void {
  group.incident = null;
  group.lastToldMs = null;
  group.ladderFromMs = null;
  group.stepsDone = 0;
  group.receivers = [];
  group.acknowledgement = null;
}

export function flushBy(group: Group, atMs: number): void {
  group.flushAtMs = Math.min(group.flushAtMs ?? Number.POSITIVE_INFINITY, atMs);
}

/** When a change in the group may be told: soon for a new incident, else not too often. */
export function nextTellMs({ timing, lastToldMs }: Group, nowMs: number): number {
  if (lastToldMs === null) return nowMs + timing.groupWaitMs;
  return Math.max(nowMs, lastToldMs + timing.groupIntervalMs);
}

/** When the group next wants attention; Infinity: only when an alert changes. */
export function dueMs(group: Group): number {
  let due = group.flushAtMs ?? Number.POSITIVE_INFINITY;
  const { acknowledgement, lastToldMs, ladderFromMs, timing, place } = group;
  if (acknowledgement !== null) {
    return Math.min(due, acknowledgement.untilMs ?? Number.POSITIVE_INFINITY);
  }
  if (place === 'replaced' || group.told.length === 0) return due;
  if (lastToldMs !== null) due = Math.min(due, lastToldMs + timing.repeatMs);
  const step = timing.escalate[group.stepsDone];
  if (ladderFromMs !== null && step !== undefined) due = Math.min(due, ladderFromMs + step.afterMs);
  return due;
}
