/**
 * Decides who is told what, and when: holds the alerts that last, says what mutes them, and keeps
 * the groups in which they are told. A pure state machine, `handle(input, now) → effects`; the
 * store, the outbox and the clock are around it.
 *
 * What always holds: an incident keeps its name from its first page to its end; every episode that
 * was not muted is told at least once; what was told to fire is told to be over, and to everybody
 * who was told; what is muted is not told, and is told when the muting ends and it still fires; a
 * reload moves alerts between groups without telling a receiver twice.
 */
import type { Config } from '../../config.ts';
import { alertFromPost } from './posted-alert.ts';
import type { PostedAlert } from './posted-alert.ts';
import { alertFromTransition } from './rule-alert.ts';
import type { Group } from './group.ts';
import { GroupBoard } from './group-board.ts';
import { InhibitionIndex, isSource } from './inhibition.ts';
import { MaintenanceCalendar } from './maintenance.ts';
import { mutedNow, sameMutes } from './mutes.ts';
import type { MuteSources } from './mutes.ts';
import { isFiringAlert } from './notified-alert.ts';
import type { NotifiedAlert } from './notified-alert.ts';
import { EMPTY_STATE, isHushed, isMuted } from './notifier-messages.ts';
import type {
  HeldAlert,
  Muted,
  NotifierEffect,
  NotifierInput,
  NotifierState,
} from './notifier-messages.ts';
import { NO_NOTIFY_CONFIG } from './notify-config.ts';
import type { NotifyConfig } from './notify-config.ts';
import { routeTree } from './routing.ts';
import type { Silence } from './silence.ts';

export interface NotifierOptions {
  readonly config: Config;
  /** For links when the configuration names no address. */
  readonly externalUrl: () => string;
  readonly state?: NotifierState;
}

const NEVER = Number.POSITIVE_INFINITY;

