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
  /** Id of its route. The route may be gone; then the group only waits for its alerts to end. */
  readonly route: string;
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

export function newGroup(route: Route, key: string, labels: Labels): Group {
  return {
    key,
    route: route.id,
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
export function nextTellMs(group: Group, route: Route | null, nowMs: number): number {
  if (route === null) return nowMs;
  if (group.lastToldMs === null) return nowMs + route.groupWaitMs;
  return Math.max(nowMs, group.lastToldMs + route.groupIntervalMs);
}

/** When the group next wants attention; Infinity: only when an alert changes. */
export function dueMs(group: Group, route: Route | null): number {
  let due = group.flushAtMs ?? Number.POSITIVE_INFINITY;
  const { acknowledgement, lastToldMs, ladderFromMs } = group;
  if (acknowledgement !== null) {
    return Math.min(due, acknowledgement.untilMs ?? Number.POSITIVE_INFINITY);
  }
  if (route === null || group.told.length === 0) return due;
  if (lastToldMs !== null) due = Math.min(due, lastToldMs + route.repeatMs);
  const step = route.escalate[group.stepsDone];
  if (ladderFromMs !== null && step !== undefined) due = Math.min(due, ladderFromMs + step.afterMs);
  return due;
}
