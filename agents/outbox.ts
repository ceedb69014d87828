/**
 * Sealed batches on their way to the engine, oldest first:
 *
 *     [ in flight: sent, not acknowledged | waiting: to be sent, or sent again ]
 *                                         ^ cursor
 *
 * After a disconnect the cursor goes back to the start and what was in flight is sent again under
 * its old sequence. What waits is bounded by events, everything by bytes; the oldest waiting batch
 * goes first, counted `queue`, or `resend` if it had been sent before; the latter only between two
 * connections. Frame sequences are given at the first sending, so on a connection they have no
 * holes.
 */
import type { CellBatch } from '../src/wire/cell-batch.ts';
import type { PartialsBody } from './partials.ts';

export interface HeldBatch {
  readonly stream: string;
  /** Events, or what was counted of them. */
  readonly batch: CellBatch | PartialsBody;
  readonly firstSequence: number;
  readonly epoch: number;
  readonly oldestMs: number;
  /** Events of the stream looked at and not shipped before this batch; set at the first sending. */
  filtered: number;
  /** 0: never sent. */
  frameSequence: number;
}

export interface OutboxLimits {
  readonly waitingEventsMax: number;
  readonly bytesMax: number;
  readonly inFlightMax: number;
}

export type OutboxDrop = (held: HeldBatch, reason: 'queue' | 'resend') => void;

export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #onDrop: OutboxDrop;
  #held: HeldBatch[] = [];
  #cursor = 0;
  #bytes = 0;
  #waitingEvents = 0;
  #lastSequence = 0;
  #connected = false;

  constructor(limits: OutboxLimits, onDrop: OutboxDrop) {
    this.#limits = limits;
    this.#onDrop = onDrop;
  }

  get inFlight(): number {
    return this.#cursor;
  }

  get waiting(): number {
    return this.#held.length - this.#cursor;
  }

  get waitingEvents(): number {
    return this.#waitingEvents;
  }

  /** The frame sequence given out last; 0: none yet. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Lowest frame sequence still held, sent and not acknowledged; null: none. */
  get resendFrom(): number | null {
    const first = this.#held[0];
    return first === undefined || first.frameSequence === 0 ? null : first.frameSequence;
  }

  add(held: HeldBatch): void {
    this.#held.push(held);
    this.#bytes += held.batch.bytes;
    this.#waitingEvents += held.batch.rows;
    this.#enforce();
  }

  /**
   * Takes the oldest waiting batch into flight, with its sequence; null: none, or flight is full.
   */
  send(): HeldBatch | null {
    const held = this.#held[this.#cursor];
    if (held === undefined || this.#cursor >= this.#limits.inFlightMax) return null;
    if (held.frameSequence === 0) held.frameSequence = ++this.#lastSequence;
    this.#cursor++;
    this.#waitingEvents -= held.batch.rows;
    return held;
  }

  /** The engine evaluated everything up to `sequence`. */
  acknowledge(sequence: number): void {
    let count = 0;
    for (const held of this.#held) {
      if (held.frameSequence === 0 || held.frameSequence > sequence) break;
      this.#bytes -= held.batch.bytes;
      if (count >= this.#cursor) this.#waitingEvents -= held.batch.rows;
      count++;
    }
    this.#held.splice(0, count);
    this.#cursor = Math.max(0, this.#cursor - count);
  }

  /** From now on frames leave in order, so what was sent before is not dropped any more. */
  connected(): void {
    this.#connected = true;
  }

  /** Nothing is in flight any more. */
  disconnected(): void {
    this.#connected = false;
    for (let i = 0; i < this.#cursor; i++) {
      this.#waitingEvents += (this.#held[i] as HeldBatch).batch.rows;
    }
    this.#cursor = 0;
    this.#enforce();
  }

  /** Takes out the oldest batch, between two connections; null: none is held. */
  dropFirst(): HeldBatch | null {
    const held = this.#held.shift();
    if (held === undefined) return null;
    this.#bytes -= held.batch.bytes;
    if (this.#cursor > 0) this.#cursor--;
    else this.#waitingEvents -= held.batch.rows;
    return held;
  }

  /** Lets go of everything; `onDrop` hears of what was waiting. */
  clear(onDrop: (held: HeldBatch) => void): void {
    for (const held of this.#held.slice(this.#cursor)) onDrop(held);
    this.#held = [];
    this.#cursor = 0;
    this.#bytes = 0;
    this.#waitingEvents = 0;
  }

  /** Events of a stream that were never sent. */
  queuedEvents(stream: string): number {
    let events = 0;
    for (let i = this.#cursor; i < this.#held.length; i++) {
      const held = this.#held[i] as HeldBatch;
      if (held.stream === stream && held.frameSequence === 0) events += held.batch.rows;
    }
    return events;
  }

  /** Oldest event time of a stream that waits; Infinity if none does. */
  oldestWaitingMs(stream: string): number {
    let oldestMs = Infinity;
    for (let i = this.#cursor; i < this.#held.length; i++) {
      const held = this.#held[i] as HeldBatch;
      if (held.stream === stream && held.oldestMs < oldestMs) oldestMs = held.oldestMs;
    }
    return oldestMs;
  }

  #enforce(): void {
    const { waitingEventsMax, bytesMax } = this.#limits;
    const first = this.#firstDroppable();
    let dropped = 0;
    while (first + dropped < this.#held.length) {
      if (this.#waitingEvents <= waitingEventsMax && this.#bytes <= bytesMax) break;
      const held = this.#held[first + dropped] as HeldBatch;
      this.#bytes -= held.batch.bytes;
      this.#waitingEvents -= held.batch.rows;
      this.#onDrop(held, held.frameSequence === 0 ? 'queue' : 'resend');
      dropped++;
    }
    if (dropped > 0) this.#held.splice(first, dropped);
  }

  /** On a connection only what was never sent, for its sequences must have no holes. */
  #firstDroppable(): number {
    let first = this.#cursor;
    while (this.#connected && (this.#held[first]?.frameSequence ?? 0) > 0) first++;
    return first;
  }
}
