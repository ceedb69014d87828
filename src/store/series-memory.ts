/**
 * What functions over series remember, kept over restarts: the numbers of each group of a query, by
 * the plan's fingerprint. A query that starts anew goes on from here; windows that were missed
 * meanwhile are gaps, as they are for a live one.
 */
import type { Sql } from './sql.ts';

/** Group's name → its numbers; see `operator/series-stage.ts`. */
export type SeriesStates = ReadonlyMap<string, Float64Array>;

export class SeriesMemory {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  load(query: string): SeriesStates {
    const rows = this.#sql
      .prepare('SELECT name, state FROM series_memory WHERE query = ? ORDER BY saved_ms, name')
      .all(query);
    return new Map(rows.map(({ name, state }) => [String(name), numbersFrom(state)] as const));
  }

  save(query: string, states: SeriesStates, nowMs: number): void {
    const put = this.#sql.prepare(
      `INSERT INTO series_memory (query, name, state, saved_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (query, name) DO UPDATE SET
         state = excluded.state, saved_ms = excluded.saved_ms`,
    );
    // The engine's clock has fractions of milliseconds.
    const savedMs = Math.floor(nowMs);
    this.#sql.transaction(() => {
      for (const [name, state] of states) {
        put.run(
          query,
          name,
          new Uint8Array(state.buffer, state.byteOffset, state.byteLength),
          savedMs,
        );
      }
    });
  }

  /** Deletes groups that nobody saved since `beforeMs`. */
  prune(beforeMs: number): void {
    this.#sql.prepare('DELETE FROM series_memory WHERE saved_ms < ?').run(beforeMs);
  }
}

/** A copy, because bytes from a driver need not be aligned. */
function numbersFrom(bytes: unknown): Float64Array {
  if (!(bytes instanceof Uint8Array)) return new Float64Array(0);
  const copy = bytes.slice(0, bytes.byteLength - (bytes.byteLength % 8));
  return new Float64Array(copy.buffer, 0, copy.byteLength / 8);
}
