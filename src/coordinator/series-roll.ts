/**
 * Windows of one standing query → additions to buckets. Nothing is written here; `take` hands over
 * what came since the last time.
 *
 * With LATENESS a window may be told again, so it is rolled when no revision can come any more: of
 * each window the last answer counts, once.
 */
import type { QueryPlan } from '../ir/plan.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { SERIES_LEVELS } from '../store/series-store.ts';
import type { KeptLine, SeriesBucket } from '../store/series-store.ts';
import type { ToldWindow } from './window-cycle.ts';

export interface SeriesRollOptions {
  /** Lines of one query between two writes; what exceeds them is counted. */
  readonly linesMax: number;
}

export class SeriesRoll {
  readonly #plan: QueryPlan;
  readonly #options: SeriesRollOptions;
  readonly #keys: readonly string[];
  readonly #columns: readonly string[];
  readonly #levels: readonly number[];
  /** Last answers of windows that may still be revised, by end. */
  readonly #amendable = new Map<number, ToldWindow>();
  readonly #lines = new Map<string, Map<number, SeriesBucket>>();
  #refused = 0;

  constructor(plan: QueryPlan, options: SeriesRollOptions) {
    const { final, window } = plan;
    this.#plan = plan;
    this.#options = options;
    const named = (role: 'key' | 'value'): string[] =>
      final.columns.filter((column) => column.role === role && !column.spread).map((c) => c.name);
    this.#keys = named('key');
    this.#columns = named('value');
    const slideMs = window.kind === 'time' ? window.slideMs : 0;
    const steps = SERIES_LEVELS.map(({ stepMs }) => stepMs);
    // A bucket shorter than the way from one window to the next would only repeat the window.
    const levels = steps.filter((stepMs) => stepMs >= slideMs);
    this.#levels = levels.length > 0 ? levels : steps.slice(-1);
  }

  /** Values that found no place since the roll began. */
  get refused(): number {
    return this.#refused;
  }

  window(told: ToldWindow): void {
    const { latenessMs } = this.#plan.final;
    if (latenessMs === 0) {
      this.#roll(told);
      return;
    }
    this.#amendable.set(told.endMs, told);
    this.#settle(told.endMs - latenessMs);
  }

  /** Additions since the last call; `all`: also of windows that might still be revised. */
  take(all: boolean): readonly KeptLine[] {
    if (all) this.#settle(Infinity);
    const lines = [...this.#lines].map(([name, buckets]): KeptLine => {
      const [keys, column, stepMs] = JSON.parse(name) as [string, string, number];
      const query = this.#plan.fingerprint;
      return { query, keys, column, stepMs, buckets: [...buckets.values()] };
    });
    this.#lines.clear();
    return lines;
  }

  #settle(beforeMs: number): void {
    for (const [endMs, told] of this.#amendable) {
      if (endMs > beforeMs) continue;
      this.#amendable.delete(endMs);
      this.#roll(told);
    }
  }

  #roll({ rows, startMs, completeness }: ToldWindow): void {
    const doubtful = completeness.status === 'complete' ? 0 : 1;
    for (const row of rows) {
      const keys = JSON.stringify(this.#keys.map((name) => member(row, name)));
      for (const column of this.#columns) {
        const x = member(row, column);
        if (typeof x !== 'number') continue;
        for (const stepMs of this.#levels)
          this.#add(keys, column, stepMs, { startMs, x, doubtful });
      }
    }
  }

  #add(
    keys: string,
    column: string,
    stepMs: number,
    { startMs, x, doubtful }: { startMs: number; x: number; doubtful: number },
  ): void {
    const name = JSON.stringify([keys, column, stepMs]);
    let buckets = this.#lines.get(name);
    if (buckets === undefined) {
      if (this.#lines.size >= this.#options.linesMax * this.#levels.length) {
        this.#refused += 1;
        return;
      }
      this.#lines.set(name, (buckets = new Map()));
    }
    const bucketMs = Math.floor(startMs / stepMs) * stepMs;
    const known = buckets.get(bucketMs);
    buckets.set(bucketMs, {
      startMs: bucketMs,
      windows: (known?.windows ?? 0) + 1,
      sum: (known?.sum ?? 0) + x,
      min: Math.min(known?.min ?? x, x),
      max: Math.max(known?.max ?? x, x),
      doubtful: (known?.doubtful ?? 0) + doubtful,
    });
  }
}

function member(row: ValueObject, name: string): Value {
  return Object.hasOwn(row, name) ? (row[name] ?? null) : null;
}
