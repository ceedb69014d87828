/**
 * How far the engine's clock is ahead of this process' clock, by the four timestamps of a heartbeat
 * and its pulse (as NTP does): of the last 16 round trips the shortest is believed, because
 * queueing can only make a round trip longer and its two halves unequal.
 * @see RFC 5905, sections 8 and 10
 */
export interface RoundTrip {
  /** Agent's clock. */
  readonly sentMs: number;
  /** Engine's clock. */
  readonly engineReceivedMs: number;
  readonly engineSentMs: number;
  /** Agent's clock. */
  readonly receivedMs: number;
}

const TRIPS_KEPT = 16;
/** Estimates further apart than their round trips allow, and this: a clock was set meanwhile. */
const JUMP_MS = 250;

export class ClockOffset {
  #trips: { readonly delayMs: number; readonly offsetMs: number }[] = [];
  #offsetMs = 0;

  /** To be added to the agent's clock; 0 until something is known. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  add(trip: RoundTrip): void {
    const delayMs = trip.receivedMs - trip.sentMs - (trip.engineSentMs - trip.engineReceivedMs);
    // A negative delay cannot be: one of the clocks was set meanwhile.
    if (delayMs < 0) return;
    const there = trip.engineReceivedMs - trip.sentMs;
    const back = trip.engineSentMs - trip.receivedMs;
    const offsetMs = (there + back) / 2;
    if (this.#isJump(offsetMs, delayMs)) this.#trips = [];
    this.#trips.push({ delayMs, offsetMs });
    if (this.#trips.length > TRIPS_KEPT) this.#trips.shift();
    this.#offsetMs = this.#trips.reduce((best, next) =>
      next.delayMs < best.delayMs ? next : best,
    ).offsetMs;
  }

  /** An estimate is off by half its round trip at most. */
  #isJump(offsetMs: number, delayMs: number): boolean {
    const best = this.#trips.find((trip) => trip.offsetMs === this.#offsetMs);
    if (best === undefined) return false;
    const errorMs = (best.delayMs + delayMs) / 2;
    return Math.abs(offsetMs - best.offsetMs) > errorMs + JUMP_MS;
  }

  /** Another engine may have another clock. The last estimate holds until a new one. */
  restart(): void {
    this.#trips = [];
  }
}
