/**
 * Things by when they are due, earliest first: a binary heap that knows where each thing stands, so
 * that a thing is in it once and may be moved. Setting and taking cost the logarithm of how many
 * there are; asking whether anything is due costs nothing.
 */
export class DueHeap<T> {
  readonly #items: T[] = [];
  readonly #dues: number[] = [];
  readonly #places = new Map<T, number>();

  get size(): number {
    return this.#items.length;
  }

  /** When the earliest is due; Infinity: there is none. */
  get earliest(): number {
    return this.#dues[0] ?? Infinity;
  }

  /** Infinity takes the item out. */
  set(item: T, due: number): void {
    const place = this.#places.get(item);
    if (due === Infinity) {
      if (place !== undefined) this.#removeAt(place);
    } else if (place === undefined) {
      this.#rise(this.#items.length, item, due);
    } else {
      this.#settle(place, item, due);
    }
  }

  delete(item: T): void {
    this.set(item, Infinity);
  }

  /** The earliest if it is due at `now`, taken out. */
  take(now: number): T | undefined {
    if (this.earliest > now) return undefined;
    const item = this.#items[0]!;
    this.#removeAt(0);
    return item;
  }

  #removeAt(place: number): void {
    this.#places.delete(this.#items[place]!);
    const item = this.#items.pop()!;
    const due = this.#dues.pop()!;
    if (place < this.#items.length) this.#settle(place, item, due);
  }

  #settle(place: number, item: T, due: number): void {
    const parent = (place - 1) >> 1;
    if (place > 0 && this.#dues[parent]! > due) this.#rise(place, item, due);
    else this.#sink(place, item, due);
  }

  #rise(from: number, item: T, due: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#dues[parent]! <= due) break;
      this.#put(place, this.#items[parent]!, this.#dues[parent]!);
      place = parent;
    }
    this.#put(place, item, due);
  }

  #sink(from: number, item: T, due: number): void {
    const count = this.#items.length;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#dues[child + 1]! < this.#dues[child]!) child++;
      if (this.#dues[child]! >= due) break;
      this.#put(place, this.#items[child]!, this.#dues[child]!);
      place = child;
    }
    this.#put(place, item, due);
  }

  #put(place: number, item: T, due: number): void {
    this.#items[place] = item;
    this.#dues[place] = due;
    this.#places.set(item, place);
  }
}
