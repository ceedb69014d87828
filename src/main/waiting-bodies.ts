/**
 * Bodies that were handed to shards, and who waits for what becomes of them. The coordinator's have
 * positive numbers, those that a shard reads for itself negative ones.
 */
import type { IngestVerdict } from '../shard/messages.ts';

interface WaitingBody {
  readonly shard: number;
  readonly answer: (verdict: IngestVerdict) => void;
}

export class WaitingBodies {
  readonly #bodies = new Map<number, WaitingBody>();
  readonly #step: 1 | -1;
  #next: number;

  constructor(step: 1 | -1 = 1) {
    this.#step = step;
    this.#next = step;
  }

  /** A number that no other body has. */
  number(): number {
    const request = this.#next;
    this.#next += this.#step;
    return request;
  }

  /** Deals bodies out in turn: its number, and which of the shards gets it. */
  deal(shards: readonly number[]): { readonly request: number; readonly shard: number } {
    const request = this.number();
    return { request, shard: shards[request % shards.length] as number };
  }

  /** Resolves when the shard has read the body, or is gone. */
  wait(request: number, shard: number): Promise<IngestVerdict> {
    return new Promise((answer) => this.#bodies.set(request, { shard, answer }));
  }

  answer(verdict: IngestVerdict): void {
    this.#bodies.get(verdict.request)?.answer(verdict);
    this.#bodies.delete(verdict.request);
  }

  /** The shard is gone, or, without one, all are. */
  reject(shard?: number): void {
    const errors = [{ line: 1, message: 'the shard ended while it read the body' }];
    for (const [request, body] of this.#bodies) {
      if (shard !== undefined && body.shard !== shard) continue;
      const verdict = { type: 'ingested', request, accepted: 0, rejected: 1 } as const;
      this.answer({ ...verdict, errors, isLost: true });
    }
  }
}
