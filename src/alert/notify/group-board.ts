/**
 * All groups of alerts and their timers: who joins which group, when a group is told, repeated and
 * escalated, and when its incident is over. A part of the notifier, which owns the alerts and says
 * what mutes them.
 */
import type { Config } from '../../config.ts';
import { planFlush } from './flush.ts';
import { closeIncident, dueMs, flushBy, newGroup, nextTellMs, timingOf } from './group.ts';
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
  /** Groups with a member that has just ended. */
  readonly #ending = new Set<Group>();

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
    return this.#routesOf(alert).map(({ receiver }) => receiver);
  }

  join(alert: NotifiedAlert, nowMs: number): void {
    for (const group of this.#groupsFor(alert)) {
      if (this.#holds(group, alert.episode)) continue;
      this.#addMember(group, alert.episode);
      this.#flushBy(group, nextTellMs(group, nowMs));
    }
  }

  /**
   * Looked at when all that happens now is known: only then is it clear whether it was the last.
   */
  ended(episode: string): void {
    for (const group of this.#groupsOf.get(episode) ?? []) this.#ending.add(group);
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
    this.#wake(dueMs(group));
  }

  incident(name: string): Group | null {
    for (const group of this.groups.values()) if (group.incident === name) return group;
    return null;
  }

  /** Carries out what is due. */
  advance(nowMs: number): void {
    for (const group of this.#ending) {
      const isAllClear = group.timing.allClear !== 'grouped' && this.#isAllClear(group);
      this.#flushBy(group, isAllClear ? nowMs : nextTellMs(group, nowMs));
    }
    this.#ending.clear();
    if (nowMs < this.dueMs) return;
    this.dueMs = NEVER;
    for (const group of this.groups.values()) {
      this.#advanceGroup(group, nowMs);
      this.#wake(dueMs(group));
    }
  }

  /** Something was told, and nothing fires any more. */
  #isAllClear({ told, members }: Group): boolean {
    return told.length > 0 && !members.some((member) => this.#fires(member));
  }

  /**
   * Other routes. Groups that are still there keep their timers, and one whose alerts all go to
   * one other group goes there with its incident. Else what was told stays where it was told until
   * it is over, so that no receiver is told twice and none is left with an open incident.
   */
  reroute(tree: Route | null, nowMs: number): void {
    this.tree = tree;
    const routes = tree === null ? [] : allRoutes(tree);
    this.#routes = new Map(routes.map((route) => [route.id, route]));
    for (const group of [...this.groups.values()]) this.#rename(group);
    for (const group of this.groups.values()) this.#changeRoute(group, nowMs);
    const wanted = new Set<Group>();
    for (const { alert } of this.#held.values()) {
      if (isFiringAlert(alert)) this.#regroup(alert, wanted, nowMs);
    }
    for (const group of [...this.groups.values()]) {
      group.place = this.#placeOf(group, wanted.has(group));
      this.#dropIfEmpty(group);
    }
    this.dueMs = nowMs;
  }

  #rename(group: Group): void {
    const target = group.incident === null ? null : this.#newHomeOf(group);
    if (target === null || this.groups.has(target.key)) return;
    const renamed: Group = { ...group, ...target };
    for (const episode of group.members) {
      this.#groupsOf.get(episode)?.delete(group);
      this.#addTo(renamed, episode);
    }
    this.groups.delete(group.key);
    this.groups.set(renamed.key, renamed);
    this.#touch(group);
    this.#touch(renamed);
  }

  /**
   * The one group that all that was told in `group` goes to, with the same receiver; null: none.
   */
  #newHomeOf(group: Group): Pick<Group, 'key' | 'labels' | 'route'> | null {
    const homes = new Map<string, Pick<Group, 'key' | 'labels' | 'route'>>();
    for (const alert of group.told.flatMap((episode) => this.#held.get(episode)?.alert ?? [])) {
      if (!isFiringAlert(alert)) continue;
      const routes = this.#routesOf(alert).filter(({ receiver }) => receiver === group.receiver);
      // Without a place to go it stays.
      if (routes.length === 0) return null;
      for (const route of routes) {
        const home = { ...groupOf(route, alert.labels), route: route.id };
        homes.set(home.key, home);
      }
    }
    const [home] = homes.values();
    return homes.size === 1 ? (home ?? null) : null;
  }

  #changeRoute(group: Group, nowMs: number): void {
    const route = this.#routes.get(group.route);
    if (route === undefined) return;
    group.timing = timingOf(route);
    this.#touch(group);
    if (route.receiver === group.receiver) return;
    group.receiver = route.receiver;
    if (group.incident === null || group.receivers.includes(route.receiver)) return;
    group.receivers.push(route.receiver);
    const alerts = this.#toldAlerts(group);
    const receivers = [route.receiver];
    if (alerts.length > 0) this.#tell(group, { reason: 'changed', alerts, nowMs, receivers });
  }

  #regroup(alert: NotifiedAlert, wanted: Set<Group>, nowMs: number): void {
    const { episode } = alert;
    const groups = this.#groupsFor(alert);
    const before = [...(this.#groupsOf.get(episode) ?? [])];
    const told = before.filter((old) => old.told.includes(episode));
    for (const group of groups) {
      if (this.#holds(group, episode)) wanted.add(group);
      else if (!told.some(({ receiver }) => receiver === group.receiver)) {
        wanted.add(group);
        this.#addMember(group, episode);
        this.#flushBy(group, nextTellMs(group, nowMs));
      }
    }
    for (const old of before) {
      if (!groups.includes(old) && !told.includes(old))
        this.#removeMembers(old, new Set([episode]));
    }
  }

  #placeOf(group: Group, isWanted: boolean): Group['place'] {
    if (isWanted) return 'live';
    const isElsewhere = group.told.some((episode) =>
      [...(this.#groupsOf.get(episode) ?? [])].some((other) => other !== group),
    );
    return isElsewhere || this.tree === null ? 'replaced' : 'left';
  }

  #groupsFor(alert: NotifiedAlert): Group[] {
    return this.#routesOf(alert).map((route) => {
      const { key, labels } = groupOf(route, alert.labels);
      const group = this.groups.get(key) ?? newGroup(route, key, labels);
      group.place = 'live';
      this.groups.set(key, group);
      return group;
    });
  }

  #routesOf({ labels, route }: NotifiedAlert): readonly Route[] {
    return this.tree === null ? [] : routesFor(this.tree, labels, route);
  }

  #advanceGroup(group: Group, nowMs: number): void {
    const untilMs = group.acknowledgement?.untilMs ?? NEVER;
    if (nowMs >= untilMs) this.unacknowledge(group.incident ?? '', nowMs);
    if (group.flushAtMs !== null && nowMs >= group.flushAtMs) this.#flush(group, nowMs);
    const { place, acknowledgement, told } = group;
    if (place === 'replaced' || acknowledgement !== null || told.length === 0) return;
    this.#climb(group, nowMs);
    if (group.lastToldMs === null || nowMs < group.lastToldMs + group.timing.repeatMs) return;
    const alerts = this.#toldAlerts(group);
    if (alerts.length > 0) this.#tell(group, { reason: 'repeat', alerts, nowMs });
    else group.lastToldMs = nowMs;
    this.#touch(group);
  }

  #climb(group: Group, nowMs: number): void {
    const step = group.timing.escalate[group.stepsDone];
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
    const isQuiet = reason === 'resolved' && group.timing.allClear === 'never';
    if (reason !== null && !isQuiet) {
      const alerts = [...firing, ...ended];
      if (group.incident === null) openIncident(group, alerts, nowMs);
      this.#tell(group, { reason, alerts, nowMs });
    }
    group.unmuted = false;
    const told = new Set([...group.told, ...firing.map(({ episode }) => episode)]);
    group.told = [...told];
    this.#removeMembers(group, new Set(leaving));
    const fires = group.members.some((episode) => this.#fires(episode));
    if (!fires || (group.told.length === 0 && reason !== null)) closeIncident(group);
    this.#dropIfEmpty(group);
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

  #addMember(group: Group, episode: string): void {
    group.members.push(episode);
    this.#addTo(group, episode);
    this.#touch(group);
  }

  #addTo(group: Group, episode: string): void {
    const groups = this.#groupsOf.get(episode) ?? new Set();
    this.#groupsOf.set(episode, groups.add(group));
  }

  #holds(group: Group, episode: string): boolean {
    return this.#groupsOf.get(episode)?.has(group) ?? false;
  }

  #removeMembers(group: Group, gone: ReadonlySet<string>): void {
    if (gone.size === 0) return;
    group.members = group.members.filter((member) => !gone.has(member));
    group.told = group.told.filter((member) => !gone.has(member));
    for (const episode of gone) {
      const groups = this.#groupsOf.get(episode);
      groups?.delete(group);
      this.left.add(episode);
      if (groups?.size === 0) this.#groupsOf.delete(episode);
    }
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
