/**
 * LIST(x): a group's values in order of arrival, null if there are none. A group keeps the first
 * `valuesMax` values; those beyond are counted as skipped.
 */
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate, ValueNote } from './contract.ts';
import { partialOf } from './partial.ts';
import { VALUE_BYTES } from './state-bytes.ts';

const KIND = 'list';

interface ListPartial extends AggregatePartial {
  readonly lists: readonly (readonly Value[] | null)[];
}

export class ListAggregate implements GroupedAggregate {
  skipped = 0;
  readonly #valuesMax: number;
  #lists: (Value[] | null)[] = [];

  constructor(valuesMax: number) {
    this.#valuesMax = valuesMax;
  }

  get bytes(): number {
    let values = 0;
    for (const list of this.#lists) values += list?.length ?? 0;
    return values * VALUE_BYTES;
  }

  grow(count: number): void {
    while (this.#lists.length < count) this.#lists.push(null);
  }

  add(group: number, value: Value): void {
    if (value === null) return;
    const list = this.#lists[group];
    if (list === null || list === undefined) this.#lists[group] = [value];
    else if (list.length < this.#valuesMax) list.push(value);
    else this.skipped++;
  }

  encode(count: number): ListPartial {
    const lists = this.#lists.slice(0, count).map((list) => list?.slice() ?? null);
    return { kind: KIND, lists };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { lists } = partialOf<ListPartial>(partial, KIND);
    for (let g = 0; g < lists.length; g++) {
      const list = lists[g];
      if (list === null || list === undefined) continue;
      for (const value of list) this.add(remap[g]!, value);
    }
  }

  result(group: number): Value {
    return this.#lists[group]?.slice() ?? null;
  }

  noteOf(group: number): ValueNote | null {
    return (this.#lists[group]?.length ?? 0) < this.#valuesMax ? null : 'cut';
  }

  reset(): void {
    this.skipped = 0;
    this.#lists.fill(null);
  }
}
