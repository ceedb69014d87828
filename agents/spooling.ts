/**
 * Between an agent's queue in memory and its spool: batches that do not fit go there as frames of
 * their own, and come back in their order when there is room again.
 */
import type { HeldBatch, OutboxOverflow } from './outbox.ts';
import type { SpoolPort } from './spool-contract.ts';
import { epochOf, firstSequenceOf, storedFrameFrom } from './stored-frame.ts';
import type { StoredBatch } from './stored-frame.ts';
import type { StreamState } from './stream-state.ts';

export class Spooling implements OutboxOverflow {
  readonly #spool: SpoolPort;
  readonly #streams: ReadonlyMap<string, StreamState>;

  constructor(spool: SpoolPort, streams: ReadonlyMap<string, StreamState>) {
    this.#spool = spool;
    this.#streams = streams;
  }

  get holds(): boolean {
    return this.#spool.holds;
  }

  get fill(): number {
    return this.#spool.fill;
  }

  take({ batch, epoch, firstSequence, oldestMs, stream }: HeldBatch): boolean {
    const time = this.#streams.get(stream)?.time;
    if ('body' in batch || time === undefined) return false;
    const stamp = { stream, firstSequence, epoch };
    const stored = 'frame' in batch ? batch : storedFrameFrom(batch, stamp);
    return this.#spool.push({ stream, time, oldestMs, stored, isOwn: true });
  }

  /** What the spool gave, as the queue holds it. */
  heldFrom(batch: StoredBatch, state: StreamState): HeldBatch {
    const { isOwn, oldestMs, stored, stream } = batch;
    // An earlier process counted for itself.
    const firstSequence = isOwn ? firstSequenceOf(stored) : state.adopt(stored.rows);
    const epoch = epochOf(stored);
    return { stream, batch: stored, firstSequence, epoch, oldestMs, filtered: 0, frameSequence: 0 };
  }

  /** Evaluated, or given up. */
  done(held: readonly HeldBatch[]): void {
    for (const { batch } of held) {
      if ('frame' in batch && batch.place !== null) this.#spool.done(batch.place);
    }
  }

  /** The process ends: what was never sent is kept for the next. */
  keep(held: HeldBatch): boolean {
    const { batch, frameSequence } = held;
    if (frameSequence > 0 || 'body' in batch) return false;
    if (!('frame' in batch) || batch.place === null) return this.take(held);
    this.#spool.putBack(batch.place);
    return true;
  }

  read(): void {
    this.#spool.read();
  }

  rows(stream: string): number {
    return this.#spool.rows(stream);
  }

  oldestMs(stream: string): number {
    return this.#spool.oldestMs(stream);
  }
}
