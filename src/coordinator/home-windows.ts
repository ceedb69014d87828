/**
 * Windows that ended at a query's home shard, with their completeness. They come in order of
 * arrival and not of time, so they are told as rows that are added to what came before;
 * `window_start` and `window_end` say which events each is about.
 */
import type { StageNotes } from '../aggregate/stage-notes.ts';
import type { Config } from '../config.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { HomeWindow, SessionsPartial } from '../window/home-partial.ts';
import type { ValueObject } from '../model/value.ts';
import type { ColumnNotes } from './column-notes.ts';
import type { CompletenessAccount, ResultSpan } from './completeness-account.ts';
import { HomeAnswer } from './home-answer.ts';
import { SecondBudget } from '../core/second-budget.ts';
import { SessionAnswer } from './session-answer.ts';
import type { ToldWindow } from './window-cycle.ts';

export interface HomeWindowsParts {
  readonly plan: QueryPlan;
  readonly config: Config;
  readonly account: CompletenessAccount;
  readonly columnNotes: ColumnNotes;
  readonly tell: (window: ToldWindow, nowMs: number) => void;
  /** Rows that exceed what may be sent in a second. */
  readonly refuse: (rows: number) => void;
}

interface Told {
  readonly span: ResultSpan;
  readonly counts: { readonly seen: number; readonly matched: number };
  /** Null: nothing is aggregated. */
  readonly notes: StageNotes | null;
  readonly nowMs: number;
}

export class HomeWindows {
  readonly #parts: HomeWindowsParts;
  readonly #columnNotes: ColumnNotes;
  readonly #budget: SecondBudget;
  /** Made for the first window; most queries have none of either kind. */
  #answer: HomeAnswer | null = null;
  #sessions: SessionAnswer | null = null;
  /** The window that was filling went with its shard. */
  #isBroken = false;

  constructor(parts: HomeWindowsParts) {
    this.#parts = parts;
    this.#columnNotes = parts.columnNotes;
    this.#budget = new SecondBudget(parts.config.tailRowsPerSecondMax);
  }

  /** Another shard is home from here on; what the one before held is lost. */
  moved(): void {
    this.#isBroken = true;
  }

  /** Sessions that ended by `throughMs`, told together. */
  sessionsEnded(sessions: SessionsPartial, throughMs: number, nowMs: number): void {
    if (sessions.keys.length === 0) return;
    const { final, window } = this.#parts.plan;
    const startMs = sessions.startsMs.reduce((a, b) => Math.min(a, b));
    const endMs = sessions.endsMs.reduce((a, b) => Math.max(a, b));
    // What was before the first event that is known of could have been part of it.
    const sinceMs = startMs - (window.kind === 'session' ? window.gapMs : 0);
    const answer = (this.#sessions ??= new SessionAnswer(this.#parts.plan));
    const finished = answer.rows(sessions);
    const span = { startMs: sinceMs, endMs: throughMs + final.latenessMs, final: true };
    const { notes } = answer;
    this.#tellRows({ startMs, endMs }, finished, { span, counts: sessions, notes, nowMs });
  }

  ended(windows: readonly HomeWindow[], nowMs: number): void {
    for (const window of windows) this.#tell(window, nowMs);
  }

  #tell(window: HomeWindow, nowMs: number): void {
    const { startMs, endMs } = window;
    const isBroken = this.#isBroken;
    this.#isBroken = false;
    const span = { startMs, endMs, final: true, byArrival: true, isBroken };
    const answer = (this.#answer ??= new HomeAnswer(this.#parts.plan));
    const rows = answer.rows(window);
    const { notes } = answer;
    this.#tellRows(window, rows, { span, counts: window, notes, nowMs });
  }

  #tellRows(
    { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
    finished: readonly ValueObject[],
    { span, counts, notes, nowMs }: Told,
  ): void {
    const { account, refuse, tell } = this.#parts;
    const admitted = this.#budget.admit(finished.length, nowMs);
    if (admitted < finished.length) refuse(finished.length - admitted);
    const rows = finished.slice(0, admitted);
    const completeness = this.#columnNotes.completed(account.of(span, nowMs, counts), notes);
    // Sessions that overlap these have what these have lost.
    if (span.byArrival !== true) account.windowTold(span.endMs, completeness);
    const told = { startMs, endMs, revision: 0, provisional: false, append: true };
    tell({ ...told, rows, completeness }, nowMs);
  }
}
