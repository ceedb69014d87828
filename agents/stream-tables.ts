/**
 * The tables of one stream: which queries are aggregated here, and when what they counted has to
 * leave. As a rule that is when a pane ends; at once where memory is short; after a while where
 * somebody wants to see open panes, or an event came for a pane that has left.
 */
import type { EdgeTable, TableBudget } from '../src/edge/edge-table.ts';
import type { RowContext } from '../src/expr/context.ts';
import { takePartials } from './partials.ts';
import type { PartialsBody } from './partials.ts';

export interface TableLimits {
  /** Shared by all streams of the agent. */
  readonly budget: TableBudget;
  readonly bytesMax: number;
  /** One body of deltas. */
  readonly bodyBytesMax: number;
  /** What came for a pane that has left waits at most. */
  readonly lateMs: number;
  /** Events further ahead of the clock are lost as `future`. */
  readonly futureMs: number;
}

export class StreamTables {
  /** Deltas are due, whatever the panes: corrected clock. Infinity: they are not. */
  dueMs = Infinity;
  /** Everything must leave at once. */
  isFull = false;
  readonly #stream: string;
  readonly #limits: TableLimits;
  #tables: readonly EdgeTable[] = [];

  constructor(stream: string, limits: TableLimits) {
    this.#stream = stream;
    this.#limits = limits;
  }

  get some(): boolean {
    return this.#tables.length > 0;
  }

  /** Before this, not everything was told; Infinity: nothing waits. */
  get holdMs(): number {
    let holdMs = Infinity;
    for (const table of this.#tables) holdMs = Math.min(holdMs, table.holdMs);
    return holdMs;
  }

  /** Other queries from now on; everything was taken before. */
  replan(tables: readonly EdgeTable[]): void {
    for (const table of this.#tables) if (!tables.includes(table)) table.release();
    this.#tables = tables;
  }

  /** Whether an event so far ahead of the clock is no table's. */
  isFuture(aheadMs: number): boolean {
    return aheadMs > this.#limits.futureMs;
  }

  /** An event that was too far ahead is lost to all tables. */
  loseFuture(): void {
    for (const table of this.#tables) table.lose('future', 1);
  }

  /** After a look: `hasNews` should be asked. */
  get mayHaveNews(): boolean {
    const { budget, bytesMax } = this.#limits;
    return budget.opened || budget.bytes > bytesMax;
  }

  /** Everything must leave now (`isFull`), or `dueMs` is another. */
  hasNews(row: RowContext, watermarkMs: number): boolean {
    const { budget, bytesMax } = this.#limits;
    this.isFull = budget.bytes > bytesMax;
    return budget.opened ? this.#opened(row.nowMs, watermarkMs) : this.isFull;
  }

  /** Some table has opened a pane. */
  #opened(nowMs: number, watermarkMs: number): boolean {
    const { budget, lateMs } = this.#limits;
    const { dueMs } = this;
    budget.opened = false;
    for (let i = 0; i < this.#tables.length; i++) {
      const table = this.#tables[i]!;
      if (!table.opened) continue;
      table.opened = false;
      this.isFull ||= table.isFull;
      const { emitEveryMs } = table.program;
      const isLate = table.holdMs < watermarkMs;
      // However often an engine wants to hear of open panes, it is not told all the time.
      const waitMs = isLate || emitEveryMs > 0 ? Math.max(isLate ? 0 : emitEveryMs, lateMs) : 0;
      if (waitMs > 0 && nowMs + waitMs < this.dueMs) this.dueMs = nowMs + waitMs;
    }
    return this.isFull || this.dueMs < dueMs;
  }

  /** What was counted of panes that end at or before `throughMs`. */
  take(throughMs: number): readonly PartialsBody[] {
    if (throughMs === Infinity) this.dueMs = Infinity;
    if (this.#tables.length === 0) return [];
    return takePartials(this.#stream, this.#tables, throughMs, this.#limits.bodyBytesMax);
  }
}
