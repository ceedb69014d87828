/**
 * The groups of one pane with their states, grown one event or one partial at a time: an agent's
 * table, and in a shard what agents told of a pane. Beyond `groupsMax` groups the rest shares one
 * overflow group. (Shards group their own events by columns: `kernel/group.ts`.)
 */
import { aggregateFrom } from '../aggregate/catalogue.ts';
import type { GroupedAggregate } from '../aggregate/contract.ts';
import type { GroupPartial } from '../aggregate/group-partial.ts';
import { VALUE_BYTES } from '../aggregate/state-bytes.ts';
import type { AggregateStage } from '../ir/plan.ts';
import { groupKey } from '../model/group-key.ts';
import type { Value } from '../model/value.ts';
import { grownFloats } from '../sketch/typed-column.ts';

/** As many times the groups a query may show are kept, so that merging can choose. */
export const GROUPS_KEPT_FACTOR = 4;

/** A group's text and its place in the map: an estimate, as engines differ. */
const GROUP_BYTES = 96;

export class GroupStates {
  readonly aggregates: readonly GroupedAggregate[];
  readonly #groupsMax: number;
  readonly #byText = new Map<string, number>();
  #keys: (readonly Value[])[] = [];
  #firstSeenMs: Float64Array = new Float64Array(0);
  #overflow: number | null = null;

  constructor(stage: AggregateStage, groupsMax: number) {
    this.aggregates = stage.aggregates.map(aggregateFrom);
    this.#groupsMax = groupsMax;
  }

  /** Groups given out, the overflow group included. */
  get count(): number {
    return this.#keys.length;
  }

  /** Number of the overflow group; null while there is none. */
  get overflow(): number | null {
    return this.#overflow;
  }

  /** What keys and states take, roughly. */
  get bytes(): number {
    const width = (this.#keys[0]?.length ?? 0) + this.aggregates.length;
    let bytes = this.count * (GROUP_BYTES + width * VALUE_BYTES);
    for (const aggregate of this.aggregates) bytes += aggregate.bytes ?? 0;
    return bytes;
  }

  /** The group of a key tuple, which is kept if it is new. */
  groupOf(key: readonly Value[]): number {
    const text = groupKey(key);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    if (this.#byText.size >= this.#groupsMax) return this.overflowGroup();
    const group = this.#make(key);
    this.#byText.set(text, group);
    return group;
  }

  overflowGroup(): number {
    this.#overflow ??= this.#make([]);
    return this.#overflow;
  }

  /** When the first event of each group happened; another array when groups come. */
  get firstSeenMs(): Float64Array {
    return this.#firstSeenMs;
  }

  /** An event of the group happened then. */
  note(group: number, timeMs: number): void {
    if (timeMs < this.#firstSeenMs[group]!) this.#firstSeenMs[group] = timeMs;
  }

  merge(partial: GroupPartial): void {
    const count = partial.keys.length;
    const remap = new Uint32Array(count);
    for (let g = 0; g < count; g++) {
      const isOverflow = g === partial.overflow;
      remap[g] = isOverflow ? this.overflowGroup() : this.groupOf(partial.keys[g]!);
      this.note(remap[g]!, partial.firstSeenMs[g]!);
    }
    for (let a = 0; a < this.aggregates.length; a++) {
      this.aggregates[a]!.merge(partial.aggregates[a]!, remap);
    }
  }

  /** A copy, owned by the caller. */
  encode(): GroupPartial {
    const { aggregates, count } = this;
    return {
      keys: this.#keys.slice(),
      overflow: this.#overflow,
      firstSeenMs: this.#firstSeenMs.slice(0, count),
      aggregates: aggregates.map((aggregate) => aggregate.encode(count)),
    };
  }

  reset(): void {
    this.#byText.clear();
    this.#keys = [];
    this.#overflow = null;
    this.#firstSeenMs.fill(Infinity);
    for (const aggregate of this.aggregates) aggregate.reset();
  }

  #make(key: readonly Value[]): number {
    const group = this.#keys.push(key) - 1;
    const { count } = this;
    this.#firstSeenMs = grownFloats(this.#firstSeenMs, count, Infinity);
    for (const aggregate of this.aggregates) aggregate.grow(count);
    return group;
  }
}
