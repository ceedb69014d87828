/**
 * Which queries go unevaluated while the engine cannot keep up. Shards say how busy they are and
 * how far behind; when one is both for a while, the costliest queries are shed, those that somebody
 * merely watches before those that stand (alert rules, saved queries), a part of the load at a
 * time; among the watched ones those first whose client takes more of the work than one may. When
 * all is calm they come back by probes: one query first, then twice as many with each probe that
 * stays, but of no more than a part of the load. If the lag returns, the probe goes again, and the
 * next is of one query and waits twice as long.
 *
 * Invariants: nothing is shed unless a shard is busy and behind; whatever is shed is tried again
 * within `shedProbeMsMax` of the last decision, so shedding ends by itself.
 */
import type { Config } from '../config.ts';
import type { ShardLoad } from '../shard/messages.ts';

export interface Sheddable {
  /** As shards know it. */
  readonly stage: string;
  /** Who asked first; null: the engine itself. */
  readonly owner: string | null;
  /** Shed only when nothing else is left. */
  readonly isStanding: boolean;
}

export interface ShedDecision<T> {
  readonly query: T;
  readonly isShed: boolean;
}

interface Shed<T> {
  readonly query: T;
  readonly share: number;
}

type ShedConfig = Pick<
  Config,
  | 'shedBusyPercent'
  | 'shedLagMs'
  | 'shedAfterMs'
  | 'shedCalmMs'
  | 'shedProbeMsMax'
  | 'clientWorkPercentMax'
>;

/** What one step takes off, of all work, and what one probe may bring back. */
const STEP_SHARE = 0.2;
/**
 * Standing queries are shed only so many `shedAfterMs` after the last that somebody watches: what
 * the others left behind has to be worked off, and shards to be heard of, first.
 */
const STANDING_PATIENCE = 4;

export class Shedder<T extends Sheddable> {
  readonly #config: ShedConfig;
  readonly #loads = new Map<number, ShardLoad>();
  /** Lag of each shard falls: what was shed is enough, and the backlog is being worked off. */
  readonly #isRecovering = new Set<number>();
  readonly #shed = new Map<T, Shed<T>>();
  #overloadedSinceMs = Infinity;
  #calmSinceMs = -Infinity;
  #nextStepMs = -Infinity;
  /** Queries that somebody watches were shed last. */
  #watchedShedMs = -Infinity;
  #nextProbeMs = -Infinity;
  #probeWaitMs: number;
  /** How many may come back at once. */
  #probeQueries = 1;
  /** Came back last and are still watched; empty: none. */
  #probed: readonly Shed<T>[] = [];
  #probedUntilMs = Infinity;

  constructor(config: ShedConfig) {
    this.#config = config;
    this.#probeWaitMs = config.shedCalmMs;
  }

  get queries(): readonly T[] {
    return [...this.#shed.keys()];
  }

  isShed(query: T): boolean {
    return this.#shed.has(query);
  }

  report(shard: number, load: ShardLoad): void {
    const before = this.#loads.get(shard);
    if (before !== undefined && load.lagMs < before.lagMs) this.#isRecovering.add(shard);
    else this.#isRecovering.delete(shard);
    this.#loads.set(shard, load);
  }

  /** The shard is gone, and what it said with it. */
  lost(shard: number): void {
    this.#loads.delete(shard);
    this.#isRecovering.delete(shard);
  }

  /** The query has ended. */
  forget(query: T): void {
    this.#shed.delete(query);
    this.#probed = this.#probed.filter((one) => one.query !== query);
  }

  /** What changes now. `queryOf` finds a query by its stage. */
  decide(nowMs: number, queryOf: (stage: string) => T | undefined): ShedDecision<T>[] {
    const isOverloaded = this.#watch(nowMs);
    if (nowMs >= this.#probedUntilMs && !isOverloaded) this.#stayed();
    if (isOverloaded && nowMs >= this.#nextStepMs) {
      const shed = this.#probed.length > 0 ? this.#unprobe() : this.#step(nowMs, queryOf);
      if (shed.length > 0) {
        this.#nextStepMs = nowMs + this.#config.shedAfterMs;
        this.#nextProbeMs = nowMs + this.#probeWaitMs;
      }
      return shed.map(({ query }) => ({ query, isShed: true }));
    }
    return this.#probe(nowMs, isOverloaded);
  }

  /** True: some shard has been busy and behind for as long as it takes. */
  #watch(nowMs: number): boolean {
    const { shedBusyPercent, shedLagMs, shedAfterMs } = this.#config;
    let isStrained = false;
    let isCalm = true;
    for (const [shard, { busy, lagMs }] of this.#loads) {
      const isBusy = busy * 100 >= shedBusyPercent;
      isStrained ||= isBusy && lagMs >= shedLagMs && !this.#isRecovering.has(shard);
      isCalm &&= !isBusy || lagMs < shedLagMs / 2;
    }
    if (!isStrained) this.#overloadedSinceMs = Infinity;
    else if (this.#overloadedSinceMs === Infinity) this.#overloadedSinceMs = nowMs;
    if (!isCalm) this.#calmSinceMs = Infinity;
    else if (this.#calmSinceMs === Infinity) this.#calmSinceMs = nowMs;
    return nowMs - this.#overloadedSinceMs >= shedAfterMs;
  }

  /** The next probe may come soon, and be larger. */
  #stayed(): void {
    this.#endProbe(this.#probeQueries * 2);
    this.#probeWaitMs = this.#config.shedCalmMs;
  }

  /** The probe has failed. */
  #unprobe(): readonly Shed<T>[] {
    const failed = this.#probed;
    for (const one of failed) this.#shed.set(one.query, one);
    this.#endProbe(1);
    this.#probeWaitMs = Math.min(this.#probeWaitMs * 2, this.#config.shedProbeMsMax);
    return failed;
  }

  #endProbe(nextQueries: number): void {
    this.#probed = [];
    this.#probedUntilMs = Infinity;
    this.#probeQueries = nextQueries;
  }

