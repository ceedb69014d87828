/**
 * The receiving end of a column's dictionary: per code only the string's id in the shard's table.
 * `ids` is replaced by a longer copy when it grows, so take it from the dictionary for each batch.
 */
import type { Dictionary, Interner } from '../model/batch.ts';

export class DictionaryDecoder implements Dictionary {
  readonly #interner: Interner;
  ids = new Uint32Array(16);
  generation = 0;
  size = 1;
  /** UTF-8 bytes of the entries as they came. */
  bytes = 0;

  constructor(interner: Interner) {
    this.#interner = interner;
  }

  text(code: number): string {
    return this.#interner.text(this.ids[code] ?? 0);
  }

  reset(): void {
    this.size = 1;
    this.bytes = 0;
    this.generation++;
  }

  add(text: string, bytes: number): void {
    if (this.size === this.ids.length) {
      const grown = new Uint32Array(this.ids.length * 2);
      grown.set(this.ids);
      this.ids = grown;
    }
    this.ids[this.size++] = this.#interner.id(text);
    this.bytes += bytes;
  }
}
