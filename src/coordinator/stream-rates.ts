/**
 * Events a second of each stream, over the last few seconds, from cumulative counts: what agents
 * were offered, whether a query wanted it or not, and what listeners of the engine received.
 */

const SAMPLES = 5;
const EVERY_MS = 1_000;

interface Sample {
  readonly atMs: number;
  readonly events: ReadonlyMap<string, number>;
}

export class StreamRates {
  readonly #samples: Sample[] = [];

  /** Takes a sample if one is due. */
  tick(nowMs: number, count: () => ReadonlyMap<string, number>): void {
    const last = this.#samples[this.#samples.length - 1];
    if (last !== undefined && nowMs - last.atMs < EVERY_MS) return;
    this.#samples.push({ atMs: nowMs, events: count() });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** Null until two samples were taken. */
  perSecond(stream: string): number | null {
    const first = this.#samples[0];
    const last = this.#samples[this.#samples.length - 1];
    if (first === undefined || last === undefined || first === last) return null;
    // An agent that left takes its count with it.
    const events = (last.events.get(stream) ?? 0) - (first.events.get(stream) ?? 0);
    return Math.round((Math.max(0, events) / (last.atMs - first.atMs)) * 10_000) / 10;
  }
}
