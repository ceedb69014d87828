/**
 * Selections: the row numbers of a batch that are still in question, ascending, in the first n
 * places of a Uint32Array. The set operations kernels need, as loops without branches where that
 * pays.
 * Bench: bench/micro/kernels.bench.ts (filter).
 */
import { grownUints } from '../sketch/typed-column.ts';

let ascending: Uint32Array = new Uint32Array(0);

/** 0, 1, … at least to `rows` − 1. Shared and read-only. */
export function allRows(rows: number): Uint32Array {
  if (ascending.length < rows) {
    ascending = grownUints(ascending, rows);
    for (let i = 0; i < ascending.length; i++) ascending[i] = i;
  }
  return ascending;
}

/** Whether the selection is that of `allRows`, and not only as long. */
export function isAllRows(rows: Uint32Array): boolean {
  return rows === ascending;
}

/** Writes `from` without `taken` (a subset) to `out`, which may be `from`; returns its length. */
export function subtractRows(
  from: Uint32Array,
  n: number,
  taken: Uint32Array,
  takenN: number,
  out: Uint32Array,
): number {
  let kept = 0;
  let at = 0;
  for (let i = 0; i < n; i++) {
    const row = from[i]!;
    if (at < takenN && taken[at] === row) {
      at++;
    } else {
      out[kept++] = row;
    }
  }
  return kept;
}

/** Merges two disjoint selections into `out`, which must be neither; returns its length. */
export function mergeRows(
  a: Uint32Array,
  aN: number,
  b: Uint32Array,
  bN: number,
  out: Uint32Array,
): number {
  let i = 0;
  let j = 0;
  let k = 0;
  while (i < aN && j < bN) out[k++] = a[i]! < b[j]! ? a[i++]! : b[j++]!;
  while (i < aN) out[k++] = a[i++]!;
  while (j < bN) out[k++] = b[j++]!;
  return k;
}
