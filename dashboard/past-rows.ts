/** Rows of an earlier window, from what charts keep of it: keys and numbers. Pure. */
import type { ValueObject } from '../src/model/value.ts';
import type { NewestRows, ResultStore } from './result-store.ts';

/** The rows of the last window that had ended by then; null: nothing is kept of that time. */
export function rowsAt(store: ResultStore, atMs: number): NewestRows | null {
  const { ring, newest } = store;
  let index = ring.length - 1;
  while (index >= 0 && ring.at(index).end > atMs) index--;
  if (index < 0) return null;
  const { start, end, provisional } = ring.at(index);
  if (newest?.windowEnd === end) return newest;
  const keys = store.schema?.keys ?? [];
  const columns = store.plotColumns.map(({ name }) => name);
  const rows = ring.groupIds().flatMap((id): ValueObject[] => {
    const values = columns.map((_, column) => ring.valueAt(id, column, index));
    if (values.every(Number.isNaN)) return [];
    const parts = id === '' ? [] : (JSON.parse(id) as readonly (string | number | null)[]);
    return [
      {
        ...Object.fromEntries(keys.map((key, i) => [key, parts[i] ?? null])),
        ...Object.fromEntries(
          columns.map((name, i) => {
            const value = values[i] ?? Number.NaN;
            return [name, Number.isNaN(value) ? null : value];
          }),
        ),
      },
    ];
  });
  return { windowStart: start, windowEnd: end, provisional, revision: 0, rows, cut: 0 };
}
