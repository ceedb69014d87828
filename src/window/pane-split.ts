/**
 * Rows of a batch by the pane their time falls into. Nearly every batch lies within one pane, which
 * its span tells without a look at the rows.
 */
export interface PaneRows {
  readonly startMs: number;
  /** The first n are meant; ascending. */
  readonly rows: Uint32Array;
  readonly n: number;
}

/** The n rows, pane by pane in order of first row. */
export function splitByPane(
  times: Float64Array,
  rows: Uint32Array,
  n: number,
  paneMs: number,
): PaneRows[] {
  const byPane = new Map<number, { rows: Uint32Array; n: number }>();
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    const startMs = Math.floor(times[row]! / paneMs) * paneMs;
    let pane = byPane.get(startMs);
    if (pane === undefined) {
      pane = { rows: new Uint32Array(n - i), n: 0 };
      byPane.set(startMs, pane);
    }
    pane.rows[pane.n++] = row;
  }
  return [...byPane].map(([startMs, pane]) => ({ startMs, ...pane }));
}

/** The rows 0 … n − 1 whose time is at most `latestMs`; how many, and the rows in `out`. */
export function rowsUntil(
  times: Float64Array,
  n: number,
  latestMs: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let row = 0; row < n; row++) {
    if (times[row]! <= latestMs) out[kept++] = row;
  }
  return kept;
}
