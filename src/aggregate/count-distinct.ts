/**
 * COUNT_DISTINCT(x) and COUNT(DISTINCT x): exact up to `exactMax` different values a group, beyond
 * a HyperLogLog with a standard error of 1.6 %. Values are told apart by `=`: 1 and 1.0 are one,
 * '1' is another.
 */
import { DistinctSketch } from '../sketch/distinct.ts';
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate, ValueNote } from './contract.ts';
import { partialOf } from './partial.ts';
import { identityText } from './identity-text.ts';
import { TEXT_BYTES } from './state-bytes.ts';

const KIND = 'count_distinct';

/** Texts while exact, registers beyond, null for none. */
type DistinctState = readonly string[] | Uint8Array | null;

interface DistinctPartial extends AggregatePartial {
  readonly states: readonly DistinctState[];
}

export class CountDistinctAggregate implements GroupedAggregate {
  readonly skipped = 0;
  readonly #exactMax: number;
  #sketches: (DistinctSketch | null)[] = [];

  constructor(exactMax: number) {
    this.#exactMax = exactMax;
  }

  get bytes(): number {
    let bytes = 0;
    for (const sketch of this.#sketches) {
      bytes += (sketch?.texts?.size ?? 0) * TEXT_BYTES + (sketch?.registers?.byteLength ?? 0);
    }
    return bytes;
  }

  grow(count: number): void {
    while (this.#sketches.length < count) this.#sketches.push(null);
  }

  add(group: number, value: Value): void {
    if (value !== null) this.#sketch(group).add(identityText(value));
  }

  encode(count: number): DistinctPartial {
    return { kind: KIND, states: this.#sketches.slice(0, count).map(stateOf) };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { states } = partialOf<DistinctPartial>(partial, KIND);
    for (let g = 0; g < states.length; g++) {
      const state = states[g];
      if (state === null || state === undefined) continue;
      const sketch = this.#sketch(remap[g]!);
      if (state instanceof Uint8Array) sketch.mergeRegisters(state);
      else for (const text of state) sketch.add(text);
    }
  }

  noteOf(group: number): ValueNote | null {
    return (this.#sketches[group]?.exact ?? true) ? null : 'estimated';
  }

  result(group: number): Value {
    return this.#sketches[group]?.count() ?? 0;
  }

  reset(): void {
    this.#sketches.fill(null);
  }

  #sketch(group: number): DistinctSketch {
    let sketch = this.#sketches[group];
    if (sketch === null || sketch === undefined) {
      sketch = new DistinctSketch(this.#exactMax);
      this.#sketches[group] = sketch;
    }
    return sketch;
  }
}

function stateOf(sketch: DistinctSketch | null): DistinctState {
  if (sketch === null) return null;
  return sketch.texts === null ? sketch.registers!.slice() : [...sketch.texts];
}
