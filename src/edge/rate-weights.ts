/**
 * At most so many events in each second of event time, each with the number of events that it
 * stands for, known at once and right on average: sums of weights estimate what was offered,
 * however the rate moves and whatever the others take.
 *
 * Event i of a second (from 1) is due with chance C(i) − C(i − 1) and then weighs 1 over that:
 *
 *     C(i) = K·i / 2h          up to h events, what is expected of a second
 *     C(i) = K·(1 − h / 2i)    beyond, so that no number of events uses up the K
 *
 * One point is drawn in each of the K unit intervals of C; an event is taken once for every point
 * in its part. So half of K serves a steady stream, the other half is kept for surges, and a second
 * of up to K/2 events is taken whole, with weights of 1. h is what the last second with events had.
 * @see Tillé, Sampling Algorithms, 7 (unequal chances, one draw a stratum)
 */
import { murmurOfWhole, WORD } from './sample-hash.ts';

/** Seconds may come mixed; those so far behind the latest of their slot are left out. */
const SECONDS = 64;
/** So many seconds back a second with events is looked for. */
const LOOK_BACK = 4;
/** Seconds and draws that have hashes of their own; beyond, they are used again. */
const SECONDS_HASHED = 2 ** 31;
const DRAWS_HASHED = 2 ** 20;

export class RateWeights {
  readonly #perSecond: number;
  readonly #seed: number;
  readonly #seconds: Float64Array = new Float64Array(SECONDS).fill(-Infinity);
  readonly #offered: Float64Array = new Float64Array(SECONDS);
  readonly #expected: Float64Array = new Float64Array(SECONDS);
  /** Points that lie behind. */
  readonly #drawn: Float64Array = new Float64Array(SECONDS);
  readonly #nextPoint: Float64Array = new Float64Array(SECONDS);

  constructor(perSecond: number, seed: number) {
    this.#perSecond = perSecond;
    this.#seed = seed;
  }

  /** How many events this one stands for; 0: it is not taken. */
  weigh(timeMs: number): number {
    const second = Math.floor(timeMs / 1_000);
    const slot = slotOf(second);
    if (this.#seconds[slot]! > second) return 0;
    if (this.#seconds[slot]! < second) this.#begin(second, slot);
    const i = ++this.#offered[slot]!;
    const due = this.#due(i, slot);
    let points = 0;
    while (this.#nextPoint[slot]! <= due) {
      points++;
      this.#drawn[slot]!++;
      this.#nextPoint[slot] = this.#point(second, this.#drawn[slot]!);
    }
    return points === 0 ? 0 : points / (due - this.#due(i - 1, slot));
  }

  #begin(second: number, slot: number): void {
    this.#seconds[slot] = second;
    this.#offered[slot] = 0;
    this.#drawn[slot] = 0;
    this.#nextPoint[slot] = this.#point(second, 0);
    let before = second - 1;
    while (before > second - LOOK_BACK && this.#seconds[slotOf(before)] !== before) before--;
    const last = slotOf(before);
    const offered = this.#seconds[last] === before ? this.#offered[last]! : 0;
    this.#expected[slot] = Math.max(this.#perSecond / 2, offered);
  }

  #due(i: number, slot: number): number {
    const expected = this.#expected[slot]!;
    if (i <= expected) return (this.#perSecond * i) / (2 * expected);
    return this.#perSecond * (1 - expected / (2 * i));
  }

  /** In (draw, draw + 1]. */
  #point(second: number, draw: number): number {
    const place = (((second % SECONDS_HASHED) + SECONDS_HASHED) % SECONDS_HASHED) * DRAWS_HASHED;
    const hash = murmurOfWhole(place + (draw % DRAWS_HASHED), this.#seed);
    return draw + (hash + 1) / WORD;
  }
}

function slotOf(second: number): number {
  return ((second % SECONDS) + SECONDS) % SECONDS;
}
