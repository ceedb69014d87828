/**
 * Runs the notifier and its outbox: files, the store, timers and receivers around two pure state
 * machines. What the notifier decides is stored with what made it decide, in one transaction, and
 * sent when that is committed. A store that cannot be written holds up no page: it is said in the
 * log, and everything is written anew when it works again.
 */
import { randomUUID } from 'node:crypto';
import { ConfigFiles } from '../alert/notify/config-files.ts';
import { configDiff } from '../alert/notify/config-diff.ts';
import type { NotifyConfig } from '../alert/notify/notify-config.ts';
import { readNotifyConfig } from '../alert/notify/read-config.ts';
import type { ConfigText } from '../alert/notify/read-config.ts';
import type { Notification } from '../alert/notify/notification.ts';
import { ownNotification } from '../alert/notify/own-notification.ts';
import type { OwnReason } from '../alert/notify/own-notification.ts';
import { Notifier } from '../alert/notify/notifier.ts';
import type { NotifierEffect, NotifierInput } from '../alert/notify/notifier-messages.ts';
import { NotifyStore } from '../alert/notify/notify-store.ts';
import { matcherText } from '../alert/notify/matcher.ts';
import { Outbox } from '../alert/notify/outbox.ts';
import type { OutboxEffect, OutboxInput } from '../alert/notify/outbox.ts';
import type { OutboxJob } from '../alert/notify/outbox-job.ts';
import { StaleSilences } from '../alert/notify/stale-silences.ts';
import type { Delivery, Receiver, ReceiverParts, Senders } from '../alert/receivers/contract.ts';
import type { AlertTransition } from '../alert/transition.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import { createRng, randomSeed } from '../core/rng.ts';
import type { ValueObject } from '../model/value.ts';
import type { Logger } from '../observe/logger.ts';
import type { Sql } from '../store/sql.ts';
import type { NotifyStatus } from '../gateway/notify-port.ts';
import type { Timers } from './timers.ts';
import { TrendPictures } from './trend-pictures.ts';

export interface NotifyHostOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sql: Sql;
  /** File or directory of receivers and routes; null: nobody is told. */
  readonly path: string | null;
  /** What is in force without a path; null: nothing. */
  readonly builtIn: ConfigText | null;
  /** Where the dashboard is, if the files do not say. */
  readonly externalUrl: () => string;
  readonly senders: Senders;
  readonly timers: Timers;
  /** Deliveries, silences and acknowledgements, for the stream of alerts. */
  readonly publish: (event: ValueObject) => void;
}

/** Files are looked at this often, and no timer is trusted for longer. */
const LOOK_MS = 1_000;
const STALE_LOOK_MS = 60_000;

export class NotifyHost {
  /** Notifications that were settled, by how. */
  readonly settled = { sent: 0, failed: 0, dropped: 0 };
  readonly notifier: Notifier;
  readonly outbox: Outbox;
  readonly store: NotifyStore;
  readonly trends: TrendPictures;
  readonly #options: NotifyHostOptions;
  readonly #parts: ReceiverParts;
  readonly #files: ConfigFiles | null;
  readonly #receivers = new Map<string, Receiver>();
  readonly #startedAtMs: number;
  #mistakes: readonly string[] = [];
  #loadedAtMs: number | null = null;
  #isStored = true;
  #taken: readonly AlertTransition[] = [];
  #isStopped = false;
  #disarm: (() => void) | null = null;
  #lookedAtMs = 0;
  #staleLookMs = 0;
  readonly #stale = new StaleSilences();
  #heartbeatMs = 0;
  #toSend: OutboxJob[] = [];
  /** Jobs that were not stored when they should have been. */
  readonly #unstored = new Map<string, OutboxJob>();

  /** @throws EngineError ENGINE_BAD_CONFIG, ENGINE_STORE_… */
  constructor(options: NotifyHostOptions) {
    const { config, clock, sql, path, externalUrl, senders } = options;
    this.#options = options;
    this.#startedAtMs = clock.now();
    this.store = new NotifyStore(sql, config);
    this.notifier = new Notifier({ config, externalUrl, state: this.store.load() });
    this.outbox = new Outbox(config, createRng(randomSeed()), this.store.loadJobs());
    const { deliveryMs, receiverResponseBytesMax: responseBytesMax } = config;
    this.trends = new TrendPictures(sql, this.store, config);
    const imageUrl: ReceiverParts['imageUrl'] = (notification, alert) =>
      this.trends.url(this.notifier.config.imagesUrl, notification, alert);
    const log: ReceiverParts['log'] = (message, fields) => options.log.info(message, fields);
    this.#parts = { ...senders, log, imageUrl, deliveryMs, responseBytesMax };
    this.#files = path === null ? null : new ConfigFiles(path);
    const read = this.#files?.poll() ?? builtInConfig(options.builtIn);
    if (read !== null && !read.ok) {
      throw new EngineError('ENGINE_BAD_CONFIG', read.error.join('\n'));
    }
    this.#configure(read === null ? this.notifier.config : read.value);
    this.#feedOutbox({ type: 'tick' });
    this.#arm();
  }

