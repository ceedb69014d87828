/** The notifier as the API shows it. JSON-safe, without secrets. */
import { acknowledgementText } from '../receivers/page.ts';
import type { AlertNotified, Escalation } from '../alert-views.ts';
import type { Acknowledgement } from './notification.ts';
import type { Group } from './group.ts';
import type { Matcher } from './matcher.ts';
import { matcherText, matchesAll } from './matcher.ts';
import type { Labels } from './matcher.ts';
import { isFiringAlert } from './notified-alert.ts';
import type { NotifiedAlert } from './notified-alert.ts';
import { isMuted } from './notifier-messages.ts';
import type { Muted } from './notifier-messages.ts';
import type { Notifier } from './notifier.ts';
import { routesFor } from './routing.ts';
import type { Route } from './routing.ts';
import { silenceState, staleReason } from './silence.ts';
import type { Silence, SilenceState } from './silence.ts';

export interface HeldAlertView extends NotifiedAlert {
  readonly state: 'firing' | 'muted' | 'resolved';
  readonly muted: Muted;
  readonly receivers: readonly string[];
}

export interface SilenceView extends Omit<Silence, 'matchers'> {
  readonly matchers: readonly string[];
  readonly state: SilenceState;
  /** Names of alerts that it mutes now. */
  readonly mutes: readonly string[];
  /** Why it deserves a second look. */
  readonly stale: string | null;
}

export interface IncidentView {
  readonly incident: string;
  readonly labels: Labels;
  readonly receivers: readonly string[];
  readonly firing: number;
  readonly muted: number;
  readonly lastToldMs: number | null;
  readonly stepsDone: number;
  readonly acknowledgement: Acknowledgement | null;
  readonly text: string;
}

export interface RouteView {
  readonly id: string;
  readonly name: string | null;
  readonly match: readonly string[];
  readonly receiver: string;
  readonly groupBy: readonly string[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatMs: number;
  readonly allClear: string;
  readonly escalate: Route['escalate'];
  readonly continue: boolean;
  readonly routes: readonly RouteView[];
}

export function heldViews(notifier: Notifier): readonly HeldAlertView[] {
  return [...notifier.held.values()].map(({ alert, muted }) => ({
    ...alert,
    state: isFiringAlert(alert) ? (isMuted(muted) ? 'muted' : 'firing') : 'resolved',
    muted,
    receivers: notifier.board.receiversOf(alert),
  }));
}

export function silenceViews(
  notifier: Notifier,
  nowMs: number,
  staleMs: number,
): readonly SilenceView[] {
  return [...notifier.silences.values()].map((silence) => {
    const mutes = [...notifier.held.values()]
      .filter(({ alert, muted }) => isFiringAlert(alert) && muted.silences.includes(silence.id))
      .map(({ alert }) => alertName(alert));
    return {
      ...silence,
      matchers: silence.matchers.map(matcherText),
      state: silenceState(silence, nowMs),
      mutes,
      stale: mutes.length > 0 ? null : staleReason(silence, nowMs, staleMs),
    };
  });
}

/** What these matchers would mute now. */
export function previewOf(
  notifier: Notifier,
  matchers: readonly Matcher[],
): readonly HeldAlertView[] {
  return heldViews(notifier).filter(
    (alert) => alert.endsAtMs === null && matchesAll(matchers, alert.labels),
  );
}

/** What becomes of each episode, by its name. */
export function toldEpisodes(notifier: Notifier): ReadonlyMap<string, AlertNotified> {
  const groups = new Map<string, Group>();
  for (const group of notifier.groups.values()) {
    for (const episode of group.members) if (group.incident !== null) groups.set(episode, group);
  }
  const told = new Map<string, AlertNotified>();
  for (const [episode, { alert, muted }] of notifier.held) {
    const group = groups.get(episode);
    told.set(episode, {
      muted,
      incident: group?.incident ?? null,
      acknowledgement: group?.acknowledgement ?? null,
      escalation: group === undefined ? null : escalationOf(group),
      receivers: notifier.board.receiversOf(alert),
    });
  }
  return told;
}

function escalationOf({
  acknowledgement,
  incident,
  ladderFromMs,
  stepsDone,
  timing: { escalate },
}: Group): Escalation | null {
  if (escalate.length === 0 || incident === null) return null;
  const step = escalate[stepsDone];
  const isClimbing = ladderFromMs !== null && acknowledgement === null && step !== undefined;
  const next = isClimbing ? { receiver: step.receiver, atMs: ladderFromMs + step.afterMs } : null;
  return { stepsDone, steps: escalate.length, next };
}

export function incidentViews(notifier: Notifier): readonly IncidentView[] {
  return [...notifier.groups.values()].flatMap((group) =>
    group.incident === null ? [] : [incidentView(group, group.incident, notifier)],
  );
}

function incidentView(group: Group, incident: string, notifier: Notifier): IncidentView {
  const held = group.members.flatMap((episode) => notifier.held.get(episode) ?? []);
  const firing = held.filter(({ alert }) => isFiringAlert(alert));
  const muted = firing.filter(({ muted }) => isMuted(muted)).length;
  const { acknowledgement } = group;
  return {
    incident,
    labels: group.labels,
    receivers: group.receivers,
    firing: firing.length - muted,
    muted,
    lastToldMs: group.lastToldMs,
    stepsDone: group.stepsDone,
    acknowledgement,
    text: acknowledgement === null ? 'not acknowledged' : acknowledgementText(acknowledgement),
  };
}

export function routeView({ children, goesOn, match, ...route }: Route): RouteView {
  return {
    ...route,
    match: match.map(matcherText),
    continue: goesOn,
    routes: children.map(routeView),
  };
}

/** Where an alert with these labels goes, root first. */
export function routeTest(
  tree: Route | null,
  labels: Labels,
): readonly {
  readonly route: string;
  readonly receiver: string;
  readonly groupBy: readonly string[];
}[] {
  if (tree === null) return [];
  return routesFor(tree, labels, null).map(({ id, receiver, groupBy }) => ({
    route: id === '' ? 'root' : id,
    receiver,
    groupBy,
  }));
}

function alertName({ labels }: NotifiedAlert): string {
  const { alertname = 'alert', severity: _, ...others } = labels;
  const where = Object.entries(others).map(([name, value]) => `${name}=${value}`);
  return where.length === 0 ? alertname : `${alertname} (${where.join(', ')})`;
}