  /** The costliest, until a part of the load is off; standing queries alone, one at a time. */
  #step(nowMs: number, queryOf: (stage: string) => T | undefined): Shed<T>[] {
    const shares = new Map<T, number>();
    for (const { costs } of this.#loads.values()) {
      for (const { pipeline, share } of costs) {
        const query = queryOf(pipeline);
        if (query === undefined || this.isShed(query)) continue;
        shares.set(query, (shares.get(query) ?? 0) + share);
      }
    }
    const candidates = Array.from(shares, ([query, share]) => ({ query, share }));
    candidates.sort((a, b) => b.share - a.share);
    const adHoc = candidates.filter(({ query }) => !query.isStanding);
    if (adHoc.length > 0) this.#watchedShedMs = nowMs;
    else if (nowMs < this.#watchedShedMs + STANDING_PATIENCE * this.#config.shedAfterMs) return [];
    const chosen: Shed<T>[] = [];
    let share = 0;
    const first = adHoc.length > 0 ? this.#overBudget(adHoc) : candidates.slice(0, 1);
    for (const candidate of first) {
      if (share >= STEP_SHARE) break;
      share += candidate.share;
      chosen.push(candidate);
    }
    for (const one of chosen) this.#shed.set(one.query, one);
    this.#endProbe(1);
    return chosen;
  }

  /** Those of clients that take more of the work than one may; all, if none does. */
  #overBudget(adHoc: readonly Shed<T>[]): readonly Shed<T>[] {
    const { clientWorkPercentMax } = this.#config;
    let work = 0;
    const byOwner = new Map<string | null, number>();
    for (const { query, share } of adHoc) {
      work += share;
      byOwner.set(query.owner, (byOwner.get(query.owner) ?? 0) + share);
    }
    const over = adHoc.filter(
      ({ query }) => (byOwner.get(query.owner) ?? 0) * 100 > work * clientWorkPercentMax,
    );
    return over.length > 0 ? over : adHoc;
  }

  #probe(nowMs: number, isOverloaded: boolean): ShedDecision<T>[] {
    const mayProbe = this.#shed.size > 0 && this.#probedUntilMs === Infinity;
    if (!mayProbe || nowMs < this.#nextProbeMs) return [];
    const { shedAfterMs, shedCalmMs, shedProbeMsMax } = this.#config;
    const isCalm = nowMs - this.#calmSinceMs >= shedCalmMs;
    // However long it lasts: perhaps it is another query's doing by now.
    const isOverdue = nowMs - this.#nextProbeMs >= shedProbeMsMax;
    if (isOverloaded ? !isOverdue : !isCalm && !isOverdue) return [];
    this.#probed = this.#nextBack();
    for (const { query } of this.#probed) this.#shed.delete(query);
    this.#probedUntilMs = nowMs + 2 * shedAfterMs;
    this.#nextProbeMs = nowMs + this.#probeWaitMs;
    return this.#probed.map(({ query }) => ({ query, isShed: false }));
  }

  /** Of the next probe: at least one. */
  #nextBack(): readonly Shed<T>[] {
    const waiting = [...this.#shed.values()].sort(byReturn).slice(0, this.#probeQueries);
    let share = 0;
    const tooMuch = waiting.findIndex((one, at) => {
      share += one.share;
      return at > 0 && share > STEP_SHARE;
    });
    return tooMuch < 0 ? waiting : waiting.slice(0, tooMuch);
  }
}

/** Standing queries first, then the cheapest. */
function byReturn<T extends Sheddable>(one: Shed<T>, other: Shed<T>): number {
  const { isStanding } = one.query;
  if (isStanding !== other.query.isStanding) return isStanding ? -1 : 1;
  return one.share - other.share;
}
