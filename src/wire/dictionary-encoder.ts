/**
 * The sending end of a column's dictionary. A string is sent once and named by its code from then
 * on, for as long as the connection lasts. A batch of mostly new strings (request ids) is sent
 * plainly instead and leaves the dictionary as it was; a full dictionary is emptied and begun again
 * with the strings of the batch at hand. The receiver applies the same bounds.
 */
import type { Cell } from './cell.ts';
import { utf8Bytes } from './utf8.ts';

export interface DictionaryLimits {
  /** Of one column, without null. */
  readonly entriesMax: number;
  /** UTF-8 bytes of all dictionaries of a connection. */
  readonly bytesMax: number;
}

/** What all dictionaries of one connection hold together. */
export interface DictionaryBudget {
  bytes: number;
}

/** A batch's strings as codes. */
export interface CodedCells {
  readonly codes: Uint16Array;
  /** Strings the receiver does not know yet, in the order of their codes. */
  readonly additions: readonly string[];
  readonly reset: boolean;
}

/** At most so many batches go plainly before a column of ever new strings is tried again. */
const PLAIN_MAX = 15;

/** Entries a column may gather before batches of mostly new strings are sent plainly. */
const FREE_ENTRIES = 64;

export class DictionaryEncoder {
  readonly #limits: DictionaryLimits;
  readonly #budget: DictionaryBudget;
  #codes = new Map<string, number>();
  #bytes = 0;
  /** Batches that go plainly without a try, now and after the next that fails. */
  #plainLeft = 0;
  #plainNext = 0;

  constructor(limits: DictionaryLimits, budget: DictionaryBudget) {
    this.#limits = limits;
    this.#budget = budget;
  }

  /** Null: send the column as text. Cells are strings and nulls. */
  encode(cells: readonly Cell[], rows: number): CodedCells | null {
    if (this.#plainLeft > 0) {
      this.#plainLeft--;
      return null;
    }
    const coded = this.#try(cells, rows);
    this.#plainLeft = coded === null ? this.#plainNext : 0;
    this.#plainNext = coded === null ? Math.min(PLAIN_MAX, 2 * this.#plainNext + 1) : 0;
    return coded;
  }

  #try(cells: readonly Cell[], rows: number): CodedCells | null {
    const codes = new Uint16Array(rows);
    const additions: string[] = [];
    if (this.#assign(cells, rows, codes, additions)) {
      const bytes = bytesOf(additions);
      if (this.#budget.bytes + bytes <= this.#limits.bytesMax) {
        this.#grow(bytes);
        return { codes, additions, reset: false };
      }
    }
    this.#forget(additions);
    return this.#worthReset(additions.length, rows) ? this.#restart(cells, rows, codes) : null;
  }

  /** Gives its share of the budget back; the column is gone. */
  release(): void {
    this.#grow(-this.#bytes);
    this.#codes.clear();
  }

  #restart(cells: readonly Cell[], rows: number, codes: Uint16Array): CodedCells | null {
    const before = { codes: this.#codes, bytes: this.#bytes };
    this.#codes = new Map();
    const additions: string[] = [];
    const fits = this.#assign(cells, rows, codes, additions);
    const bytes = bytesOf(additions);
    if (fits && this.#budget.bytes - before.bytes + bytes <= this.#limits.bytesMax) {
      this.#grow(bytes - before.bytes);
      return { codes, additions, reset: true };
    }
    this.#codes = before.codes;
    return null;
  }

  /** False: too many strings are new, or there is no room. The new ones stand in `additions`. */
  #assign(cells: readonly Cell[], rows: number, codes: Uint16Array, additions: string[]): boolean {
    const known = this.#codes;
    const sizeMax = this.#limits.entriesMax;
    const newMax = Math.max(rows / 2, FREE_ENTRIES - known.size);
    for (let row = 0; row < rows; row++) {
      const cell = cells[row];
      if (typeof cell !== 'string') {
        codes[row] = 0;
        continue;
      }
      let code = known.get(cell);
      if (code === undefined) {
        if (known.size >= sizeMax || additions.length >= newMax) return false;
        code = known.size + 1;
        known.set(cell, code);
        additions.push(cell);
      }
      codes[row] = code;
    }
    return true;
  }

  /** Starting over pays if the batch failed for want of room and not for too many new strings. */
  #worthReset(additions: number, rows: number): boolean {
    return this.#codes.size > 0 && additions < Math.max(rows / 2, 1);
  }

  #forget(additions: readonly string[]): void {
    for (const text of additions) this.#codes.delete(text);
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.bytes += bytes;
  }
}

function bytesOf(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += utf8Bytes(text);
  return bytes;
}
