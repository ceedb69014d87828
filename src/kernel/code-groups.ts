/**
 * Group numbers by dictionary code, for tables with one key: a look-up and no hashing. Belongs to
 * one group table and is void once that is cleared or the dictionary is reset.
 * Bench: bench/micro/kernels.bench.ts (group by route: half of what the hash table takes).
 */
import type { Dictionary, DictionaryColumn } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';
import { isAllRows } from './selection.ts';

interface KnownGroups {
  readonly generation: number;
  /** Group + 1; 0 is unknown. */
  groups: Uint32Array;
}

export class CodeGroups {
  #known = new WeakMap<Dictionary, KnownGroups>();

  /**
   * Writes the group of each selected row, or `ABSENT` of the tuple table; returns how many are
   * absent.
   */
  find(column: DictionaryColumn, rows: Uint32Array, n: number, out: Uint32Array): number {
    const { groups } = this.#of(column.dictionary);
    return findByCode(groups, column.codes, rows, n, out);
  }

  set(dictionary: Dictionary, code: number, group: number): void {
    this.#of(dictionary).groups[code] = group + 1;
  }

  clear(): void {
    this.#known = new WeakMap();
  }

  #of(dictionary: Dictionary): KnownGroups {
    let known = this.#known.get(dictionary);
    if (known === undefined || known.generation !== dictionary.generation) {
      known = { generation: dictionary.generation, groups: new Uint32Array(dictionary.size) };
      this.#known.set(dictionary, known);
    }
    known.groups = grownUints(known.groups, dictionary.size);
    return known;
  }
}

function findByCode(
  groups: Uint32Array,
  codes: Uint16Array,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let absent = 0;
  if (isAllRows(rows)) {
    for (let row = 0; row < n; row++) {
      const group = groups[codes[row]!]!;
      out[row] = group - 1;
      absent += group === 0 ? 1 : 0;
    }
    return absent;
  }
  for (let i = 0; i < n; i++) {
    const group = groups[codes[rows[i]!]!]!;
    // 0 wraps to 2^32 − 1, which is ABSENT.
    out[i] = group - 1;
    absent += group === 0 ? 1 : 0;
  }
  return absent;
}
