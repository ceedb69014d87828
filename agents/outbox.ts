/**
 * Sealed batches on their way to the engine, oldest first:
 *
 *     [ in flight: sent, not acknowledged | waiting: to be sent, or sent again ]
 *                                         ^ cursor
 *
 * After a disconnect the cursor goes back to the start and what was in flight is sent again under
 * its old sequence. What waits is bounded by events, everything by bytes, the batches that are
 * being built included; beyond, the oldest waiting batch goes, or the newest (`whenFull`), counted
 * `queue`, or `resend` if it had been sent before; the latter only between two connections. Frame
 * sequences are given at the first sending, so on a connection they have no holes.
 *
 * With a spool (`overflow`) events give way to it: what no longer fits, and all that follows while
 * it holds something, so that the order stays.
 */
import type { Config } from '../src/config.ts';
import type { CellBatch } from '../src/wire/cell-batch.ts';
import { refusalOf } from './overflow.ts';
import type { WhenFull } from './overflow.ts';
import type { PartialsBody } from './partials.ts';
import type { StoredFrame } from './stored-frame.ts';

export interface HeldBatch {
  readonly stream: string;
  /** Events, as they are or as a spool kept them, or what was counted of them. */
  readonly batch: CellBatch | PartialsBody | StoredFrame;
  readonly firstSequence: number;
  readonly epoch: number;
  readonly oldestMs: number;
  /** Events of the stream looked at and not shipped before this batch; set at the first sending. */
  filtered: number;
  /** 0: never sent. */
  frameSequence: number;
}

export type OutboxLimits = Pick<
  Config,
  'agentQueueEvents' | 'agentQueueBytes' | 'agentResendFrames'
>;

export type OutboxDrop = (held: HeldBatch, reason: 'queue' | 'resend' | 'spool') => void;

/** Where events go that do not fit. */
export interface OutboxOverflow {
  /** Of `holds` and `fill` see the spool. */
  readonly holds: boolean;
  readonly fill: number;
  /** False: there is no room. */
  take(held: HeldBatch): boolean;
}

const NOTHING = { bytes: 0, rows: 0 };

/** Batches that are being built may take one part in so many of all bytes. */
const BUILDING_SHARE = 4;
/** Smaller batches, of a smaller share of all, are left to grow. */
const SMALL_ROWS = 16;
const SMALL_SHARE = 64;

export class Outbox {
  /** Bytes of the batches that are being built, over all streams; they keep this up to date. */
  building = 0;
  readonly #limits: OutboxLimits;
  readonly #whenFull: WhenFull;
  readonly #overflow: OutboxOverflow | null;
  readonly #onDrop: OutboxDrop;
  #held: HeldBatch[] = [];
  #cursor = 0;
  #bytes = 0;
  #waitingEvents = 0;
  #lastSequence = 0;
  #connected = false;

  /** The limits may change while it is in use. */
  constructor(
    limits: OutboxLimits,
    ends: {
      readonly whenFull: WhenFull;
      readonly overflow: OutboxOverflow | null;
      readonly onDrop: OutboxDrop;
    },
  ) {
    this.#limits = limits;
    this.#whenFull = ends.whenFull;
    this.#overflow = ends.overflow;
    this.#onDrop = ends.onDrop;
  }

  /** The share of what may wait that is taken, 0 to 1 or a little more. */
  get fill(): number {
    const { agentQueueBytes, agentQueueEvents } = this.#limits;
    if (this.#overflow !== null) return this.#overflow.fill;
    return Math.max(
      this.#waitingEvents / agentQueueEvents,
      (this.#bytes + this.building) / agentQueueBytes,
    );
  }

  /** So much is being built that this batch should be sealed, so that it can give way. */
  isDue(bytes: number, rows: number): boolean {
    if (this.building * BUILDING_SHARE <= this.#limits.agentQueueBytes) return false;
    return rows >= SMALL_ROWS || bytes * SMALL_SHARE >= this.building;
  }

  /** Null: event `number` of its stream may come in. Else why not. */
  refusal(number: number): 'queue' | 'queue_sample' | null {
    return this.#whenFull === 'drop-oldest' ? null : refusalOf(this.#whenFull, this.fill, number);
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
    const isEvents = !('body' in held.batch);
    if (isEvents && this.#overflow !== null && (this.#overflow.holds || this.#isOver(held.batch))) {
      if (!this.#overflow.take(held)) this.#onDrop(held, 'spool');
    } else this.append(held);
  }

  /** Takes it in, whatever a spool holds. */
  append(held: HeldBatch): void {
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
    if (held === undefined || this.#cursor >= this.#limits.agentResendFrames) return null;
    if (held.frameSequence === 0) held.frameSequence = ++this.#lastSequence;
    this.#cursor++;
    this.#waitingEvents -= held.batch.rows;
    return held;
  }

  /** The engine evaluated everything up to `sequence`; gives what is not held any more. */
  acknowledge(sequence: number): readonly HeldBatch[] {
    let count = 0;
    for (const held of this.#held) {
      if (held.frameSequence === 0 || held.frameSequence > sequence) break;
      this.#bytes -= held.batch.bytes;
      if (count >= this.#cursor) this.#waitingEvents -= held.batch.rows;
      count++;
    }
    this.#cursor = Math.max(0, this.#cursor - count);
    return this.#held.splice(0, count);
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

  /** There is room for what a spool holds. */
  get isHalfEmpty(): boolean {
    const { agentQueueBytes, agentQueueEvents } = this.#limits;
    return this.#waitingEvents * 2 < agentQueueEvents && this.#bytes * 2 < agentQueueBytes;
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

  /** Number of the first event of a stream that is held, sent or not; null: none is. */
  firstHeld(stream: string): number | null {
    return this.#held.find((held) => held.stream === stream)?.firstSequence ?? null;
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
    const first = this.#firstDroppable();
    let end = first;
    while (end < this.#held.length && this.#mustGive()) {
      // Between two connections what was sent before is older than all that was not.
      const isNewest = this.#whenFull !== 'drop-oldest' && this.#held.at(-1)!.frameSequence === 0;
      if (isNewest) this.#letGo(this.#held.pop()!);
      else this.#letGo(this.#held[end++]!);
    }
    this.#held.splice(first, end - first);
  }

  /** With what is to come. */
  #isOver(next: Pick<CellBatch, 'bytes' | 'rows'> = NOTHING): boolean {
    const { agentQueueBytes, agentQueueEvents } = this.#limits;
    if (this.#bytes + this.building + next.bytes > agentQueueBytes) return true;
    return this.#waitingEvents + next.rows > agentQueueEvents;
  }

  /** What is in memory already does not give way to a number of events if there is a spool. */
  #mustGive(): boolean {
    if (this.#overflow === null) return this.#isOver();
    return this.#bytes + this.building > this.#limits.agentQueueBytes;
  }

  #letGo(held: HeldBatch): void {
    this.#bytes -= held.batch.bytes;
    this.#waitingEvents -= held.batch.rows;
    this.#onDrop(held, held.frameSequence === 0 ? 'queue' : 'resend');
  }

  /** On a connection only what was never sent, for its sequences must have no holes. */
  #firstDroppable(): number {
    let first = this.#cursor;
    while (this.#connected && (this.#held[first]?.frameSequence ?? 0) > 0) first++;
    return first;
  }
}
