/**
 * Thins a line to what a screen can show. Points of one *column*, a strip as wide as the line is
 * thick, lie on top of each other; of those only the lowest and the highest are kept, in the order
 * in which they came. So a spike is never lost, however many points there are, and a line has at
 * most two vertices a column, beside its two ends. Where points are further apart than that, all
 * are kept. Pure; nothing is allocated.
 *
 *   points    ·.·'·..·│·'·.·.··│          vertices    ·'   │  '.    │
 *
 * Bench: the test of busy boards, `test/browser/performance.test.ts`.
 */

/** From times and values to pixels. */
export interface PixelScale {
  /** The time at `left`, and pixels of one unit of time. */
  readonly time: number;
  readonly left: number;
  readonly perTime: number;
  /** Where zero is, and pixels of one unit of value (negative: upwards). */
  readonly zero: number;
  readonly perValue: number;
}

export interface LinePoints {
  /** Ascending. */
  readonly xs: Float64Array;
  /** As many as `xs`; NaN: none, the line breaks. */
  readonly ys: Float64Array;
}

/** Numbers that {@link thinLine} writes at most for so many points. */
export function verticesMax(points: number): number {
  return points * 4 + 2;
}

/**
 * Writes the vertices of the line as x, y, x, y, … in pixels; NaN, NaN ends a piece. Returns how
 * many numbers it wrote.
 */
export function thinLine(
  { xs, ys }: LinePoints,
  scale: PixelScale,
  columnPx: number,
  into: Float64Array,
): number {
  const { time, left, perTime } = scale;
  const perColumn = perTime / columnPx;
  let used = 0;
  let column = 0;
  /** Of the column that is open; −1: none is. */
  let low = -1;
  let high = -1;
  /** Of the piece: the first point that is not written yet, and the last one that was seen. */
  let first = -1;
  let last = -1;
  const put = (index: number): void => {
    into[used++] = left + ((xs[index] ?? 0) - time) * perTime;
    into[used++] = scale.zero + (ys[index] ?? 0) * scale.perValue;
  };
  const endColumn = (): void => {
    const [before, after] = low < high ? [low, high] : [high, low];
    if (first >= 0 && first < before) put(first);
    first = -1;
    put(before);
    if (after !== before) put(after);
  };
  const endPiece = (): void => {
    if (low < 0) return;
    endColumn();
    if (last > Math.max(low, high)) put(last);
    into[used++] = Number.NaN;
    into[used++] = Number.NaN;
    low = -1;
  };
  for (let i = 0; i < xs.length; i++) {
    const y = ys[i] ?? Number.NaN;
    if (Number.isNaN(y)) {
      endPiece();
      continue;
    }
    const at = Math.floor(((xs[i] ?? 0) - time) * perColumn);
    if (low < 0) first = i;
    else if (at !== column) endColumn();
    if (low < 0 || at !== column) {
      column = at;
      low = i;
      high = i;
    } else if (y < (ys[low] ?? 0)) low = i;
    else if (y > (ys[high] ?? 0)) high = i;
    last = i;
  }
  endPiece();
  return used;
}
