/**
 * What gives way when an agent's queue is full: `drop-oldest`, what has waited longest, so that
 * what arrives is recent · `drop-newest`, what comes, so that what arrives has no holes until then
 * ·
 * `sample`, from half full on a share of what comes, by chance, so that what arrives is spread.
 */
import { murmurOfWhole, WORD } from '../src/edge/sample-hash.ts';

export type WhenFull = 'drop-oldest' | 'drop-newest' | 'sample';

/** `sample` begins at this fill. */
const SAMPLE_FROM = 0.5;
const SEED = 0xf111;

/** Null: the event may come in. Else the reason for which it does not. */
export function refusalOf(
  whenFull: WhenFull,
  fill: number,
  number: number,
): 'queue' | 'queue_sample' | null {
  if (whenFull === 'drop-oldest' || fill < SAMPLE_FROM) return null;
  if (fill >= 1) return 'queue';
  if (whenFull === 'drop-newest') return null;
  const share = (1 - fill) / (1 - SAMPLE_FROM);
  return murmurOfWhole(number, SEED) < share * WORD ? null : 'queue_sample';
}
