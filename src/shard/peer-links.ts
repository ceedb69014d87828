/**
 * A shard's ways to the others: what is under way to each is bounded, and what came for plans that
 * this shard has not heard of yet waits for them.
 *
 * Invariant: rows to one shard that were sent and not yet reported as taken are at most
 * `exchangeBytesMax`; so what waits here is bounded too.
 */
import type { ShardEffect } from './effects.ts';
import type { ExchangedRows, ExchangeMark, PeerMessage } from './messages.ts';

export interface PeerLinksParts {
  readonly exchangeBytesMax: number;
  readonly emit: (effect: ShardEffect) => void;
  readonly epoch: () => number;
  /** Hands rows and marks to their stage, if it is here. */
  readonly take: (from: number, message: ExchangedRows | ExchangeMark, nowMs: number) => void;
}

interface Waiting {
  readonly from: number;
  readonly message: ExchangedRows | ExchangeMark;
}

export class PeerLinks {
  readonly #parts: PeerLinksParts;
  readonly #bytesUnderWay = new Map<number, number>();
  #waiting: Waiting[] = [];

  constructor(parts: PeerLinksParts) {
    this.#parts = parts;
  }

  /** False: there is no room, and the rows are lost. */
  sendRows(shard: number, message: ExchangedRows): boolean {
    const underWay = this.#bytesUnderWay.get(shard) ?? 0;
    // One batch always passes, whatever its size: frames are bounded themselves.
    if (underWay > 0 && underWay + message.bytes > this.#parts.exchangeBytesMax) return false;
    this.#bytesUnderWay.set(shard, underWay + message.bytes);
    this.#parts.emit({ type: 'to-peer', shard, message });
    return true;
  }

  sendMark(shard: number, message: ExchangeMark): void {
    this.#parts.emit({ type: 'to-peer', shard, message });
  }

  receive(from: number, messages: readonly PeerMessage[], nowMs: number): void {
    for (const message of messages) {
      if (message.type === 'taken') this.#taken(from, message.bytes);
      else if (message.epoch > this.#parts.epoch()) this.#waiting.push({ from, message });
      else this.#take(from, message, nowMs);
    }
  }

  /** The plans that some messages waited for may be here. */
  plansChanged(nowMs: number): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { from, message } of waiting) this.receive(from, [message], nowMs);
  }

  lost(shard: number): void {
    this.#bytesUnderWay.delete(shard);
    this.#waiting = this.#waiting.filter(({ from }) => from !== shard);
  }

  #take(from: number, message: ExchangedRows | ExchangeMark, nowMs: number): void {
    this.#parts.take(from, message, nowMs);
    if (message.type === 'mark') return;
    const { bytes } = message;
    this.#parts.emit({ type: 'to-peer', shard: from, message: { type: 'taken', bytes } });
  }

  #taken(from: number, bytes: number): void {
    const underWay = this.#bytesUnderWay.get(from);
    if (underWay !== undefined) this.#bytesUnderWay.set(from, Math.max(0, underWay - bytes));
  }
}
