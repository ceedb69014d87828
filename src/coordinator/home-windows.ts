/**
 * Windows that ended at a query's home shard, with their completeness. They come in order of
 * arrival and not of time, so they are told as rows that are added to what came before;
 * `window_start` and `window_end` say which events each is about.
 */
import type { Config } from '../config.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { HomeWindow } from '../window/home-partial.ts';
import type { CompletenessAccount } from './completeness-account.ts';
import { HomeAnswer } from './home-answer.ts';
import { RowBudget } from './row-budget.ts';
import type { ToldWindow } from './window-cycle.ts';

export interface HomeWindowsParts {
  readonly plan: QueryPlan;
  readonly config: Config;
  readonly account: CompletenessAccount;
  readonly tell: (window: ToldWindow, nowMs: number) => void;
  /** Rows that exceed what may be sent in a second. */
  readonly refuse: (rows: number) => void;
}

export class HomeWindows {
  readonly #parts: HomeWindowsParts;
  readonly #answer: HomeAnswer;
  readonly #budget: RowBudget;
  /** The window that was filling went with its shard. */
  #isBroken = false;

  constructor(parts: HomeWindowsParts) {
    this.#parts = parts;
    this.#answer = new HomeAnswer(parts.plan);
    this.#budget = new RowBudget(parts.config.tailRowsPerSecondMax);
  }

  /** Another shard is home from here on; what the one before held is lost. */
  moved(): void {
    this.#isBroken = true;
  }

  ended(windows: readonly HomeWindow[], nowMs: number): void {
    for (const window of windows) this.#tell(window, nowMs);
  }

  #tell(window: HomeWindow, nowMs: number): void {
    const { account, refuse, tell } = this.#parts;
    const { startMs, endMs } = window;
    const finished = this.#answer.rows(window);
    const admitted = this.#budget.admit(finished.length, nowMs);
    if (admitted < finished.length) refuse(finished.length - admitted);
    const rows = finished.slice(0, admitted);
    const isBroken = this.#isBroken;
    this.#isBroken = false;
    const span = { startMs, endMs, final: true, byArrival: true, isBroken };
    const completeness = account.of(span, nowMs, window);
    const told = { startMs, endMs, revision: 0, provisional: false, append: true };
    tell({ ...told, rows, completeness }, nowMs);
  }
}
