/** Double exponential smoothing and Holt-Winters, replayed from the first reading each time. */
import type { Moment, Reading } from './reference-reading.ts';

/** What level and trend predict for the next window. */
export function expectTrend(past: readonly Reading[], alpha: number, beta: number): number | null {
  const [first, second, ...rest] = past;
  if (first === undefined || second === undefined) return null;
  let level = second.x;
  let trend = second.x - first.x;
  for (const { x } of rest) {
    const before = level;
    level = alpha * x + (1 - alpha) * (before + trend);
    trend = beta * (level - before) + (1 - beta) * trend;
  }
  return level + trend;
}

/** @param weights α, β, γ and the length of the season in windows. */
export function expectSeason(
  past: readonly Reading[],
  [alpha = 0, beta = 0, gamma = 0, length = 1]: readonly number[],
  at: Moment,
): number | null {
  const start = past[0]?.number ?? at.number;
  const first = past.filter(({ number }) => number < start + length);
  const rest = past.slice(first.length);
  // The first season ends with its last window, or when a later one comes.
  const isOver = rest.length > 0 || first.at(-1)?.number === start + length - 1;
  if (!isOver) return null;
  let level = first.reduce((sum, { x }) => sum + x, 0) / first.length;
  let trend = 0;
  const season = new Map(first.map(({ number, x }) => [number % length, x - level]));
  for (const { number, x } of rest) {
    const expected = level + trend;
    const own = season.get(number % length);
    if (own === undefined) {
      season.set(number % length, x - expected);
      level = expected;
      continue;
    }
    const before = level;
    level = alpha * (x - own) + (1 - alpha) * expected;
    trend = beta * (level - before) + (1 - beta) * trend;
    season.set(number % length, gamma * (x - expected) + (1 - gamma) * own);
  }
  const own = season.get(at.number % length);
  return own === undefined ? null : level + trend + own;
}
