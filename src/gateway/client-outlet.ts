/**
 * The way out to one client: its queue, and when to flush it. All clients that got something in one
 * turn of the event loop are flushed together at its end, each in one write, because the system
 * call costs more than the message.
 */
import type { DeliverEffect } from '../coordinator/messages.ts';
import type { Clock } from '../core/clock.ts';
import { SendQueue } from './send-queue.ts';
import type { QueuedMessage, SendQueueOptions } from './send-queue.ts';

export interface OutletOptions extends SendQueueOptions {
  readonly clock: Clock;
  readonly flushes: FlushRound;
  /** Writes in one go. False: the socket is full; {@link ClientOutlet.drained} follows. */
  write(messages: readonly QueuedMessage[], drops: ReadonlyMap<string, number>): boolean;
  /** The client reads too slowly: to be closed. Called once. */
  giveUp(): void;
}

export class ClientOutlet {
  readonly #options: OutletOptions;
  readonly #queue: SendQueue;
  #isFull = false;
  #isClosed = false;

  constructor(options: OutletOptions) {
    this.#options = options;
    this.#queue = new SendQueue(options);
  }

  deliver(sub: string, effect: DeliverEffect): void {
    if (this.#isClosed) return;
    const isHopeless = this.#queue.push(sub, effect, this.#options.clock.now());
    if (isHopeless && this.#isFull) {
      this.#isClosed = true;
      this.#options.counters.slowClients++;
      this.#options.giveUp();
    } else if (!this.#isFull) {
      this.#options.flushes.add(this);
    }
  }

  forget(sub: string): void {
    this.#queue.forget(sub);
  }

  drained(): void {
    this.#isFull = false;
    this.flush();
  }

  /** Writes what waits, unless the socket is full. */
  flush(): void {
    if (this.#isClosed || this.#isFull || this.#queue.isEmpty) return;
    const { messages, drops } = this.#queue.take();
    this.#isFull = !this.#options.write(messages, drops);
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
