/**
 * What the columns of kept series measure: by whom else they can be read, and whether they add up.
 */
import type { Sql } from './sql.ts';

export interface MeasuredColumn {
  readonly column: string;
  readonly measure: string | null;
  readonly isTotal: boolean;
}

export interface MeasuredSeries {
  readonly query: string;
  readonly column: string;
}

/** Other queries that measure the same are looked at as far as this. */
const CANDIDATES_MAX = 20;

export class SeriesMeasures {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  put(query: string, columns: readonly MeasuredColumn[], nowMs: number): void {
    const put = this.#sql.prepare(
      `INSERT OR REPLACE INTO series_measure (query, col, measure, is_total, seen_ms)
       VALUES (?, ?, ?, ?, ?)`,
    );
    this.#sql.transaction(() => {
      for (const { column, measure, isTotal } of columns) {
        put.run(query, column, measure, isTotal ? 1 : 0, Math.floor(nowMs));
      }
    });
  }

  /** The series with this measure that goes back farthest; null: none is kept. */
  find(measure: string): MeasuredSeries | null {
    const row = this.#sql
      .prepare(
        `SELECT m.query AS query, m.col AS col FROM (
           SELECT query, col FROM series_measure WHERE measure = ?
           ORDER BY seen_ms DESC LIMIT ${CANDIDATES_MAX}) AS m
         JOIN series_line AS l ON l.query = m.query AND l.col = m.col
         JOIN series_bucket AS b ON b.line = l.id
         GROUP BY m.query, m.col ORDER BY min(b.start_ms) LIMIT 1`,
      )
      .get(measure);
    return row === undefined ? null : { query: String(row['query']), column: String(row['col']) };
  }

  /** Columns of the query whose sums are totals. */
  totals(query: string): ReadonlySet<string> {
    const rows = this.#sql
      .prepare('SELECT col FROM series_measure WHERE query = ? AND is_total = 1')
      .all(query);
    return new Set(rows.map((row) => String(row['col'])));
  }

  /** Forgets what has no series any more and was not begun since `beforeMs`. */
  prune(beforeMs: number): void {
    this.#sql
      .prepare(
        `DELETE FROM series_measure WHERE seen_ms < ?
         AND query NOT IN (SELECT DISTINCT query FROM series_line)`,
      )
      .run(Math.floor(beforeMs));
  }
}
