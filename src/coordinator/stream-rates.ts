/**
 * Events a second of each stream, from the ledger's cumulative counts, over the last few seconds.
 */
import type { EngineLedgerPage } from './views.ts';

const SAMPLES = 5;
const EVERY_MS = 1_000;

interface Sample {
  readonly atMs: number;
  readonly received: ReadonlyMap<string, number>;
}

export class StreamRates {
  readonly #samples: Sample[] = [];

  /** Takes a sample if one is due. */
  tick(nowMs: number, streams: () => Readonly<Record<string, EngineLedgerPage>>): void {
    const last = this.#samples[this.#samples.length - 1];
    if (last !== undefined && nowMs - last.atMs < EVERY_MS) return;
    const received = new Map<string, number>();
    for (const [name, page] of Object.entries(streams())) received.set(name, page.received);
    this.#samples.push({ atMs: nowMs, received });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** Null until two samples were taken. */
  perSecond(stream: string): number | null {
    const first = this.#samples[0];
    const last = this.#samples[this.#samples.length - 1];
    if (first === undefined || last === undefined || first === last) return null;
    const events = (last.received.get(stream) ?? 0) - (first.received.get(stream) ?? 0);
    return Math.round((events / (last.atMs - first.atMs)) * 10_000) / 10;
  }
}
