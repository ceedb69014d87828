/**
 * Typed arrays that hold one number a group and grow with the groups. Growth doubles, so a group
 * costs O(1) amortised; the new part holds `fill`. The old array stays valid but is stale: callers
 * replace their reference by the returned one.
 */
const CAPACITY_MIN = 16;

/** `column`, or a longer copy of it if it has room for fewer than `count` numbers. */
export function grownFloats(column: Float64Array, count: number, fill = 0): Float64Array {
  if (count <= column.length) return column;
  const grown = new Float64Array(grownCapacity(column.length, count));
  grown.set(column);
  if (fill !== 0) grown.fill(fill, column.length);
  return grown;
}

/** `column`, or a longer copy of it if it has room for fewer than `count` whole numbers. */
export function grownUints(column: Uint32Array, count: number): Uint32Array {
  if (count <= column.length) return column;
  const grown = new Uint32Array(grownCapacity(column.length, count));
  grown.set(column);
  return grown;
}

function grownCapacity(length: number, count: number): number {
  return Math.max(CAPACITY_MIN, count, length * 2);
}
