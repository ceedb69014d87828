/**
 * The way out to one client. While its socket takes data, messages become bytes at once and leave
 * at the end of this turn of the event loop, all of them in one write, because the system call
 * costs more than the message. While it does not, they wait in a queue that knows what may be left
 * out (`send-queue.ts`).
 *
 * Bench: bench/fan-out.ts.
 */
import type { DeliverEffect } from '../coordinator/messages.ts';
import type { Clock } from '../core/clock.ts';
import { SendQueue } from './send-queue.ts';
import type { SendQueueOptions } from './send-queue.ts';

export interface OutletOptions extends SendQueueOptions {
  readonly clock: Clock;
  readonly flushes: FlushRound;
  /** Appends the message as bytes that may be shared with other clients. */
  readonly encode: (frames: Buffer[], sub: string, effect: DeliverEffect) => void;
  /** Says that so many messages of the subscription were dropped. */
  readonly encodeDrop: (frames: Buffer[], sub: string, count: number) => void;
  /** Writes in one go. False: the socket is full; {@link ClientOutlet.drained} follows. */
  write(frames: readonly Buffer[]): boolean;
  /** The client reads too slowly: to be closed. Called once. */
  giveUp(): void;
}

/**
 * Bytes that do not wait for the end of the turn: a turn may close thousands of windows for one
 * client, and who reads as fast as he can is not slow.
 */
const WAITING_BYTES = 256 * 1024;

export class ClientOutlet {
  readonly #options: OutletOptions;
  readonly #queue: SendQueue;
  #frames: Buffer[] = [];
  #bytes = 0;
  #isFull = false;
  #isClosed = false;

  constructor(options: OutletOptions) {
    this.#options = options;
    this.#queue = new SendQueue(options);
  }

  deliver(sub: string, effect: DeliverEffect): void {
    if (this.#isClosed) return;
    if (this.#isFull) {
      this.#wait(sub, effect);
      return;
    }
    const { encode, flushes } = this.#options;
    if (this.#frames.length === 0) flushes.add(this);
    encode(this.#frames, sub, effect);
    this.#bytes += effect.body.length;
    if (this.#bytes >= WAITING_BYTES) this.flush();
  }

  /** The subscription is over: its name may be used again. */
  forget(sub: string): void {
    this.flush();
    this.#queue.forget(sub);
  }

  drained(): void {
    this.#isFull = false;
    this.flush();
  }

  /** Writes what waits, unless the socket is full. */
  flush(): void {
    if (this.#isClosed || this.#isFull) return;
    if (!this.#queue.isEmpty) this.#encodeQueue();
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    this.#bytes = 0;
    this.#isFull = !this.#options.write(frames);
  }

  /** Writes what waits even if the socket is full, as nothing will follow. */
  finish(): void {
    this.#isFull = false;
    this.flush();
    this.#isClosed = true;
  }

  close(): void {
    this.#isClosed = true;
  }

  #wait(sub: string, effect: DeliverEffect): void {
    if (!this.#queue.push(sub, effect, this.#options.clock.now())) return;
    this.#isClosed = true;
    this.#options.counters.slowClients++;
    this.#options.giveUp();
  }

  #encodeQueue(): void {
    const { encode, encodeDrop } = this.#options;
    const { messages, drops } = this.#queue.take();
    for (const [sub, count] of drops) encodeDrop(this.#frames, sub, count);
    for (const { sub, effect } of messages) encode(this.#frames, sub, effect);
  }
}

/** Flushes everybody who asked for it, once, at the end of this turn of the event loop. */
export class FlushRound {
  readonly #waiting = new Set<ClientOutlet>();
  #isScheduled = false;

  add(outlet: ClientOutlet): void {
    this.#waiting.add(outlet);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.run());
  }

  run(): void {
    this.#isScheduled = false;
    const outlets = [...this.#waiting];
    this.#waiting.clear();
    for (const outlet of outlets) outlet.flush();
  }
}
