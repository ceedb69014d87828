/** Draws from the distributions that telemetry looks like. */
import type { Rng } from '../../src/core/rng.ts';

/** A whole number with this mean; enough like Poisson for traffic. */
export function countAround(rng: Rng, mean: number): number {
  const spread = Math.sqrt(mean) * normal(rng);
  return Math.max(0, Math.floor(mean + (mean > 10 ? spread : 0) + rng.next()));
}

/** Box and Muller's transform. */
export function normal(rng: Rng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - rng.next()));
  return radius * Math.cos(2 * Math.PI * rng.next());
}

/** Durations: `median`, and about `median × e^(2·spread)` at the 97.7th percentile. */
export function logNormal(rng: Rng, median: number, spread: number): number {
  return median * Math.exp(spread * normal(rng));
}

/** One of the items, by weight. */
export function weighted<T>(rng: Rng, items: readonly (readonly [T, number])[]): T {
  let total = 0;
  for (const [, weight] of items) total += weight;
  let left = rng.next() * total;
  for (const [item, weight] of items) {
    left -= weight;
    if (left < 0) return item;
  }
  return (items.at(-1) as readonly [T, number])[0];
}

/** The first items far more often than the last (Zipf's law with exponent 1). */
export function popular<T>(rng: Rng, items: readonly T[]): T {
  const rank = Math.floor(Math.exp(rng.next() * Math.log(items.length + 1)));
  return items[Math.min(rank, items.length) - 1] as T;
}
