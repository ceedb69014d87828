/**
 * FIRST(x), LAST(x), ANY(x) and the plain column beside aggregates: the value at the first or last
 * event of a group in event order. ANY is FIRST, so that it never depends on the number of shards.
 * Only `first_event` takes an event whose value is null.
 */
import type { Value } from '../model/value.ts';
import type { AggregatePartial, EventOrder, GroupedAggregate } from './contract.ts';
import { EventOrders } from './event-orders.ts';
import type { OrdersPartial } from './event-orders.ts';
import { partialOf } from './partial.ts';

const KIND = 'at-event';

interface AtEventPartial extends AggregatePartial, OrdersPartial {
  readonly values: readonly Value[];
}

export interface AtEventOptions {
  readonly end: 'first' | 'last';
  /** Events without a value count too. */
  readonly nulls: boolean;
}

export class AtEventAggregate implements GroupedAggregate {
  readonly skipped = 0;
  readonly #last: boolean;
  readonly #nulls: boolean;
  readonly #orders = new EventOrders();
  #values: Value[] = [];

  constructor(options: AtEventOptions) {
    this.#last = options.end === 'last';
    this.#nulls = options.nulls;
  }

  grow(count: number): void {
    this.#orders.grow(count);
    while (this.#values.length < count) this.#values.push(null);
  }

  add(group: number, value: Value, order: EventOrder): void {
    if (value === null && !this.#nulls) return;
    if (this.#orders.has(group)) {
      const compared = this.#orders.compare(group, order);
      if (this.#last ? compared > 0 : compared < 0) return;
    }
    this.#orders.set(group, order);
    this.#values[group] = value;
  }

  encode(count: number): AtEventPartial {
    return { kind: KIND, ...this.#orders.encode(count), values: this.#values.slice(0, count) };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const from = partialOf<AtEventPartial>(partial, KIND);
    for (let g = 0; g < from.values.length; g++) {
      const timeMs = from.times[g]!;
      if (Number.isNaN(timeMs)) continue;
      const order = { timeMs, agentId: from.agents[g]!, sequence: from.sequences[g]! };
      this.add(remap[g]!, from.values[g]!, order);
    }
  }

  result(group: number): Value {
    return this.#values[group] ?? null;
  }

  reset(): void {
    this.#orders.reset();
    this.#values.fill(null);
  }
}
