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
    this.#trips.push({ delayMs, offsetMs: (there + back) / 2 });
    if (this.#trips.length > TRIPS_KEPT) this.#trips.shift();
    this.#offsetMs = this.#trips.reduce((best, next) =>
      next.delayMs < best.delayMs ? next : best,
    ).offsetMs;
  }

  /** Another engine may have another clock. The last estimate holds until a new one. */
  restart(): void {
    this.#trips = [];
  }
}
