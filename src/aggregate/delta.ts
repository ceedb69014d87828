/**
 * DELTA(x), INCREASE(x): how much a counter grew, in event order; a fall is a restart from 0, so
 * the reading after it counts whole. Null below two readings.
 *
 * A group keeps its readings with their places, so that those of several agents and shards
 * interleave as their times say: exact up to {@link STRETCHES_MAX} readings. Beyond, the older half
 * is joined pairwise into stretches that know their first and last reading and their growth. Then
 * the answer stays exact as long as no reading arrives that lies inside a joined stretch, which
 * holds for counters that one agent reports in order: group by who counts.
 */
import type { Value } from '../model/value.ts';
import type { AggregatePartial, EventOrder, GroupedAggregate } from './contract.ts';
import { comparePositions, positionOf } from './event-position.ts';
import { partialOf } from './partial.ts';

const KIND = 'delta';
/** Kept of a group. */
export const STRETCHES_MAX = 1_024;

/** Consecutive readings; one alone is its own first and last. */
interface Stretch {
  readonly start: EventOrder;
  readonly first: number;
  readonly last: number;
  readonly grown: number;
}

interface DeltaPartial extends AggregatePartial {
  readonly stretches: readonly (readonly Stretch[] | null)[];
}

export class DeltaAggregate implements GroupedAggregate {
  skipped = 0;
  #stretches: (Stretch[] | null)[] = [];

  grow(count: number): void {
    while (this.#stretches.length < count) this.#stretches.push(null);
  }

  add(group: number, value: Value, order: EventOrder): void {
    if (typeof value === 'number') {
      this.#keep(group, { start: positionOf(order), first: value, last: value, grown: 0 });
    } else if (value !== null) {
      this.skipped++;
    }
  }

  encode(count: number): DeltaPartial {
    const stretches = this.#stretches.slice(0, count).map((own) => own?.slice() ?? null);
    return { kind: KIND, stretches };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { stretches } = partialOf<DeltaPartial>(partial, KIND);
    for (let g = 0; g < stretches.length; g++) {
      for (const stretch of stretches[g] ?? []) this.#keep(remap[g]!, stretch);
    }
  }

  result(group: number): Value {
    const own = inOrder(this.#stretches[group] ?? []);
    const [first, ...others] = own;
    // A stretch of several readings is only ever one of many.
    if (first === undefined || others.length === 0) return null;
    const { grown } = others.reduce(joined, first);
    return Number.isFinite(grown) ? grown : null;
  }

  reset(): void {
    this.skipped = 0;
    this.#stretches.fill(null);
  }

  #keep(group: number, stretch: Stretch): void {
    const own = this.#stretches[group];
    if (own === null || own === undefined) {
      this.#stretches[group] = [stretch];
      return;
    }
    own.push(stretch);
    if (own.length > STRETCHES_MAX) this.#stretches[group] = compacted(own);
  }
}

/** The older half, pair by pair, and the newer half as it is. */
function compacted(stretches: readonly Stretch[]): Stretch[] {
  const ordered = inOrder(stretches);
  const half = ordered.length >> 1;
  const kept: Stretch[] = [];
  for (let i = 0; i < half; i += 2) {
    const [one, next] = [ordered[i]!, ordered[i + 1]];
    kept.push(next === undefined || i + 1 === half ? one : joined(one, next));
  }
  return [...kept, ...ordered.slice(half)];
}

function joined(a: Stretch, b: Stretch): Stretch {
  const between = b.first >= a.last ? b.first - a.last : b.first;
  return { start: a.start, first: a.first, last: b.last, grown: a.grown + between + b.grown };
}

function inOrder(stretches: readonly Stretch[]): Stretch[] {
  return stretches.toSorted((a, b) => comparePositions(a.start, b.start));
}
