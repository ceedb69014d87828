/** SEED replays a failing law, RUNS widens the search. */
import type { Parameters } from 'fast-check';

const RUNS_DEFAULT = 60;

export function lawParameters(runsDefault: number = RUNS_DEFAULT): Parameters<unknown> {
  const seed = process.env['SEED'];
  const runs = Number(process.env['RUNS'] ?? runsDefault);
  return seed === undefined ? { numRuns: runs } : { numRuns: runs, seed: Number(seed) };
}
