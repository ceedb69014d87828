/** One backtest at a time: asks the engine, follows its progress, and can be stopped. */
import { signal } from '@preact/signals';
import type { BacktestReport } from '../../src/alert/backtest.ts';
import type { Problem } from '../../src/wire/results.ts';
import type { ApiLines } from '../browser-lines.ts';
import { recordFrom } from '../catalogue.ts';
import { scaleOf, sweepOf } from './threshold-scale.ts';

/** What the past is. */
export type Past =
  | { readonly series: { readonly from: number; readonly to: number } }
  | {
      readonly events: { readonly stream: string; readonly time: string; readonly ndjson: string };
    };

export interface BacktestState {
  /** Share that is done, 0 … 1; null: nothing runs. */
  readonly done: number | null;
  readonly report: BacktestReport | null;
  /** The rule under other thresholds, by threshold. */
  readonly sweep: BacktestReport['results'];
  readonly problem: string | null;
}

const NOTHING: BacktestState = { done: null, report: null, sweep: [], problem: null };

export class BacktestRun {
  readonly state = signal<BacktestState>(NOTHING);
  readonly #lines: ApiLines;
  #aborting: AbortController | null = null;

  constructor(lines: ApiLines) {
    this.#lines = lines;
  }

  /** The rule as it is, then with thresholds around its own. What ran before is stopped. */
  async start(text: string, past: Past): Promise<void> {
    this.#aborting?.abort();
    const aborting = new AbortController();
    this.#aborting = aborting;
    this.#set({ done: 0, problem: null });
    const report = await this.#ask({ text, ...past }, aborting.signal);
    if (aborting.signal.aborted) return;
    if (report === null) {
      this.#set({ done: null, report: null, sweep: [] });
      return;
    }
    const value = report.threshold?.column == null ? null : report.threshold.value;
    this.#set({ report, sweep: value === null ? [] : report.results });
    const sweep = value === null ? [] : sweepOf(scaleOf(report.chart, value), value);
    const swept =
      sweep.length === 0 ? null : await this.#ask({ text, sweep, ...past }, aborting.signal);
    if (aborting.signal.aborted) return;
    this.#set({ done: null, ...(swept !== null && { sweep: swept.results }) });
  }

  stop(): void {
    this.#aborting?.abort();
    this.#aborting = null;
    this.#set({ done: null });
  }

  async #ask(body: object, asked: AbortSignal): Promise<BacktestReport | null> {
    let report: BacktestReport | null = null;
    const failure = await this.#lines('rules/backtest', body, asked, (line) => {
      const message = recordFrom(line);
      if (message['type'] === 'progress') this.#set({ done: Number(message['done']) });
      if (message['type'] === 'report') report = message['report'] as BacktestReport;
      if (message['type'] === 'error') {
        const { detail, title } = message['problem'] as Problem;
        this.#set({ problem: detail ?? title });
      }
    });
    if (failure !== null && !asked.aborted) this.#set({ problem: failure });
    return report;
  }

  #set(changes: Partial<BacktestState>): void {
    this.state.value = { ...this.state.peek(), ...changes };
  }
}
