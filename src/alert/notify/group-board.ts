/**
 * All groups of alerts and their timers: who joins which group, when a group is told, repeated and
 * escalated, and when its incident is over. A part of the notifier, which owns the alerts and says
 * what mutes them.
 */
import type { Config } from '../../config.ts';
import { planFlush } from './flush.ts';
import { closeIncident, dueMs, flushBy, newGroup, nextTellMs } from './group.ts';
import type { Group } from './group.ts';
import { digest, isFiringAlert } from './notified-alert.ts';
import type { NotifiedAlert } from './notified-alert.ts';
import type { Notification, NotificationReason } from './notification.ts';
import { isMuted } from './notifier-messages.ts';
import type { AcknowledgeRequest, HeldAlert } from './notifier-messages.ts';
import { allRoutes, groupOf, routesFor } from './routing.ts';
import type { Route } from './routing.ts';

const NEVER = Number.POSITIVE_INFINITY;

export class GroupBoard {
  readonly groups = new Map<string, Group>();
  /** Changed or gone since the notifier last looked. */
  readonly touched = new Set<string>();
  /** Episodes that left a group since then. */
  readonly left = new Set<string>();
  notifications: Notification[] = [];
  /** No timer of a group is due earlier. */
  dueMs = 0;
  tree: Route | null = null;
  #routes = new Map<string, Route>();
  readonly #config: Config;
  /** By episode; the notifier's. */
  readonly #held: ReadonlyMap<string, HeldAlert>;
  readonly #groupsOf = new Map<string, Set<Group>>();

  constructor(config: Config, held: ReadonlyMap<string, HeldAlert>) {
    this.#config = config;
    this.#held = held;
  }

  restore(groups: readonly Group[]): void {
    for (const stored of groups) {
      const group = structuredClone(stored);
      this.groups.set(group.key, group);
      for (const episode of group.members) this.#addTo(group, episode);
    }
  }

