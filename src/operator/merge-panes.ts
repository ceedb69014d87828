/**
 * Merges what shards know of the panes of one window into one table of groups. The group cap is
 * applied here, once: whoever exceeds it folds into the exact group `__other__`. Which groups keep
 * their names does not depend on the order of arrival: those named in the window before come first,
 * then the earliest seen, then the smallest key.
 */
import { aggregateFrom } from '../aggregate/catalogue.ts';
import type { GroupedAggregate, ResultContext } from '../aggregate/contract.ts';
import { assert } from '../core/assert.ts';
import type { AggregateStage } from '../ir/plan.ts';
import { groupKey } from '../model/group-key.ts';
import type { Value } from '../model/value.ts';
import type { GroupPartial } from '../window/pane-partial.ts';

/** Stands in every key column of the group that holds what exceeded the cap. */
export const OTHER_GROUP = '__other__';

export class GroupMerge {
  readonly #stage: AggregateStage;
  readonly #groupsMax: number;
  readonly #groups = new Map<string, number>();
  #keys: (readonly Value[])[] = [];
  #firstSeenMs: number[] = [];
  #aggregates: GroupedAggregate[];
  /** Number of the group that shards and agents folded into; −1: none. */
  #overflow = -1;
  #namedBefore: ReadonlySet<string> = new Set();

  constructor(stage: AggregateStage, options: { readonly groupsMax: number }) {
    this.#stage = stage;
    this.#groupsMax = options.groupsMax;
    this.#aggregates = createAggregates(stage);
  }

  /** Groups met, without the overflow group. */
  get groupCount(): number {
    return this.#groups.size;
  }

  add(partial: GroupPartial): void {
    const count = partial.keys.length;
    if (count === 0) return;
    const remap = new Uint32Array(count);
    for (let g = 0; g < count; g++) {
      remap[g] = g === partial.overflow ? this.#overflowGroup() : this.#group(partial, g);
    }
    for (let i = 0; i < this.#aggregates.length; i++) {
      const aggregate = this.#aggregates[i]!;
      aggregate.grow(this.#keys.length);
      aggregate.merge(partial.aggregates[i]!, remap);
    }
  }

  /** One row of slots a group: keys, then results. In order of first event, then key. */
  rows(context: ResultContext): Value[][] {
    const names = [...this.#groups.keys()];
    const inOrder = names.sort((a, b) => this.#compareNames(a, b));
    const isOver = inOrder.length > this.#groupsMax;
    const named = isOver ? inOrder.slice(0, this.#groupsMax) : inOrder;
    const aggregates = isOver ? this.#fold(named) : this.#aggregates;
    const rows = named.map((name, rank) => {
      const group = this.#groups.get(name)!;
      const at = isOver ? rank : group;
      return [...this.#keys[group]!, ...aggregates.map((a) => a.result(at, context))];
    });
    const other = isOver ? named.length : this.#overflow;
    if (other >= 0) {
      const keys = this.#stage.keys.map(() => OTHER_GROUP);
      rows.push([...keys, ...aggregates.map((a) => a.result(other, context))]);
    }
    this.#namedBefore = new Set(named);
    return rows;
  }

  reset(): void {
    this.#groups.clear();
    this.#keys = [];
    this.#firstSeenMs = [];
    this.#overflow = -1;
    for (const aggregate of this.#aggregates) aggregate.reset();
  }

  #group(partial: GroupPartial, g: number): number {
    const key = partial.keys[g]!;
    const name = groupKey(key);
    const firstSeenMs = partial.firstSeenMs[g]!;
    const known = this.#groups.get(name);
    if (known !== undefined) {
      if (firstSeenMs < this.#firstSeenMs[known]!) this.#firstSeenMs[known] = firstSeenMs;
      return known;
    }
    const group = this.#keys.length;
    this.#groups.set(name, group);
    this.#keys.push(key);
    this.#firstSeenMs.push(firstSeenMs);
    return group;
  }

  #overflowGroup(): number {
    if (this.#overflow < 0) {
      this.#overflow = this.#keys.length;
      this.#keys.push([]);
      this.#firstSeenMs.push(Infinity);
    }
    return this.#overflow;
  }

  #compareNames(a: string, b: string): number {
    if (this.#groups.size > this.#groupsMax) {
      const before = Number(this.#namedBefore.has(b)) - Number(this.#namedBefore.has(a));
      if (before !== 0) return before;
    }
    const seenA = this.#firstSeenMs[this.#groups.get(a)!]!;
    const seenB = this.#firstSeenMs[this.#groups.get(b)!]!;
    if (seenA !== seenB) return seenA < seenB ? -1 : 1;
    return a < b ? -1 : 1;
  }

  /** New aggregates in which group r is the r-th named one and the last holds all others. */
  #fold(named: readonly string[]): GroupedAggregate[] {
    const count = this.#keys.length;
    const remap = new Uint32Array(count).fill(named.length);
    for (const [rank, name] of named.entries()) remap[this.#groups.get(name)!] = rank;
    const folded = createAggregates(this.#stage);
    for (const [i, aggregate] of folded.entries()) {
      aggregate.grow(named.length + 1);
      aggregate.merge(this.#aggregates[i]!.encode(count), remap);
    }
    return folded;
  }
}

/** @throws Defect for a name that plan validation should have refused. */
export function createAggregates(stage: AggregateStage): GroupedAggregate[] {
  return stage.aggregates.map((spec) => {
    const aggregate = aggregateFrom(spec);
    assert(aggregate !== null, () => `no aggregate is called ${spec.name}`);
    return aggregate;
  });
}
