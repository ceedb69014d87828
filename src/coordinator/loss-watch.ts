/**
 * What was lost for one pipeline since its last result: agents and shards count cumulatively, a
 * result wants the increase. Each sender is held against itself, so that no loss hides behind
 * another that is gone; a shard that starts anew counts from zero again.
 */
import type { StreamCounts } from '../wire/agent-messages.ts';
import type { PanesMessage } from '../shard/messages.ts';
import { addCounts, emptyCounts, increase, NO_LOSSES } from './counts.ts';
import type { Counts } from './counts.ts';
import type { SourceGroup } from './source-group.ts';

interface ShardCounts {
  readonly late: number;
  readonly dropped: Counts;
}

/** Under which the totals of a stream have what is lost to queries that do not stand. */
const SHED_AD_HOC = 'agent_shed of what does not stand';

const NOTHING: ShardCounts = { late: 0, dropped: NO_LOSSES };

export class LossWatch {
  readonly #group: Pick<SourceGroup, 'losses'>;
  readonly #isStanding: () => boolean;
  /** Those that lost anything. */
  #shards: Map<number, ShardCounts> | null = null;
  /** What of each page of the roster's losses was told. */
  readonly #told = new WeakMap<ReadonlyMap<string, number>, Counts>();
  #late = 0;
  #dropped: Record<string, number> | null = null;
  #total: Record<string, number> | null = null;

  /** Of the losses that were asked for last: events that agents looked at for others only. */
  shedAdHoc = 0;

  /** `isStanding`: whether agents leave out others first. */
  constructor(group: Pick<SourceGroup, 'losses'>, isStanding: () => boolean) {
    this.#group = group;
    this.#isStanding = isStanding;
    for (const page of group.losses()) this.#told.set(page, countsFrom(page));
  }

  /** What a shard counted so far; returns how many more events were late. */
  update(shard: number, { late, dropped }: Pick<PanesMessage, 'late' | 'dropped'>): number {
    const before = this.#shards?.get(shard) ?? NOTHING;
    if (late <= before.late && isKnown(dropped, before.dropped)) return 0;
    const news = Math.max(0, late - before.late);
    this.#late += news;
    const lost = increase(before.dropped, dropped);
    if (!isEmpty(lost)) {
      addCounts((this.#dropped ??= emptyCounts()), lost);
      addCounts((this.#total ??= emptyCounts()), lost);
    }
    // A shard tells of some of its counts here and of others there.
    const known = { ...before.dropped, ...dropped };
    this.#shards ??= new Map();
    this.#shards.set(shard, { late: Math.max(before.late, late), dropped: known });
    return news;
  }

  lose(shard: number): void {
    this.#shards?.delete(shard);
  }

  /** What shards lost of the pipeline since it began, by reason. */
  get total(): Counts {
    return this.#total ?? NO_LOSSES;
  }

  /** Late events since the last call. */
  late(): number {
    const late = this.#late;
    this.#late = 0;
    return late;
  }

  /** Events lost since the last call, by reason. */
  losses(): Counts {
    let losses = this.#dropped;
    this.#dropped = null;
    for (const page of this.#group.losses()) {
      if (page.size === 0) continue;
      const now = countsFrom(page);
      const news = increase(this.#told.get(page) ?? {}, now);
      this.#told.set(page, now);
      if (isEmpty(news)) continue;
      losses ??= emptyCounts();
      addCounts(losses, news);
    }
    return this.#withShed(losses ?? NO_LOSSES);
  }

  #withShed(losses: Counts): Counts {
    this.shedAdHoc = 0;
    if (losses === NO_LOSSES) return losses;
    const { [SHED_AD_HOC]: shed = 0, ...others } = losses;
    this.shedAdHoc = this.#isStanding() ? 0 : shed;
    if (this.shedAdHoc === 0) return others;
    return { ...others, agent_shed: (others['agent_shed'] ?? 0) + this.shedAdHoc };
  }
}

/** What an agent says it lost of a stream, for its totals. */
export function lostOf(counts: StreamCounts | null | undefined): Counts {
  const { dropped = {}, shedAdHoc = 0 } = counts ?? {};
  return shedAdHoc > 0 ? { ...dropped, [SHED_AD_HOC]: shedAdHoc } : dropped;
}

/** Nothing that was not known before; nearly every window of a healthy engine. */
function isKnown(counts: Counts, known: Counts): boolean {
  for (const reason in counts) {
    if (counts[reason]! > (Object.hasOwn(known, reason) ? known[reason]! : 0)) return false;
  }
  return true;
}

function isEmpty(counts: Counts): boolean {
  for (const _ in counts) return false;
  return true;
}

function countsFrom(page: ReadonlyMap<string, number>): Counts {
  const counts = emptyCounts();
  for (const [reason, n] of page) counts[reason] = n;
  return counts;
}
