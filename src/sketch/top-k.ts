/**
 * The most frequent texts in bounded memory: the space-saving algorithm. A counter never falls
 * short of the truth and exceeds it by at most its `error`; while no more than `capacity` texts
 * were seen everything is exact. Merged summaries keep these bounds for any shape of merging; ties
 * go to the smaller text, so equal inputs give equal answers.
 * @see Metwally, Agrawal, El Abbadi: Efficient computation of frequent and top-k elements (2005)
 * @see Agarwal et al.: Mergeable summaries (2012), for the merge
 */
export interface Frequency {
  readonly text: string;
  /** At least the true count. */
  readonly count: number;
  /** `count − error` is at most the true count. */
  readonly error: number;
}

interface Counter {
  text: string;
  count: number;
  error: number;
}

export class TopKSketch {
  readonly capacity: number;
  readonly #counters = new Map<string, Counter>();
  /** Binary heap of the counters, least first; positions are kept in `#position`. */
  readonly #heap: Counter[] = [];
  readonly #position = new Map<Counter, number>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Counters in use. */
  get size(): number {
    return this.#heap.length;
  }

  add(text: string, count = 1): void {
    const known = this.#counters.get(text);
    if (known !== undefined) {
      known.count += count;
      this.#sink(this.#position.get(known)!);
    } else if (this.#heap.length < this.capacity) {
      this.#insert({ text, count, error: 0 });
    } else {
      const least = this.#heap[0]!;
      this.#counters.delete(least.text);
      least.error = least.count;
      least.count += count;
      least.text = text;
      this.#counters.set(text, least);
      this.#sink(0);
    }
  }

  /** All counters, most frequent first. */
  frequencies(): Frequency[] {
    return this.#heap.map(({ text, count, error }) => ({ text, count, error })).sort(mostFirst);
  }

  /** A full summary may have forgotten texts with up to this count; 0 while it is not full. */
  get forgottenMax(): number {
    return this.#heap.length < this.capacity ? 0 : this.#heap[0]!.count;
  }

  /**
   * Adds a summary's counters. `forgottenMax` is the other's: a text missing on one side may have
   * had up to that count there.
   */
  merge(frequencies: readonly Frequency[], forgottenMax: number): void {
    const ownForgotten = this.forgottenMax;
    const merged = new Map<string, Counter>();
    for (const { text, count, error } of this.#heap) {
      merged.set(text, { text, count: count + forgottenMax, error: error + forgottenMax });
    }
    for (const { text, count, error } of frequencies) {
      const own = merged.get(text);
      if (own === undefined) {
        merged.set(text, { text, count: count + ownForgotten, error: error + ownForgotten });
      } else {
        own.count += count - forgottenMax;
        own.error += error - forgottenMax;
      }
    }
    const kept = [...merged.values()].sort(mostFirst).slice(0, this.capacity);
    this.#heap.length = 0;
    this.#counters.clear();
    this.#position.clear();
    for (const counter of kept) this.#insert(counter);
  }

  #insert(counter: Counter): void {
    this.#counters.set(counter.text, counter);
    this.#heap.push(counter);
    this.#position.set(counter, this.#heap.length - 1);
    this.#rise(this.#heap.length - 1);
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(this.#heap[at]!, this.#heap[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(start: number): void {
    let at = start;
    while (true) {
      let least = at;
      const left = 2 * at + 1;
      for (let child = left; child <= left + 1 && child < this.#heap.length; child++) {
        if (before(this.#heap[child]!, this.#heap[least]!)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const atA = this.#heap[a]!;
    const atB = this.#heap[b]!;
    this.#heap[a] = atB;
    this.#heap[b] = atA;
    this.#position.set(atA, b);
    this.#position.set(atB, a);
  }
}

/** Heap order: the counter to be given up first. */
function before(a: Counter, b: Counter): boolean {
  return a.count !== b.count ? a.count < b.count : a.text > b.text;
}

function mostFirst(a: Frequency, b: Frequency): number {
  if (a.count !== b.count) return b.count - a.count;
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}
