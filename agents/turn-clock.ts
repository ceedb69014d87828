/**
 * The time of publishing, read once for a few events that are published right after each other:
 * reading a clock costs as much as evaluating a query. What was read holds for a few readings of
 * the same turn of the event loop and ends with it. Nothing is reused between turns, or when
 * readings are not close together. So the time of an event may be off by what its own turn did
 * since one of the last few dozen events, in which nothing else in the process could happen.
 * Bench: bench/agent.ts (p99).
 */
import type { Clock } from '../src/core/clock.ts';

/** A clock that says whether it was read anew, so that what follows of its time need not be. */
export interface ReadingClock {
  /** Of the last reading. */
  readonly nowMs: number;
  /** Sees to it that `nowMs` holds; the number of the reading that it is of, at least 1. */
  take(): number;
}

/** `clock` itself, if it reuses readings; others are read every time. */
export function readingsOf(clock: Clock): ReadingClock {
  return clock instanceof TurnClock ? clock : new EveryReading(clock);
}

class EveryReading implements ReadingClock {
  nowMs = 0;
  readonly #clock: Clock;
  #number = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(): number {
    this.nowMs = this.#clock.now();
    return (this.#number = nextNumber(this.#number));
  }
}

/** Small integers cost nothing to keep. */
function nextNumber(number: number): number {
  return number === 0x3fff_ffff ? 1 : number + 1;
}

/** So many readings share one at first; twice as many as before, each time that they were close. */
const REUSED = 15;
const REUSED_MAX = 63;
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

export class TurnClock implements Clock, ReadingClock {
  nowMs = -Infinity;
  readonly #clock: Clock;
  readonly #later: (run: () => void) => void;
  readonly #endTurn: () => void;
  #number = 0;
  /** Readings that may still have what was read last. */
  #left = 0;
  /** Readings that the next one will be shared by. */
  #share = REUSED;
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
      this.#share = REUSED;
      this.#left = 0;
    };
  }

  now(): number {
    this.take();
    return this.nowMs;
  }

  take(): number {
    if (this.#left > 0) this.#left--;
    else this.#read();
    return this.#number;
  }

  #read(): void {
    this.#number = nextNumber(this.#number);
    const nowMs = this.#clock.now();
    const isClose = nowMs - this.nowMs < CLOSE_MS;
    this.nowMs = nowMs;
    if (this.#pause > 0) {
      this.#pause--;
      return;
    }
    if (!isClose) {
      this.#share = REUSED;
      return;
    }
    if (this.#isWatched) this.#wasReused = true;
    else {
      this.#isWatched = true;
      this.#later(this.#endTurn);
    }
    this.#left = this.#share;
    this.#share = Math.min(REUSED_MAX, 2 * this.#share + 1);
  }
}
