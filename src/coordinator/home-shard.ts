/**
 * Which shard runs the home stage of a query: the one with the highest hash of shard and query
 * together, so that queries spread evenly and only those of a lost shard move.
 * @see Thaler, Ravishankar: Using name-based mappings to increase hit rates (rendezvous hashing).
 */
import { hashText } from '../sketch/hash-text.ts';

/** Null: no shard is up. */
export function homeShard(fingerprint: string, shards: Iterable<number>): number | null {
  const hash = { low: 0, high: 0 };
  let best: number | null = null;
  let bestHigh = -1;
  for (const shard of shards) {
    hashText(`${shard} ${fingerprint}`, hash);
    if (hash.high < bestHigh || (hash.high === bestHigh && shard < (best ?? 0))) continue;
    best = shard;
    bestHigh = hash.high;
  }
  return best;
}