  get status(): NotifyStatus {
    return {
      path: this.#files?.path ?? null,
      loadedAtMs: this.#loadedAtMs,
      mistakes: this.#mistakes,
      alerts: this.notifier.held.size,
      waiting: this.outbox.size,
      isStored: this.#isStored,
      startedAtMs: this.#startedAtMs,
    };
  }

  get nowMs(): number {
    return this.#options.clock.now();
  }

  get config(): Config {
    return this.#options.config;
  }

  newId(): string {
    return randomUUID();
  }

  /**
   * For the rules: inside the transaction that stores what they decided, so that a page is neither
   * lost nor sent for something that was rolled back.
   */
  take(transitions: readonly AlertTransition[]): void {
    // The same once more: the transaction around the first time was undone, and what was stored in
    // it.
    if (transitions === this.#taken) this.#isStored = false;
    this.#taken = transitions;
    this.handle({ type: 'transitions', transitions });
  }

  handle(input: NotifierInput): void {
    const nowMs = this.nowMs;
    const effects = this.notifier.handle(input, nowMs);
    const jobs = effects.flatMap((effect) =>
      effect.type === 'notify'
        ? this.outbox.handle({ type: 'enqueue', notification: effect.notification }, nowMs)
        : [],
    );
    this.#carryOut([...effects, ...jobs], nowMs);
    this.#arm();
  }

  /** Said on the stream of alerts. */
  publish(event: ValueObject): void {
    this.#options.publish(event);
  }

  /** One page past the outbox; null: no such receiver. */
  test(name: string): Promise<Delivery> | null {
    const receiver = this.#receivers.get(name);
    if (receiver === undefined) return null;
    return attempt(receiver, this.#own(name, 'test'), null);
  }

  /** Takes no more; what is on its way may end, what waits is stored. */
  stop(): void {
    this.#isStopped = true;
    this.#disarm?.();
  }

  #configure(config: NotifyConfig): void {
    const diff = configDiff(this.notifier.config, config);
    this.#receivers.clear();
    for (const [name, spec] of config.receivers) {
      this.#receivers.set(name, spec.create(this.#parts));
    }
    this.#loadedAtMs = this.nowMs;
    this.#mistakes = [];
    this.handle({ type: 'configure', config });
    if (diff.length > 0) this.#options.log.info('notifications configured', { changes: diff });
  }

  #look(): void {
    const read = this.#files?.poll() ?? null;
    if (read === null) return;
    if (read.ok) {
      this.#configure(read.value);
      return;
    }
    this.#mistakes = read.error;
    this.#options.log.error('notifications keep their old settings', {
      code: 'ENGINE_BAD_CONFIG',
      mistakes: read.error,
    });
  }

  #arm(): void {
    this.#disarm?.();
    if (this.#isStopped) return;
    const nowMs = this.nowMs;
    const dueMs = Math.min(this.notifier.dueMs, this.outbox.dueMs(nowMs), nowMs + LOOK_MS);
    const waitMs = Math.max(0, Math.ceil(dueMs - nowMs));
    this.#disarm = this.#options.timers.after(waitMs, () => this.#tick());
  }

  /** A silence that mutes nothing will swallow the next alert that happens to fit. */
  #warnOfStale(nowMs: number): void {
    if (nowMs < this.#staleLookMs) return;
    this.#staleLookMs = nowMs + STALE_LOOK_MS;
    const { config, log } = this.#options;
    for (const { silence, why } of this.#stale.news(this.notifier, nowMs, config.silenceStaleMs)) {
      const text = silence.matchers.map(matcherText).join(' ');
      log.warn('a silence is stale', { silence: silence.id, matchers: text, why });
      this.publish({ event: 'silence-stale', silence: silence.id, by: silence.author, note: why });
    }
  }

  #tick(): void {
    const nowMs = this.nowMs;
    if (nowMs >= this.#lookedAtMs + LOOK_MS) {
      this.#lookedAtMs = nowMs;
      this.#look();
      this.#storeAnew(nowMs);
      this.#warnOfStale(nowMs);
    }
    this.#beat(nowMs);
    this.handle({ type: 'tick' });
    this.#feedOutbox({ type: 'tick' });
    this.#arm();
  }

  #feedOutbox(input: OutboxInput): void {
    const nowMs = this.nowMs;
    this.#carryOut(this.outbox.handle(input, nowMs), nowMs);
  }

  #carryOut(effects: readonly (NotifierEffect | OutboxEffect)[], nowMs: number): void {
    this.#store(effects, nowMs);
    for (const effect of effects) {
      if (effect.type === 'send') this.#toSend.push(effect.job);
      else if (effect.type === 'resting') {
        const { receiver, note } = effect;
        this.#options.log.warn('a receiver rests after failures', { receiver, note });
      } else if (effect.type === 'save-job' && effect.job.settledMs !== null) {
        this.#settled(effect.job);
      }
    }
    if (this.#toSend.length === 0) return;
    // After the transaction that this may be a part of.
    this.#options.timers.soon(() => {
      for (const job of this.#toSend.splice(0)) this.#send(job);
    });
  }

  #send(job: OutboxJob): void {
    const { notification } = job;
    const receiver = this.#receivers.get(notification.receiver);
    const delivery: Promise<Delivery> =
      receiver === undefined
        ? Promise.resolve({ outcome: 'refused', note: 'the receiver is not configured any more' })
        : attempt(receiver, notification, this.#memo(notification));
    void delivery.then((answer) => {
      this.#options.timers.soon(() => this.#answered(job, answer));
    });
  }

  #answered(job: OutboxJob, delivery: Delivery): void {
    if (this.#isStopped) return;
    this.#feedOutbox({ type: 'answered', job: job.id, delivery });
    this.#arm();
  }

  #settled({ notification, state, attempts, note, createdMs, settledMs }: OutboxJob): void {
    const { receiver, incident, reason, status } = notification;
    if (state !== 'waiting') this.settled[state] += 1;
    const tookMs = (settledMs ?? createdMs) - createdMs;
    if (state !== 'sent') {
      this.#options.log.error('a notification was not delivered', { receiver, incident, note });
    }
    const facts = {
      rule: ruleOf(notification),
      receiver,
      incident,
      reason,
      status,
      state,
      attempts,
      note,
      took_ms: tookMs,
    };
    this.publish({ event: 'delivery', delivery: notification.id, ...facts });
  }

  #memo({ receiver, incident }: Notification): string | null {
    try {
      return this.store.memo(receiver, incident);
    } catch (error) {
      this.#storeFailed(error);
      return null;
    }
  }

  /** A heartbeat that cannot be stored or sent must fail to come: that is its message. */
  #beat(nowMs: number): void {
    const { watchdog } = this.notifier.config;
    if (watchdog === null || !this.#isStored || nowMs < this.#heartbeatMs) return;
    this.#heartbeatMs = nowMs + watchdog.everyMs;
    const receiver = this.#receivers.get(watchdog.receiver);
    if (receiver === undefined) return;
    const notification = this.#own(watchdog.receiver, 'heartbeat');
    void attempt(receiver, notification, null).then(({ outcome, note }) => {
      if (outcome !== 'taken') this.#options.log.warn('the heartbeat was not taken', { note });
    });
  }

  #own(receiver: string, reason: OwnReason): Notification {
    return ownNotification({ id: randomUUID(), receiver, reason, nowMs: this.nowMs });
  }

  // ---- Store ------------------------------------------------------------------------------------

  #store(effects: readonly (NotifierEffect | OutboxEffect)[], nowMs: number): void {
    if (!this.#isStored) {
      this.#noteUnstored(effects);
      return;
    }
    try {
      this.store.apply(effects, nowMs);
    } catch (error) {
      this.#noteUnstored(effects);
      this.#storeFailed(error);
    }
  }

  #noteUnstored(effects: readonly (NotifierEffect | OutboxEffect)[]): void {
    for (const effect of effects) {
      if (effect.type === 'save-job') this.#unstored.set(effect.job.id, effect.job);
    }
  }

  #storeFailed(error: unknown): void {
    if (!(error instanceof EngineError)) throw error;
    this.#isStored = false;
    const { code, detail } = error;
    this.#options.log.error('pages go out, but are not stored', { code, detail });
  }

  #storeAnew(nowMs: number): void {
    if (this.#isStored) return;
    const { held, groups, silences } = this.notifier;
    const state = {
      alerts: [...held.values()],
      groups: [...groups.values()],
      silences: [...silences.values()],
    };
    const jobs = new Map(this.outbox.jobs().map((job) => [job.id, job]));
    for (const [id, job] of this.#unstored) if (!jobs.has(id)) jobs.set(id, job);
    try {
      this.store.replace(state, [...jobs.values()], nowMs);
      this.#unstored.clear();
      this.#isStored = true;
      this.#options.log.info('notifications are stored again');
    } catch (error) {
      this.#storeFailed(error);
    }
  }
}

function builtInConfig(text: ConfigText | null): ReturnType<typeof readNotifyConfig> | null {
  return text === null ? null : readNotifyConfig([text]);
}

/** A receiver that throws, as for a secret that is gone, has failed once. */
async function attempt(
  receiver: Receiver,
  notification: Notification,
  memo: string | null,
): Promise<Delivery> {
  try {
    return await receiver.deliver(notification, memo);
  } catch (error) {
    return { outcome: 'retry', note: error instanceof Error ? error.message : String(error) };
  }
}

/** The rule that all of its alerts are of; null: there are several, or none. */
function ruleOf({ alerts }: Notification): string | null {
  const [name = null, ...others] = new Set(alerts.map(({ labels }) => labels['alertname'] ?? null));
  return others.length === 0 ? name : null;
}
