/**
 * What the outbox knows of one receiver: its jobs in order, how often it may be bothered, and
 * whether it rests after failures. Jobs of one incident go one after the other, so that an end
 * never overtakes its beginning.
 */
import type { Config } from '../../config.ts';
import type { Rng } from '../../core/rng.ts';
import type { OutboxJob } from './outbox-job.ts';

const MINUTE_MS = 60_000;
/** A burst after a quiet time may be this part of what a minute allows. */
const BURST_SHARE = 4;
const REST_DOUBLINGS_MAX = 4;

export class ReceiverLane {
  /** Waiting and in flight, in order. */
  readonly jobs = new Map<string, OutboxJob>();
  readonly inFlight = new Set<string>();
  readonly #config: Config;
  readonly #rng: Rng;
  #failures = 0;
  #restUntilMs: number | null = null;
  #rests = 0;
  #tokens: number;
  #tokensAtMs: number;

  constructor(config: Config, rng: Rng, nowMs: number) {
    this.#config = config;
    this.#rng = rng;
    this.#tokens = this.#burst;
    this.#tokensAtMs = nowMs;
  }

  get #burst(): number {
    return Math.max(1, this.#config.deliveriesPerMinuteMax / BURST_SHARE);
  }

  /** `closed`: works; `open`: rests; `half-open`: the next delivery decides. */
  breaker(nowMs: number): 'closed' | 'open' | 'half-open' {
    if (this.#restUntilMs === null) return 'closed';
    return nowMs < this.#restUntilMs ? 'open' : 'half-open';
  }

  /** Takes the next jobs that may go now out of the queue, into flight. */
  take(nowMs: number): OutboxJob[] {
    this.#refill(nowMs);
    const taken: OutboxJob[] = [];
    const busy = new Set<string>();
    for (const id of this.inFlight) busy.add(this.jobs.get(id)?.notification.incident ?? '');
    for (const job of this.jobs.values()) {
      if (!this.#hasRoom(nowMs)) break;
      const { incident } = job.notification;
      if (this.inFlight.has(job.id) || busy.has(incident)) continue;
      // Later ones of the incident wait for this one, whether it goes or not.
      busy.add(incident);
      if (job.nextMs > nowMs) continue;
      this.#tokens -= 1;
      this.inFlight.add(job.id);
      taken.push(job);
    }
    return taken;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#restUntilMs = null;
    this.#rests = 0;
  }

  /** @returns whether the receiver rests from now on. */
  failed(nowMs: number): boolean {
    this.#failures += 1;
    // What was in flight when the rest began tells nothing new.
    if (this.breaker(nowMs) === 'open') return false;
    const isProbe = this.#restUntilMs !== null;
    if (!isProbe && this.#failures < this.#config.breakerFailures) return false;
    const restMs = this.#config.breakerMs * 2 ** Math.min(this.#rests, REST_DOUBLINGS_MAX);
    this.#rests += 1;
    this.#restUntilMs = nowMs + restMs;
    return true;
  }

  /** After so many attempts, with jitter: half of the wait is by chance. */
  backOffMs(attempts: number): number {
    const { deliveryRetryMinMs, deliveryRetryMaxMs } = this.#config;
    const waitMs = Math.min(
      deliveryRetryMaxMs,
      deliveryRetryMinMs * 2 ** Math.min(attempts - 1, 20),
    );
    return waitMs / 2 + (waitMs / 2) * this.#rng.next();
  }

  /** When something may go; Infinity: nothing waits. */
  dueMs(nowMs: number): number {
    let due = Number.POSITIVE_INFINITY;
    if (this.jobs.size === this.inFlight.size) return due;
    const busy = new Set<string>();
    for (const id of this.inFlight) busy.add(this.jobs.get(id)?.notification.incident ?? '');
    for (const job of this.jobs.values()) {
      const { incident } = job.notification;
      if (busy.has(incident)) continue;
      busy.add(incident);
      due = Math.min(due, job.nextMs);
    }
    const roomFor = this.#restUntilMs === null ? this.#config.deliveriesInFlightMax : 1;
    if (this.inFlight.size >= roomFor) return Number.POSITIVE_INFINITY;
    due = Math.max(due, this.#restUntilMs ?? 0);
    if (this.#tokens >= 1) return due;
    const perMs = this.#config.deliveriesPerMinuteMax / MINUTE_MS;
    return Math.max(due, nowMs + (1 - this.#tokens) / perMs);
  }

  #hasRoom(nowMs: number): boolean {
    const state = this.breaker(nowMs);
    if (state === 'open' || this.#tokens < 1) return false;
    return this.inFlight.size < (state === 'half-open' ? 1 : this.#config.deliveriesInFlightMax);
  }

  #refill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#tokensAtMs);
    const gained = (elapsedMs * this.#config.deliveriesPerMinuteMax) / MINUTE_MS;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#tokensAtMs = nowMs;
  }
}
