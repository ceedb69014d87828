/**
 * What was lost for one pipeline since its last result: agents and shards count cumulatively, a
 * result wants the increase. Each sender is held against itself, so that no loss hides behind
 * another that is gone; a shard that starts anew counts from zero again.
 */
import type { PanesMessage } from '../shard/messages.ts';
import { addCounts, emptyCounts, increase } from './counts.ts';
import type { Counts } from './counts.ts';
import type { SourceGroup } from './source-group.ts';

interface ShardCounts {
  readonly late: number;
  readonly dropped: Counts;
}

const NOTHING: ShardCounts = { late: 0, dropped: {} };

export class LossWatch {
  readonly #group: Pick<SourceGroup, 'losses'>;
  readonly #shards = new Map<number, ShardCounts>();
  /** What of each page of the roster's losses was told. */
  readonly #told = new WeakMap<ReadonlyMap<string, number>, Counts>();
  #late = 0;
  #dropped = emptyCounts();
  readonly #total = emptyCounts();

  constructor(group: Pick<SourceGroup, 'losses'>) {
    this.#group = group;
    for (const page of group.losses()) this.#told.set(page, countsFrom(page));
  }

  /** What a shard counted so far; returns how many more events were late. */
  update(shard: number, { late, dropped }: Pick<PanesMessage, 'late' | 'dropped'>): number {
    const before = this.#shards.get(shard) ?? NOTHING;
    const news = Math.max(0, late - before.late);
    this.#late += news;
    const lost = increase(before.dropped, dropped);
    addCounts(this.#dropped, lost);
    addCounts(this.#total, lost);
    // A shard tells of some of its counts here and of others there.
    const known = { ...before.dropped, ...dropped };
    this.#shards.set(shard, { late: Math.max(before.late, late), dropped: known });
    return news;
  }

  lose(shard: number): void {
    this.#shards.delete(shard);
  }

  /** What shards lost of the pipeline since it began, by reason. */
  get total(): Counts {
    return this.#total;
  }

  /** Late events since the last call. */
  late(): number {
    const late = this.#late;
    this.#late = 0;
    return late;
  }

  /** Events lost since the last call, by reason. */
  losses(): Counts {
    const losses = this.#dropped;
    this.#dropped = emptyCounts();
    for (const page of this.#group.losses()) {
      const now = countsFrom(page);
      addCounts(losses, increase(this.#told.get(page) ?? {}, now));
      this.#told.set(page, now);
    }
    return losses;
  }
}

function countsFrom(page: ReadonlyMap<string, number>): Counts {
  const counts = emptyCounts();
  for (const [reason, n] of page) counts[reason] = n;
  return counts;
}