export class Notifier {
  /** By episode: those that fire, and those whose end was not told yet. */
  readonly held = new Map<string, HeldAlert>();
  readonly silences = new Map<string, Silence>();
  readonly board: GroupBoard;
  config: NotifyConfig = NO_NOTIFY_CONFIG;
  calendar = new MaintenanceCalendar([]);
  readonly #options: NotifierOptions;
  /** Newest episode of each alert, by fingerprint. */
  readonly #newest = new Map<string, string>();
  #inhibitions = new InhibitionIndex([], []);
  #inhibitionsStale = false;
  #mutesChangeMs = 0;
  #expiryMs = 0;
  #effects: NotifierEffect[] = [];
  readonly #touched = new Set<string>();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.board = new GroupBoard(options.config, this.held);
    const { alerts, groups, silences } = options.state ?? EMPTY_STATE;
    for (const held of alerts) this.#hold(held);
    for (const silence of silences) this.silences.set(silence.id, silence);
    this.board.restore(groups);
  }

  get groups(): ReadonlyMap<string, Group> {
    return this.board.groups;
  }

  /** Nothing happens before then unless it is told something. */
  get dueMs(): number {
    return Math.min(this.board.dueMs, this.#mutesChangeMs, this.#expiryMs);
  }

  handle(input: NotifierInput, nowMs: number): readonly NotifierEffect[] {
    this.#effects = [];
    this.#take(input, nowMs);
    if (nowMs >= this.#expiryMs) this.#expirePosted(nowMs);
    if (nowMs >= this.#mutesChangeMs || this.#inhibitionsStale) this.#refreshMutes(nowMs);
    this.board.advance(nowMs);
    this.#save();
    return this.#effects;
  }

  #take(input: NotifierInput, nowMs: number): void {
    switch (input.type) {
      case 'transitions': {
        const url = this.config.externalUrl ?? this.#options.externalUrl();
        for (const transition of input.transitions) {
          this.#takeAlert(alertFromTransition(transition, url), nowMs);
        }
        break;
      }
      case 'posted':
        for (const post of input.alerts) this.#takePost(post, nowMs);
        break;
      case 'configure':
        this.#configure(input.config, nowMs);
        break;
      case 'put-silence':
        this.#putSilence(input.silence, nowMs);
        break;
      case 'expire-silence':
        this.#expireSilence(input.id, nowMs);
        break;
      case 'acknowledge':
        this.board.acknowledge(input, nowMs);
        break;
      case 'unacknowledge':
        this.board.unacknowledge(input.incident, nowMs);
        break;
      case 'tick':
        break;
    }
  }

  #configure(config: NotifyConfig, nowMs: number): void {
    this.config = config;
    this.calendar = new MaintenanceCalendar(config.maintenance);
    this.#inhibitionsStale = true;
    this.#refreshMutes(nowMs);
    this.board.reroute(config.route === null ? null : routeTree(config.route), nowMs);
  }

  // ---- Alerts -----------------------------------------------------------------------------------

  #takePost(post: PostedAlert, nowMs: number): void {
    const alert = alertFromPost(post, null, nowMs);
    const newest = this.held.get(this.#newest.get(alert.fingerprint) ?? '')?.alert ?? null;
    this.#takeAlert(newest === null ? alert : alertFromPost(post, newest, nowMs), nowMs);
  }

  #takeAlert(alert: NotifiedAlert, nowMs: number): void {
    const known = this.held.get(alert.episode);
    const isOver = known === undefined || !isFiringAlert(known.alert);
    // The end of something unheard of, or what comes again after its end, as a replay after a crash
    // may bring it, is no news.
    if (isOver && (known !== undefined || !isFiringAlert(alert))) return;
    this.#endOlder(alert, nowMs);
    this.#noteSource(alert);
    const muted = isFiringAlert(alert)
      ? mutedNow(alert.labels, this.#muteSources(), nowMs)
      : (known as HeldAlert).muted;
    this.#hold({ alert, muted });
    this.#noteMuting(muted, nowMs);
    this.#expiryMs = Math.min(this.#expiryMs, alert.expiresAtMs ?? NEVER);
    if (!isFiringAlert(alert)) this.board.ended(alert.episode);
    else if (known === undefined) this.board.join(alert, nowMs);
  }

  #hold(held: HeldAlert): void {
    const { episode, fingerprint } = held.alert;
    this.held.set(episode, held);
    this.#newest.set(fingerprint, episode);
    this.#touched.add(episode);
  }

  /** A new episode of an alert says that the one before is over. */
  #endOlder({ fingerprint, episode, startsAtMs }: NotifiedAlert, nowMs: number): void {
    const older = this.held.get(this.#newest.get(fingerprint) ?? '');
    if (older === undefined || older.alert.episode === episode) return;
    if (isFiringAlert(older.alert)) this.#end(older, startsAtMs, 'it began anew', nowMs);
  }

  #end({ alert, muted }: HeldAlert, endsAtMs: number, reason: string, nowMs: number): void {
    const over = { ...alert, endsAtMs, expiresAtMs: null, updatedAtMs: nowMs, reason };
    this.#hold({ alert: over, muted });
    this.#noteMuting(muted, nowMs);
    this.#noteSource(alert);
    this.board.ended(alert.episode);
  }

  #noteSource({ labels }: NotifiedAlert): void {
    if (isSource(this.config.inhibitions, labels)) this.#inhibitionsStale = true;
  }

  #expirePosted(nowMs: number): void {
    this.#expiryMs = NEVER;
    for (const held of this.held.values()) {
      const expiresAtMs = held.alert.expiresAtMs ?? NEVER;
      if (expiresAtMs > nowMs) this.#expiryMs = Math.min(this.#expiryMs, expiresAtMs);
      else this.#end(held, expiresAtMs, 'its sender stopped sending it', nowMs);
    }
  }

  // ---- Mutes ------------------------------------------------------------------------------------

  #putSilence(silence: Silence, nowMs: number): void {
    this.silences.set(silence.id, silence);
    this.#effects.push({ type: 'save-silence', silence });
    this.#mutesChangeMs = nowMs;
  }

  #expireSilence(id: string, nowMs: number): void {
    const silence = this.silences.get(id);
    if (silence === undefined || silence.endsAtMs <= nowMs) return;
    const startsAtMs = Math.min(silence.startsAtMs, nowMs);
    this.#putSilence({ ...silence, startsAtMs, endsAtMs: nowMs, updatedAtMs: nowMs }, nowMs);
  }

  /** So that a silence that is of use is not called stale. */
  #noteMuting({ silences }: Muted, nowMs: number): void {
    for (const id of silences) {
      const silence = this.silences.get(id);
      if (silence === undefined || silence.mutedAtMs === nowMs) continue;
      const used = { ...silence, mutedAtMs: nowMs };
      this.silences.set(id, used);
      this.#effects.push({ type: 'save-silence', silence: used });
    }
  }

  #muteSources(): MuteSources {
    const { silences, calendar } = this;
    return { silences, calendar, inhibitions: this.#inhibitions };
  }

  #refreshMutes(nowMs: number): void {
    if (this.#inhibitionsStale) {
      const alerts = [...this.held.values()].map(({ alert }) => alert);
      this.#inhibitions = new InhibitionIndex(this.config.inhibitions, alerts);
      this.#inhibitionsStale = false;
    }
    const sources = this.#muteSources();
    for (const { alert, muted: before } of this.held.values()) {
      if (!isFiringAlert(alert)) continue;
      const muted = mutedNow(alert.labels, sources, nowMs);
      if (sameMutes(before, muted)) continue;
      this.#hold({ alert, muted });
      this.#noteMuting(muted, nowMs);
      if (isMuted(before) && !isMuted(muted)) {
        this.board.unmuted(alert.episode, isHushed(before), nowMs);
      }
    }
    this.#forgetSilences(nowMs);
    this.#mutesChangeMs = this.#nextMuteChange(nowMs);
  }

  #nextMuteChange(nowMs: number): number {
    let nextMs = this.calendar.nextChangeMs(nowMs);
    for (const { startsAtMs, endsAtMs } of this.silences.values()) {
      if (startsAtMs > nowMs) nextMs = Math.min(nextMs, startsAtMs);
      else if (endsAtMs > nowMs) nextMs = Math.min(nextMs, endsAtMs);
    }
    return nextMs;
  }

  #forgetSilences(nowMs: number): void {
    for (const { id, endsAtMs } of this.silences.values()) {
      if (nowMs < endsAtMs + this.#options.config.silenceKeptMs) continue;
      this.silences.delete(id);
      this.#effects.push({ type: 'forget-silence', id });
    }
  }

  // ---- Effects ----------------------------------------------------------------------------------

  #save(): void {
    const { board } = this;
    for (const key of board.touched) {
      const group = board.groups.get(key);
      if (group === undefined) this.#effects.push({ type: 'forget-group', key });
      else this.#effects.push({ type: 'save-group', group });
    }
    board.touched.clear();
    // Ended alerts live as long as a group has to tell of them.
    for (const episode of board.left) this.#touched.add(episode);
    board.left.clear();
    for (const episode of this.#touched) this.#saveAlert(episode);
    this.#touched.clear();
    for (const notification of board.notifications) {
      this.#effects.push({ type: 'notify', notification });
    }
    board.notifications = [];
  }

  #saveAlert(episode: string): void {
    const held = this.held.get(episode);
    if (held === undefined) return;
    if (isFiringAlert(held.alert) || this.board.isMember(episode)) {
      this.#effects.push({ type: 'save-alert', held });
      return;
    }
    this.held.delete(episode);
    const { fingerprint } = held.alert;
    if (this.#newest.get(fingerprint) === episode) this.#newest.delete(fingerprint);
    this.#effects.push({ type: 'forget-alert', episode });
  }
}
