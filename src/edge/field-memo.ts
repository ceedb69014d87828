/**
 * What the queries of one stream read of an event, read once for all of them: most queries read the
 * same few fields. A value is remembered under the number of the event it was read of.
 * Bench: bench/agent.ts (ten-fused).
 */
import type { RowFunction } from '../expr/context.ts';
import type { FieldPath } from '../ir/expression.ts';
import { compilePath } from '../ir/path.ts';
import type { PathReader } from '../ir/path.ts';
import { plainValue } from '../model/plain-value.ts';
import type { Value } from '../model/value.ts';

interface Cell {
  /** Number of the event that the value is of. */
  event: number;
  value: Value;
}

/** Numbers of events stay small integers, which cost nothing to keep. */
const EVENT_MAX = 0x3fff_ffff;
/** Paths of one stream; others are read as often as they are asked for. */
const PATHS_MAX = 1_000;

export class FieldMemo {
  readonly #readers = new Map<string, RowFunction>();
  readonly #cells: Cell[] = [];
  #event = 0;

  /** The number of the next event, for {@link RowContext.memo}. */
  next(): number {
    if (this.#event === EVENT_MAX) {
      this.#event = 0;
      for (const cell of this.#cells) cell.event = -1;
    }
    return ++this.#event;
  }

  /** What a publisher's event has there, as the engine would see it if it were shipped. */
  reader(path: FieldPath): RowFunction {
    const key = JSON.stringify(path);
    const known = this.#readers.get(key);
    if (known !== undefined) return known;
    const read = compilePath(path);
    if (this.#readers.size >= PATHS_MAX) return (row) => plainValue(read(row.event));
    const cell: Cell = { event: -1, value: null };
    const reader = remembered(read, cell);
    this.#cells.push(cell);
    this.#readers.set(key, reader);
    return reader;
  }
}

function remembered(read: PathReader, cell: Cell): RowFunction {
  return (row) => {
    if (cell.event === row.memo) return cell.value;
    const value = plainValue(read(row.event));
    cell.event = row.memo;
    cell.value = value;
    return value;
  };
}