  isMember(episode: string): boolean {
    return (this.#groupsOf.get(episode)?.size ?? 0) > 0;
  }

  /** Names of receivers that hear of the alert. */
  receiversOf(alert: NotifiedAlert): readonly string[] {
    if (this.tree === null) return [];
    return routesFor(this.tree, alert.labels, alert.route).map(({ receiver }) => receiver);
  }

  join(alert: NotifiedAlert, nowMs: number): void {
    for (const { route, group } of this.#groupsFor(alert)) {
      if (group.members.includes(alert.episode)) continue;
      this.#addMember(group, alert.episode);
      this.#flushBy(group, nextTellMs(group, route, nowMs));
    }
  }

  ended(episode: string, nowMs: number): void {
    for (const group of this.#groupsOf.get(episode) ?? []) {
      const route = this.#routeOf(group);
      const isLast = !group.members.some((member) => this.#fires(member));
      const isAllClear = group.told.includes(episode) && isLast && route?.allClear !== 'grouped';
      this.#flushBy(group, isAllClear ? nowMs : nextTellMs(group, route, nowMs));
    }
  }

  /** A silence or maintenance (`hushed`), or an inhibition, no longer mutes a firing alert. */
  unmuted(episode: string, hushed: boolean, nowMs: number): void {
    for (const group of this.#groupsOf.get(episode) ?? []) {
      if (hushed) {
        // Whoever silenced it wants to hear that it still fires.
        group.told = group.told.filter((told) => told !== episode);
        group.unmuted = true;
      } else if (group.told.includes(episode)) continue;
      this.#flushBy(group, nowMs);
    }
  }

  acknowledge(request: AcknowledgeRequest, nowMs: number): void {
    const group = this.incident(request.incident);
    if (group === null) return;
    const { by, comment, untilMs } = request;
    group.acknowledgement = { by, comment, untilMs, atMs: nowMs };
    this.#tell(group, { reason: 'acknowledged', alerts: this.#toldAlerts(group), nowMs });
    this.#wake(untilMs ?? NEVER);
  }

  unacknowledge(incident: string, nowMs: number): void {
    const group = this.incident(incident);
    if (group === null || group.acknowledgement === null) return;
    group.acknowledgement = null;
    group.ladderFromMs = nowMs;
    group.stepsDone = 0;
    const alerts = this.#toldAlerts(group);
    if (alerts.length > 0) this.#tell(group, { reason: 'unacknowledged', alerts, nowMs });
    this.#touch(group);
    this.#wake(dueMs(group, this.#routeOf(group)));
  }

  incident(name: string): Group | null {
    for (const group of this.groups.values()) if (group.incident === name) return group;
    return null;
  }

  /** Carries out what is due. */
  advance(nowMs: number): void {
    if (nowMs < this.dueMs) return;
    this.dueMs = NEVER;
    for (const group of this.groups.values()) {
      this.#advanceGroup(group, nowMs);
      this.#wake(dueMs(group, this.#routeOf(group)));
    }
  }

  /**
   * Other routes. Groups whose route is still there keep their timers; an alert that belongs to
   * another group now takes along what the same receiver was told. What another receiver was told
   * stays where it is until it is over, so that nobody is left with an open incident.
   */
  reroute(tree: Route | null, nowMs: number): void {
    this.tree = tree;
    this.#routes = new Map(
      (tree === null ? [] : allRoutes(tree)).map((route) => [route.id, route]),
    );
    for (const group of this.groups.values()) this.#changeReceiver(group, nowMs);
    for (const { alert } of this.#held.values()) {
      if (isFiringAlert(alert)) this.#regroup(alert, nowMs);
    }
    for (const group of this.groups.values()) {
      if (this.#routes.has(group.route) || group.told.length > 0) continue;
      for (const episode of group.members) this.#removeMember(group, episode);
      this.#dropIfEmpty(group);
    }
    this.dueMs = nowMs;
  }

  #changeReceiver(group: Group, nowMs: number): void {
    const route = this.#routeOf(group);
    if (route === null || route.receiver === group.receiver) return;
    group.receiver = route.receiver;
    this.#touch(group);
    if (group.incident === null || group.receivers.includes(route.receiver)) return;
    group.receivers.push(route.receiver);
    const alerts = this.#toldAlerts(group);
    const receivers = [route.receiver];
    if (alerts.length > 0) this.#tell(group, { reason: 'changed', alerts, nowMs, receivers });
  }

  #regroup(alert: NotifiedAlert, nowMs: number): void {
    const wanted = this.#groupsFor(alert);
    const before = [...(this.#groupsOf.get(alert.episode) ?? [])];
    for (const { route, group } of wanted) {
      if (group.members.includes(alert.episode)) continue;
      const from = before.find(
        (old) => old.receiver === group.receiver && old.told.includes(alert.episode),
      );
      this.#addMember(group, alert.episode);
      if (from === undefined) this.#flushBy(group, nextTellMs(group, route, nowMs));
      else takeOver(group, from, alert.episode);
      if (from !== undefined) this.#removeMember(from, alert.episode);
    }
    const keep = new Set(wanted.map(({ group }) => group));
    for (const old of before) {
      if (!keep.has(old) && !old.told.includes(alert.episode)) {
        this.#removeMember(old, alert.episode);
      }
      this.#dropIfEmpty(old);
    }
  }

  #groupsFor(alert: NotifiedAlert): { route: Route; group: Group }[] {
    if (this.tree === null) return [];
    return routesFor(this.tree, alert.labels, alert.route).map((route) => {
      const { key, labels } = groupOf(route, alert.labels);
      const group = this.groups.get(key) ?? newGroup(route, key, labels);
      this.groups.set(key, group);
      return { route, group };
    });
  }

  #advanceGroup(group: Group, nowMs: number): void {
    const untilMs = group.acknowledgement?.untilMs ?? NEVER;
    if (nowMs >= untilMs) this.unacknowledge(group.incident ?? '', nowMs);
    if (group.flushAtMs !== null && nowMs >= group.flushAtMs) this.#flush(group, nowMs);
    const route = this.#routeOf(group);
    if (route === null || group.acknowledgement !== null || group.told.length === 0) return;
    this.#climb(group, route, nowMs);
    if (group.lastToldMs === null || nowMs < group.lastToldMs + route.repeatMs) return;
    const alerts = this.#toldAlerts(group);
    if (alerts.length > 0) this.#tell(group, { reason: 'repeat', alerts, nowMs });
    else group.lastToldMs = nowMs;
    this.#touch(group);
  }

