/**
 * Latencies of Squilla's own work. Two views of the same recordings: quantiles of the current
 * interval from an HDR histogram, which `reset` empties, and cumulative counts under fixed bounds,
 * which only grow, because that is what a Prometheus histogram must do.
 *
 * HDR histograms hold whole numbers, so values are kept in microseconds; two significant digits
 * bound the error of a quantile by 1 %.
 * @see http://hdrhistogram.org
 */
import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';

/** Upper bounds of the cumulative counts, in milliseconds; one more holds everything above. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100],
  ...[250, 500, 1_000, 2_500, 5_000, 10_000],
];

/** Longer ones are recorded as this: an hour. */
const LATENCY_MS_MAX = 3_600_000;
const MICROSECONDS_PER_MS = 1_000;

/** What `cumulative` gives: never decreasing, from the first recording on. */
export interface CumulativeLatency {
  /** Recordings at most as long as the bound of the same index in LATENCY_BOUNDS_MS. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sumMs: number;
}

export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export class LatencyRecorder {
  readonly #interval: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_MS_MAX * MICROSECONDS_PER_MS,
    numberOfSignificantValueDigits: 2,
    autoResize: false,
  });
  /** Not cumulative yet: recordings between the bound before and this one. */
  readonly #buckets = new Float64Array(LATENCY_BOUNDS_MS.length + 1);
  #count = 0;
  #sumMs = 0;

  /** Negative ones, left by a clock that was set back, count as 0; NaN is no latency: ignored. */
  record(ms: number): void {
    if (Number.isNaN(ms)) return;
    const held = Math.min(Math.max(ms, 0), LATENCY_MS_MAX);
    this.#interval.recordValue(Math.round(held * MICROSECONDS_PER_MS));
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS_MS.length && held > (LATENCY_BOUNDS_MS[bucket] as number)) {
      bucket += 1;
    }
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
    this.#count += 1;
    this.#sumMs += held;
  }

  /** Of the interval, in milliseconds; `q` in [0, 1]. Null: nothing was recorded. */
  quantileMs(q: number): number | null {
    if (this.#interval.totalCount === 0) return null;
    return this.#interval.getValueAtPercentile(q * 100) / MICROSECONDS_PER_MS;
  }

  /** Of the interval. Null: nothing was recorded. */
  summary(): LatencySummary | null {
    const count = this.#interval.totalCount;
    if (count === 0) return null;
    const at = (q: number): number => this.quantileMs(q) ?? 0;
    return {
      count,
      p50Ms: at(0.5),
      p90Ms: at(0.9),
      p99Ms: at(0.99),
      p999Ms: at(0.999),
      maxMs: at(1),
    };
  }

  /** Begins a new interval; cumulative counts stay. */
  reset(): void {
    this.#interval.reset();
  }

  cumulative(): CumulativeLatency {
    let below = 0;
    const counts = LATENCY_BOUNDS_MS.map((_, bucket) => {
      below += this.#buckets[bucket] as number;
      return below;
    });
    return { counts, count: this.#count, sumMs: this.#sumMs };
  }
}
