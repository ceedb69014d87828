/** SAMPLES(n): the n earliest events of a group, in event order; null if there are none. */
import type { Value } from '../model/value.ts';
import type { AggregatePartial, EventOrder, GroupedAggregate } from './contract.ts';
import { comparePositions, positionOf } from './event-position.ts';
import { partialOf } from './partial.ts';
import { EVENT_BYTES } from './state-bytes.ts';

const KIND = 'samples';

interface Sample {
  readonly at: EventOrder;
  readonly event: Value;
}

interface SamplesPartial extends AggregatePartial {
  readonly samples: readonly (readonly Sample[])[];
}

export class SamplesAggregate implements GroupedAggregate {
  readonly skipped = 0;
  readonly #max: number;
  /** Of each group, earliest first. */
  #samples: Sample[][] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get bytes(): number {
    let events = 0;
    for (const own of this.#samples) events += own.length;
    return events * EVENT_BYTES;
  }

  grow(count: number): void {
    while (this.#samples.length < count) this.#samples.push([]);
  }

  add(group: number, event: Value, order: EventOrder): void {
    if (event !== null) this.#offer(group, event, order);
  }

  encode(count: number): SamplesPartial {
    return { kind: KIND, samples: this.#samples.slice(0, count).map((own) => [...own]) };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { samples } = partialOf<SamplesPartial>(partial, KIND);
    for (let g = 0; g < samples.length; g++) {
      for (const { at, event } of samples[g]!) this.#offer(remap[g]!, event, at);
    }
  }

  result(group: number): Value {
    const own = this.#samples[group] ?? [];
    return own.length === 0 ? null : own.map(({ event }) => event);
  }

  reset(): void {
    for (const own of this.#samples) own.length = 0;
  }

  #offer(group: number, event: Value, order: EventOrder): void {
    const own = this.#samples[group]!;
    let place = own.length;
    while (place > 0 && comparePositions(order, own[place - 1]!.at) < 0) place--;
    if (place >= this.#max) return;
    own.splice(place, 0, { at: positionOf(order), event });
    if (own.length > this.#max) own.pop();
  }
}