  #climb(group: Group, route: Route, nowMs: number): void {
    const step = route.escalate[group.stepsDone];
    if (step === undefined || group.ladderFromMs === null) return;
    if (nowMs < group.ladderFromMs + step.afterMs) return;
    group.stepsDone += 1;
    this.#touch(group);
    const alerts = this.#toldAlerts(group);
    // Nobody is woken for what is silenced.
    if (alerts.length === 0) return;
    if (!group.receivers.includes(step.receiver)) group.receivers.push(step.receiver);
    this.#tell(group, { reason: 'escalation', alerts, nowMs, receivers: [step.receiver] });
  }

  #flush(group: Group, nowMs: number): void {
    const { reason, firing, ended, leaving } = planFlush(group, this.#held);
    group.flushAtMs = null;
    const isTold = reason !== null && !this.#keepsEndsQuiet(group, reason);
    if (isTold) {
      const alerts = [...firing, ...ended];
      if (group.incident === null) openIncident(group, alerts, nowMs);
      this.#tell(group, { reason, alerts, nowMs });
    }
    group.unmuted = false;
    const told = new Set([...group.told, ...firing.map(({ episode }) => episode)]);
    group.told = [...told];
    for (const episode of leaving) this.#removeMember(group, episode);
    const fires = group.members.some((episode) => this.#fires(episode));
    if (!fires || (group.told.length === 0 && reason !== null)) closeIncident(group);
    this.#dropIfEmpty(group);
  }

  #keepsEndsQuiet(group: Group, reason: NotificationReason): boolean {
    return reason === 'resolved' && this.#routeOf(group)?.allClear === 'never';
  }

  #tell(group: Group, told: Told): void {
    const { reason, alerts, nowMs, receivers = group.receivers } = told;
    const { notifiedAlertsMax } = this.#config;
    const lasts = alerts.some(isFiringAlert) || group.told.some((episode) => this.#fires(episode));
    group.lastToldMs = nowMs;
    for (const receiver of receivers) {
      group.sequence += 1;
      const name = JSON.stringify([group.key, group.incident, group.sequence]);
      this.notifications.push({
        id: digest(name).slice(0, 32),
        incident: group.incident ?? '',
        receiver,
        reason,
        status: lasts ? 'firing' : 'resolved',
        atMs: nowMs,
        group: { key: group.key, labels: group.labels },
        alerts: alerts.slice(0, notifiedAlertsMax),
        truncated: Math.max(0, alerts.length - notifiedAlertsMax),
        acknowledgement: group.acknowledgement,
      });
    }
    this.#touch(group);
  }

  /** Alerts that were told, fire and are not muted. */
  #toldAlerts(group: Group): NotifiedAlert[] {
    return group.told.flatMap((episode) => {
      const held = this.#held.get(episode);
      const isHeard = held !== undefined && isFiringAlert(held.alert) && !isMuted(held.muted);
      return isHeard ? [held.alert] : [];
    });
  }

  #fires(episode: string): boolean {
    const held = this.#held.get(episode);
    return held !== undefined && isFiringAlert(held.alert);
  }

  #routeOf(group: Group): Route | null {
    return this.#routes.get(group.route) ?? null;
  }

  #addMember(group: Group, episode: string): void {
    group.members.push(episode);
    this.#addTo(group, episode);
    this.#touch(group);
  }

  #addTo(group: Group, episode: string): void {
    const groups = this.#groupsOf.get(episode) ?? new Set();
    this.#groupsOf.set(episode, groups.add(group));
  }

  #removeMember(group: Group, episode: string): void {
    group.members = group.members.filter((member) => member !== episode);
    group.told = group.told.filter((member) => member !== episode);
    const groups = this.#groupsOf.get(episode);
    groups?.delete(group);
    this.left.add(episode);
    if (groups?.size === 0) this.#groupsOf.delete(episode);
    this.#touch(group);
  }

  #dropIfEmpty(group: Group): void {
    if (group.members.length === 0) this.groups.delete(group.key);
    this.#touch(group);
  }

  #flushBy(group: Group, atMs: number): void {
    flushBy(group, atMs);
    this.#touch(group);
    this.#wake(atMs);
  }

  #touch(group: Group): void {
    this.touched.add(group.key);
  }

  #wake(atMs: number): void {
    this.dueMs = Math.min(this.dueMs, atMs);
  }
}

interface Told {
  readonly reason: NotificationReason;
  readonly alerts: readonly NotifiedAlert[];
  readonly nowMs: number;
  /** Default: all of the incident. */
  readonly receivers?: readonly string[];
}

function openIncident(group: Group, alerts: readonly NotifiedAlert[], nowMs: number): void {
  const first = alerts[0]?.episode ?? '';
  group.incident = digest(JSON.stringify([group.key, first])).slice(0, 32);
  group.ladderFromMs = nowMs;
  group.receivers = [group.receiver];
}

/** The alert was told in `from`; its new group goes on from there. */
function takeOver(group: Group, from: Group, episode: string): void {
  group.told.push(episode);
  if (group.incident !== null) return;
  group.incident = from.incident;
  group.lastToldMs = from.lastToldMs;
  group.ladderFromMs = from.ladderFromMs;
  group.stepsDone = from.stepsDone;
  group.receivers = [...from.receivers];
  group.acknowledgement = from.acknowledgement;
  group.sequence = from.sequence;
}
