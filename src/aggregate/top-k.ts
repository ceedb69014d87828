/**
 * TOPK(x, k): the k most frequent values of a group as `{value, count, error}`, most frequent
 * first, null if there are none. Exact (error 0) while a group has no more different values than
 * counters; beyond, a count exceeds the truth by at most its error.
 */
import { TopKSketch } from '../sketch/top-k.ts';
import type { Frequency } from '../sketch/top-k.ts';
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate } from './contract.ts';
import { partialOf } from './partial.ts';
import { valueOfIdentity, identityText } from './identity-text.ts';
import { COUNTER_BYTES } from './state-bytes.ts';

const KIND = 'topk';
/** Counters kept for each of the k places asked for, and at least; more counters, less error. */
const COUNTERS_PER_PLACE = 10;
const COUNTERS_MIN = 100;

interface TopKState {
  readonly frequencies: readonly Frequency[];
  readonly forgottenMax: number;
}

interface TopKPartial extends AggregatePartial {
  readonly states: readonly (TopKState | null)[];
}

export class TopKAggregate implements GroupedAggregate {
  readonly skipped = 0;
  readonly #k: number;
  readonly #capacity: number;
  #sketches: (TopKSketch | null)[] = [];

  constructor(k: number) {
    this.#k = k;
    this.#capacity = Math.max(COUNTERS_MIN, k * COUNTERS_PER_PLACE);
  }

  get bytes(): number {
    let counters = 0;
    for (const sketch of this.#sketches) counters += sketch?.size ?? 0;
    return counters * COUNTER_BYTES;
  }

  grow(count: number): void {
    while (this.#sketches.length < count) this.#sketches.push(null);
  }

  add(group: number, value: Value): void {
    if (value !== null) this.#sketch(group).add(identityText(value));
  }

  encode(count: number): TopKPartial {
    const states = this.#sketches
      .slice(0, count)
      .map((sketch) =>
        sketch === null
          ? null
          : { frequencies: sketch.frequencies(), forgottenMax: sketch.forgottenMax },
      );
    return { kind: KIND, states };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { states } = partialOf<TopKPartial>(partial, KIND);
    for (let g = 0; g < states.length; g++) {
      const state = states[g];
      if (state === null || state === undefined) continue;
      this.#sketch(remap[g]!).merge(state.frequencies, state.forgottenMax);
    }
  }

  result(group: number): Value {
    const sketch = this.#sketches[group];
    if (sketch === null || sketch === undefined) return null;
    return sketch
      .frequencies()
      .slice(0, this.#k)
      .map(({ text, count, error }) => ({ value: valueOfIdentity(text), count, error }));
  }

  reset(): void {
    this.#sketches.fill(null);
  }

  #sketch(group: number): TopKSketch {
    let sketch = this.#sketches[group];
    if (sketch === null || sketch === undefined) {
      sketch = new TopKSketch(this.#capacity);
      this.#sketches[group] = sketch;
    }
    return sketch;
  }
}
