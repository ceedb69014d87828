/**
 * The only place that reads the wall clock. Everything else is handed a {@link Clock} or a `now`
 * argument, so that tests and the simulator own the time.
 */
export interface Clock {
  /** Milliseconds since 1970 UTC, fractional, never running backwards between two calls. */
  now(): number;
}

/** Read once: a getter costs a third of the call (bench: agent, group-by). */
const START_MS = performance.timeOrigin;

/** Monotonic time anchored to the wall clock at start: a stepped system clock does not move it. */
export const systemClock: Clock = {
  now: () => START_MS + performance.now(),
};

/** A clock that stands still until told. */
export class VirtualClock implements Clock {
  #nowMs: number;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  set(ms: number): void {
    this.#nowMs = ms;
  }
}
