/**
 * MIN(x) and MAX(x): over the numbers of a group; over its strings, by code points, if it has no
 * number; null if it has neither. Anything else is skipped and counted.
 */
import { compareCodePoints } from '../model/value-order.ts';
import { grownFloats } from '../sketch/typed-column.ts';
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate } from './contract.ts';
import { partialOf } from './partial.ts';

interface ExtremePartial extends AggregatePartial {
  /** ±Infinity: no number. */
  readonly numbers: Float64Array;
  /** Shorter than `numbers` if later groups have no string. */
  readonly texts: readonly (string | null)[];
}

export class ExtremeAggregate implements GroupedAggregate {
  skipped = 0;
  readonly #kind: 'min' | 'max';
  readonly #none: number;
  #numbers: Float64Array = new Float64Array(0);
  #texts: (string | null)[] = [];

  constructor(kind: 'min' | 'max') {
    this.#kind = kind;
    this.#none = kind === 'min' ? Infinity : -Infinity;
  }

  grow(count: number): void {
    this.#numbers = grownFloats(this.#numbers, count, this.#none);
  }

  add(group: number, value: Value): void {
    if (typeof value === 'number') this.#addNumber(group, value);
    else if (typeof value === 'string') this.#addText(group, value);
    else if (value !== null) this.skipped++;
  }

  addNumbers(groups: Uint32Array, values: Float64Array, n: number): void {
    if (this.#kind === 'min') addMinima(this.#numbers, groups, values, n);
    else addMaxima(this.#numbers, groups, values, n);
  }

  encode(count: number): ExtremePartial {
    const numbers = this.#numbers.slice(0, count);
    return { kind: this.#kind, numbers, texts: this.#texts.slice(0, count) };
  }

  encodeOne(group: number): ExtremePartial {
    const numbers = this.#numbers.slice(group, group + 1);
    return { kind: this.#kind, numbers, texts: this.#texts.slice(group, group + 1) };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { numbers, texts } = partialOf<ExtremePartial>(partial, this.#kind);
    this.addNumbers(remap, numbers, numbers.length);
    for (let g = 0; g < texts.length; g++) {
      const text = texts[g];
      if (text !== null && text !== undefined) this.#addText(remap[g]!, text);
    }
  }

  result(group: number): Value {
    const number = this.#numbers[group]!;
    return number === this.#none ? (this.#texts[group] ?? null) : number;
  }

  reset(): void {
    this.skipped = 0;
    this.#numbers.fill(this.#none);
    this.#texts = [];
  }

  #addNumber(group: number, value: number): void {
    const found = this.#numbers[group]!;
    // Adding 0 turns −0 into 0: the two are equal, so which of them came first must not show.
    if (this.#kind === 'min' ? value < found : value > found) this.#numbers[group] = value + 0;
  }

  #addText(group: number, text: string): void {
    while (this.#texts.length <= group) this.#texts.push(null);
    const found = this.#texts[group]!;
    if (found === null) {
      this.#texts[group] = text;
      return;
    }
    const order = compareCodePoints(text, found);
    if (this.#kind === 'min' ? order < 0 : order > 0) this.#texts[group] = text;
  }
}

function addMinima(
  minima: Float64Array,
  groups: Uint32Array,
  values: Float64Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    // NaN compares false and so stands aside.
    if (values[i]! < minima[groups[i]!]!) minima[groups[i]!] = values[i]! + 0;
  }
}

function addMaxima(
  maxima: Float64Array,
  groups: Uint32Array,
  values: Float64Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    if (values[i]! > maxima[groups[i]!]!) maxima[groups[i]!] = values[i]! + 0;
  }
}
