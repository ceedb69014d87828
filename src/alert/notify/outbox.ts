/**
 * Notifications on their way: in order, with retries, at a bounded rate, and with rest for
 * receivers that fail. A pure state machine, `handle(input, now) → effects`. What it wants stored
 * is stored before it is sent and after it was answered, so every notification is delivered at
 * least once; an end of the process in between repeats what was in flight, at most
 * `deliveriesInFlightMax` for each receiver, with the ids they had.
 */
import type { Config } from '../../config.ts';
import type { Rng } from '../../core/rng.ts';
import type { Delivery } from '../receivers/contract.ts';
import type { Notification } from './notification.ts';
import type { JobState, OutboxJob } from './outbox-job.ts';
import { ReceiverLane } from './receiver-lane.ts';

export type OutboxInput =
  | { readonly type: 'enqueue'; readonly notification: Notification }
  | { readonly type: 'answered'; readonly job: string; readonly delivery: Delivery }
  | { readonly type: 'tick' };

export type OutboxEffect =
  /** One attempt; `answered` must follow. */
  | { readonly type: 'send'; readonly job: OutboxJob }
  | { readonly type: 'save-job'; readonly job: OutboxJob }
  | { readonly type: 'memo'; readonly job: OutboxJob; readonly memo: string }
  /** The receiver failed so often that it is left alone for a while. */
  | { readonly type: 'resting'; readonly receiver: string; readonly note: string };

export class Outbox {
  readonly #config: Config;
  readonly #rng: Rng;
  readonly #lanes = new Map<string, ReceiverLane>();
  readonly #receiverOf = new Map<string, string>();
  #effects: OutboxEffect[] = [];
  #sequence: number;

  /** `waiting`: what the store kept, in order; `sequence`: the highest that was ever given. */
  constructor(
    config: Config,
    rng: Rng,
    stored: { readonly waiting: readonly OutboxJob[]; readonly sequence: number },
  ) {
    this.#config = config;
    this.#rng = rng;
    this.#sequence = stored.sequence;
    for (const job of stored.waiting) this.#add(job, job.createdMs);
  }

  /** Waiting and in flight. */
  get size(): number {
    return this.#receiverOf.size;
  }

  handle(input: OutboxInput, nowMs: number): readonly OutboxEffect[] {
    this.#effects = [];
    if (input.type === 'enqueue') this.#enqueue(input.notification, nowMs);
    else if (input.type === 'answered') this.#answered(input.job, input.delivery, nowMs);
    for (const lane of this.#lanes.values()) {
      for (const job of lane.take(nowMs)) this.#effects.push({ type: 'send', job });
    }
    return this.#effects;
  }

  /** When `tick` is worth while; Infinity: not before something else happens. */
  dueMs(nowMs: number): number {
    let due = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) due = Math.min(due, lane.dueMs(nowMs));
    return due;
  }

  /** Waiting and in flight, in order within each receiver. */
  jobs(): readonly OutboxJob[] {
    return [...this.#lanes.values()].flatMap((lane) => [...lane.jobs.values()]);
  }

  states(nowMs: number): { receiver: string; waiting: number; breaker: string }[] {
    return [...this.#lanes].map(([receiver, lane]) => ({
      receiver,
      waiting: lane.jobs.size,
      breaker: lane.breaker(nowMs),
    }));
  }

  #enqueue(notification: Notification, nowMs: number): void {
    this.#sequence += 1;
    const job: OutboxJob = {
      id: notification.id,
      sequence: this.#sequence,
      notification,
      state: 'waiting',
      attempts: 0,
      nextMs: nowMs,
      createdMs: nowMs,
      settledMs: null,
      note: '',
    };
    // The same notification again, after a replay, is on its way already.
    if (this.#receiverOf.has(job.id)) return;
    if (this.size >= this.#config.outboxMax) {
      this.#settle(job, 'dropped', `more than ${this.#config.outboxMax} wait`, nowMs);
      return;
    }
    this.#add(job, nowMs);
    this.#effects.push({ type: 'save-job', job });
  }

  #add(job: OutboxJob, nowMs: number): void {
    const { receiver } = job.notification;
    const lane = this.#lanes.get(receiver) ?? new ReceiverLane(this.#config, this.#rng, nowMs);
    this.#lanes.set(receiver, lane);
    lane.jobs.set(job.id, job);
    this.#receiverOf.set(job.id, receiver);
  }

  #answered(id: string, delivery: Delivery, nowMs: number): void {
    const receiver = this.#receiverOf.get(id) ?? '';
    const lane = this.#lanes.get(receiver);
    const before = lane?.jobs.get(id);
    if (lane === undefined || before === undefined) return;
    lane.inFlight.delete(id);
    const job = { ...before, attempts: before.attempts + 1, note: delivery.note };
    switch (delivery.outcome) {
      case 'taken':
        lane.succeeded();
        if (delivery.memo !== undefined) {
          this.#effects.push({ type: 'memo', job, memo: delivery.memo });
        }
        this.#settle(job, 'sent', delivery.note, nowMs);
        break;
      case 'refused':
        // The receiver works; it is this notification that it does not take.
        lane.succeeded();
        this.#settle(job, 'failed', delivery.note, nowMs);
        break;
      case 'retry':
        this.#retry(lane, job, delivery.afterMs ?? 0, nowMs);
        break;
    }
  }

  #retry(lane: ReceiverLane, job: OutboxJob, afterMs: number, nowMs: number): void {
    const { receiver } = job.notification;
    if (lane.failed(nowMs)) this.#effects.push({ type: 'resting', receiver, note: job.note });
    // A page is not given up, nor held for a day, because whoever is in between says so.
    const laterMs = Math.min(afterMs, this.#config.deliveryLaterMsMax);
    const nextMs = nowMs + Math.max(laterMs, lane.backOffMs(job.attempts));
    if (nextMs > job.createdMs + this.#config.deliveryAgeMs) {
      this.#settle(job, 'failed', `given up: ${job.note}`, nowMs);
      return;
    }
    const waiting = { ...job, nextMs };
    lane.jobs.set(job.id, waiting);
    this.#effects.push({ type: 'save-job', job: waiting });
  }

  #settle(job: OutboxJob, state: JobState, note: string, nowMs: number): void {
    this.#lanes.get(job.notification.receiver)?.jobs.delete(job.id);
    this.#receiverOf.delete(job.id);
    this.#effects.push({ type: 'save-job', job: { ...job, state, note, settledMs: nowMs } });
  }
}
