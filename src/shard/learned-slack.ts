/**
 * How far behind the clock the events of a stream run, learned from those that came: the 99th
 * percentile of arrival less event time over the last one to two minutes, in whole seconds and
 * within bounds. It grows at once when events come later, and shrinks after they have ceased to.
 */
const PERIOD_MS = 60_000;
const SHARE = 0.99;
const STEP_MS = 1_000;

export class LearnedSlack {
  readonly #minMs: number;
  readonly #maxMs: number;
  /** Events by how many seconds late they were; the last counts all beyond. */
  #current: Float64Array;
  #before: Float64Array;
  #periodEndsMs = -Infinity;

  constructor(bounds: { readonly minMs: number; readonly maxMs: number }) {
    this.#minMs = bounds.minMs;
    this.#maxMs = bounds.maxMs;
    const steps = Math.ceil(bounds.maxMs / STEP_MS);
    this.#current = new Float64Array(steps);
    this.#before = new Float64Array(steps);
  }

  look(timeMs: number, nowMs: number): void {
    if (nowMs >= this.#periodEndsMs) this.#turn(nowMs);
    const last = this.#current.length - 1;
    const step = Math.max(0, Math.min(last, Math.floor((nowMs - timeMs) / STEP_MS)));
    this.#current[step] = (this.#current[step] as number) + 1;
  }

  /** Of the events so far; the least that is allowed where there were none. */
  get slackMs(): number {
    const steps = this.#current.length;
    let total = 0;
    for (let i = 0; i < steps; i++) total += this.#at(i);
    let seen = 0;
    for (let i = 0; i < steps; i++) {
      seen += this.#at(i);
      if (seen >= total * SHARE) {
        return Math.max(this.#minMs, Math.min(this.#maxMs, (i + 1) * STEP_MS));
      }
    }
    return this.#maxMs;
  }

  #at(step: number): number {
    return (this.#current[step] as number) + (this.#before[step] as number);
  }

  #turn(nowMs: number): void {
    const isStale = nowMs >= this.#periodEndsMs + PERIOD_MS;
    const emptied = this.#before.fill(0);
    this.#before = isStale ? emptied : this.#current;
    this.#current = isStale ? this.#current.fill(0) : emptied;
    this.#periodEndsMs = nowMs + PERIOD_MS;
  }
}
