/**
 * `agg(DISTINCT x)`: keeps a group's different values (told apart by `=`) in order of arrival and
 * runs the plain aggregate over them when the result is asked for. Exact, hence bounded: a group
 * keeps the first `valuesMax` values, those beyond are counted as skipped.
 */
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate, ResultContext, ValueNote } from './contract.ts';
import { partialOf } from './partial.ts';
import { valueOfIdentity, identityText } from './identity-text.ts';
import { TEXT_BYTES } from './state-bytes.ts';

const KIND = 'distinct';
/** Aggregates that care about the order of events do not care about DISTINCT. */
const NO_ORDER = { timeMs: 0, agentId: '', sequence: 0 };

interface DistinctPartial extends AggregatePartial {
  readonly texts: readonly (readonly string[] | null)[];
}

export class DistinctAggregate implements GroupedAggregate {
  skipped = 0;
  readonly #plain: GroupedAggregate;
  readonly #valuesMax: number;
  #texts: (Set<string> | null)[] = [];

  constructor(plain: GroupedAggregate, valuesMax: number) {
    this.#plain = plain;
    this.#valuesMax = valuesMax;
    plain.grow(1);
  }

  get bytes(): number {
    let texts = 0;
    for (const set of this.#texts) texts += set?.size ?? 0;
    return texts * TEXT_BYTES;
  }

  grow(count: number): void {
    while (this.#texts.length < count) this.#texts.push(null);
  }

  add(group: number, value: Value): void {
    if (value !== null) this.#addText(group, identityText(value));
  }

  encode(count: number): DistinctPartial {
    const texts = this.#texts.slice(0, count).map((set) => (set === null ? null : [...set]));
    return { kind: KIND, texts };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { texts } = partialOf<DistinctPartial>(partial, KIND);
    for (let g = 0; g < texts.length; g++) {
      for (const text of texts[g] ?? []) this.#addText(remap[g]!, text);
    }
  }

  result(group: number, context: ResultContext): Value {
    this.#plain.reset();
    for (const text of this.#texts[group] ?? [])
      this.#plain.add(0, valueOfIdentity(text), NO_ORDER);
    return this.#plain.result(0, context);
  }

  noteOf(group: number): ValueNote | null {
    return (this.#texts[group]?.size ?? 0) < this.#valuesMax ? null : 'cut';
  }

  reset(): void {
    this.skipped = 0;
    this.#texts.fill(null);
  }

  #addText(group: number, text: string): void {
    const set = this.#texts[group];
    if (set === null || set === undefined) this.#texts[group] = new Set([text]);
    else if (set.size < this.#valuesMax || set.has(text)) set.add(text);
    else this.skipped++;
  }
}
