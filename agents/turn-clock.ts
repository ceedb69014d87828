/**
 * The time of publishing, read once for a few events that are published right after each other:
 * reading a clock costs as much as evaluating a query. What was read holds for a few readings of
 * the same turn of the event loop and ends with it. Nothing is reused between turns, or when
 * readings are not close together. So the time of an event may be off by what its own turn did
 * since one of the last few events, in which nothing else in the process could happen.
 * Bench: bench/agent.ts (p99).
 */
import type { Clock } from '../src/core/clock.ts';

/** So many readings share one. */
const REUSED = 15;
/** Readings further apart are no burst. */
const CLOSE_MS = 0.05;
/** After a turn in which less was reused, turns are not watched for a while. */
const REUSED_MIN = 4;
const PAUSE_READINGS = 32;
const RESOLVED = Promise.resolve();

/** Runs it when the turn, or the microtask, is over. */
function afterTurn(run: () => void): void {
  void RESOLVED.then(run);
}

export class TurnClock implements Clock {
  readonly #clock: Clock;
  readonly #later: (run: () => void) => void;
  readonly #endTurn: () => void;
  #nowMs = -Infinity;
  /** Readings that may still have what was read last. */
  #left = 0;
  /** Something runs when this turn is over. */
  #isWatched = false;
  #wasReused = false;
  #pause = 0;

  constructor(clock: Clock, later: (run: () => void) => void = afterTurn) {
    this.#clock = clock;
    this.#later = later;
    this.#endTurn = () => {
      const isWorth = this.#wasReused || this.#left <= REUSED - REUSED_MIN;
      if (!isWorth) this.#pause = PAUSE_READINGS;
      this.#isWatched = false;
      this.#wasReused = false;
      this.#left = 0;
    };
  }

  now(): number {
    // One way out: a number that comes from a field or from a call is boxed.
    if (this.#left > 0) this.#left--;
    else this.#read();
    return this.#nowMs;
  }

  #read(): void {
    const nowMs = this.#clock.now();
    const isClose = nowMs - this.#nowMs < CLOSE_MS;
    this.#nowMs = nowMs;
    if (this.#pause > 0) {
      this.#pause--;
      return;
    }
    if (!isClose) return;
    if (this.#isWatched) this.#wasReused = true;
    else {
      this.#isWatched = true;
      this.#later(this.#endTurn);
    }
    this.#left = REUSED;
  }
}
