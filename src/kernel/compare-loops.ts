/**
 * Inner loops of comparisons: a column of numbers, or a vector beside the selection, against a
 * constant. NaN is null. Output positions trail input positions, so `out` may be the selection
 * itself. The row is always written and the position moves by the outcome: no branch to mispredict.
 * Bench: bench/micro/kernels.bench.ts (filter).
 */
export type NumberColumnValues = Float64Array | Int32Array;

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/** `a < b` as `b > a`. */
export const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  eq: 'eq',
  ne: 'ne',
  lt: 'gt',
  le: 'ge',
  gt: 'lt',
  ge: 'le',
};

export type CompareLoop = (
  values: NumberColumnValues,
  constant: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
) => number;

/** Rows whose value compares so with the constant. */
export const COMPARE_LOOPS: Readonly<Record<Comparison, CompareLoop>> = {
  eq: selectEqual,
  ne: selectUnequal,
  lt: selectLess,
  le: selectLessOrEqual,
  gt: selectGreater,
  ge: selectGreaterOrEqual,
};

function selectEqual(
  values: NumberColumnValues,
  constant: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += values[row] === constant ? 1 : 0;
  }
  return kept;
}

function selectUnequal(
  values: NumberColumnValues,
  constant: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += values[row] !== constant ? 1 : 0;
  }
  return kept;
}

function selectLess(
  values: NumberColumnValues,
  constant: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += values[row]! < constant ? 1 : 0;
  }
  return kept;
}

function selectLessOrEqual(
  values: NumberColumnValues,
  constant: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += values[row]! <= constant ? 1 : 0;
  }
  return kept;
}

function selectGreater(
  values: NumberColumnValues,
  constant: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += values[row]! > constant ? 1 : 0;
  }
  return kept;
}

function selectGreaterOrEqual(
  values: NumberColumnValues,
  constant: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += values[row]! >= constant ? 1 : 0;
  }
  return kept;
}

/** How many of the rows are null: each is a mismatch where an order is asked for. */
export function countNulls(values: NumberColumnValues, rows: Uint32Array, n: number): number {
  let nulls = 0;
  for (let i = 0; i < n; i++) nulls += Number.isNaN(values[rows[i]!]!) ? 1 : 0;
  return nulls;
}

/** Rows whose value is one of a few numbers. */
export function selectAmong(
  values: NumberColumnValues,
  constants: Float64Array,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    const value = values[row]!;
    let found = 0;
    for (let c = 0; c < constants.length; c++) found |= value === constants[c] ? 1 : 0;
    out[kept] = row;
    kept += found;
  }
  return kept;
}

/** Rows whose small code has a 1 in `outcomes`. */
export function selectByCode(
  codes: Uint16Array | Uint8Array,
  outcomes: Uint8Array,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += outcomes[codes[row]!]!;
  }
  return kept;
}
