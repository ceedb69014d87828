/**
 * Kept series in the embedded database: what the windows of standing queries had, rolled into
 * buckets of 10 s, 1 min and 10 min, and what their functions over series remember.
 *
 * A bucket holds mergeable parts over the *values of windows*: how many, their sum, the smallest
 * and the largest, and how many of the windows were doubtful (not `complete`). So any two buckets
 * merge exactly, and a mean of windows is called that. Writes come in batches, one transaction
 * each.
 */
import { ROLL_STEPS_MS, ROLLED_MS_MAX } from '../series/roll-steps.ts';
import type { Sql, SqlStatement } from './sql.ts';

const DAY_MS = 86_400_000;
const [SHORT_MS, MIDDLE_MS, LONG_MS] = ROLL_STEPS_MS;

/** Buckets by length, and how long they are kept. Ascending. */
export const SERIES_LEVELS: readonly { readonly stepMs: number; readonly keptMs: number }[] = [
  { stepMs: SHORT_MS, keptMs: DAY_MS },
  { stepMs: MIDDLE_MS, keptMs: 7 * DAY_MS },
  { stepMs: LONG_MS, keptMs: ROLLED_MS_MAX },
];

/** About what one bucket takes in the file, with its index. */
const BUCKET_BYTES = 96;

export interface SeriesBucket {
  readonly startMs: number;
  readonly windows: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly doubtful: number;
}

/** One column of one group of one query. */
export interface SeriesLine {
  readonly query: string;
  /** The group's keys as JSON; `[]` without groups. */
  readonly keys: string;
  readonly column: string;
}

export interface KeptLine extends SeriesLine {
  readonly stepMs: number;
  readonly buckets: readonly SeriesBucket[];
}

export interface SeriesRange {
  readonly query: string;
  /** Null: every column. */
  readonly column: string | null;
  /** Null: every group. */
  readonly keys: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly linesMax: number;
}

export class SeriesStore {
  readonly #sql: Sql;
  readonly #lineId: SqlStatement;
  readonly #addLine: SqlStatement;
  readonly #add: SqlStatement;
  readonly #bucketsMax: number;
  /** Ids of lines by their text, as far as they were asked for; bounded by `linesMax`. */
  readonly #ids = new Map<string, number>();
  readonly #linesMax: number;
  #lines: number;

  constructor(sql: Sql, limits: { readonly bytesMax: number; readonly linesMax: number }) {
    this.#sql = sql;
    this.#bucketsMax = Math.floor(limits.bytesMax / BUCKET_BYTES);
    this.#linesMax = limits.linesMax;
    this.#lines = Number(sql.prepare('SELECT count(*) AS n FROM series_line').get()?.['n'] ?? 0);
    this.#lineId = sql.prepare(
      'SELECT id FROM series_line WHERE query = ? AND keys = ? AND col = ? LIMIT 1',
    );
    this.#addLine = sql.prepare('INSERT INTO series_line (query, keys, col) VALUES (?, ?, ?)');
    this.#add = sql.prepare(`
      INSERT INTO series_bucket (line, step_ms, start_ms, windows, total, low, high, doubtful)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (line, step_ms, start_ms) DO UPDATE SET
        windows = windows + excluded.windows, total = total + excluded.total,
        low = min(low, excluded.low), high = max(high, excluded.high),
        doubtful = doubtful + excluded.doubtful`);
  }

  /** Columns of groups that are kept. */
  get lines(): number {
    return this.#lines;
  }

  /** Adds to buckets, all of them or none. Returns how many lines found no place. */
  add(lines: readonly KeptLine[]): number {
    return this.#sql.transaction(() => {
      let refused = 0;
      for (const line of lines) {
        const id = this.#idOf(line);
        if (id === null) {
          refused += 1;
          continue;
        }
        for (const { startMs, windows, sum, min, max, doubtful } of line.buckets) {
          this.#add.run(id, line.stepMs, startMs, windows, sum, min, max, doubtful);
        }
      }
      return refused;
    });
  }

  /** Lines that have a bucket that starts within [fromMs, toMs), each in order of time. */
  read(range: SeriesRange): readonly KeptLine[] {
    const { query, column, keys, fromMs, toMs, stepMs, linesMax } = range;
    const lines = this.#sql
      .prepare(
        `SELECT id, keys, col FROM series_line
         WHERE query = ? AND (? IS NULL OR col = ?) AND (? IS NULL OR keys = ?)
         ORDER BY id LIMIT ?`,
      )
      .all(query, column, column, keys, keys, linesMax);
    const buckets = this.#sql.prepare(
      `SELECT start_ms, windows, total, low, high, doubtful FROM series_bucket
       WHERE line = ? AND step_ms = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms`,
    );
    return lines.flatMap((line) => {
      const rows = buckets.all(Number(line['id']), stepMs, fromMs, toMs);
      if (rows.length === 0) return [];
      const name = { query, keys: String(line['keys']), column: String(line['col']) };
      return [{ ...name, stepMs, buckets: rows.map(bucketFrom) }];
    });
  }

  /** Deletes what is too old, and the oldest and finest beyond the bound on bytes. */
  prune(nowMs: number): void {
    this.#sql.transaction(() => {
      const old = this.#sql.prepare('DELETE FROM series_bucket WHERE step_ms = ? AND start_ms < ?');
      for (const { stepMs, keptMs } of SERIES_LEVELS) old.run(stepMs, nowMs - keptMs);
      const { n } = this.#sql.prepare('SELECT count(*) AS n FROM series_bucket').get() ?? {};
      const excess = Number(n ?? 0) - this.#bucketsMax;
      if (excess > 0) this.#dropOldest(excess);
      this.#sql.exec(
        'DELETE FROM series_line WHERE id NOT IN (SELECT DISTINCT line FROM series_bucket)',
      );
    });
    this.#ids.clear();
    this.#lines = Number(this.#sql.prepare('SELECT count(*) AS n FROM series_line').get()?.['n']);
  }

  #dropOldest(count: number): void {
    const doomed = this.#sql.prepare(
      `DELETE FROM series_bucket WHERE (line, step_ms, start_ms) IN
       (SELECT line, step_ms, start_ms FROM series_bucket ORDER BY step_ms, start_ms LIMIT ?)`,
    );
    doomed.run(count);
  }

  #idOf({ query, keys, column }: SeriesLine): number | null {
    const text = JSON.stringify([query, keys, column]);
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    let row = this.#lineId.get(query, keys, column);
    if (row === undefined) {
      if (this.#lines >= this.#linesMax) return null;
      this.#lines += this.#addLine.run(query, keys, column);
      row = this.#lineId.get(query, keys, column);
    }
    const id = Number(row?.['id']);
    this.#ids.set(text, id);
    return id;
  }
}

function bucketFrom(row: Readonly<Record<string, unknown>>): SeriesBucket {
  return {
    startMs: Number(row['start_ms']),
    windows: Number(row['windows']),
    sum: Number(row['total']),
    min: Number(row['low']),
    max: Number(row['high']),
    doubtful: Number(row['doubtful']),
  };
}
