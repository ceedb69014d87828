/**
 * What is known of one table's source: when it was last heard of, what it said of its version, how
 * often it failed since, and when it is asked again. Failures wait longer and longer.
 */
import type { Config } from '../config.ts';
import type { TableSourceView } from '../gateway/table-port.ts';
import type { TableSource } from '../store/table-source.ts';
import type { Validators } from './table-fetch.ts';

const FIRST_WAIT_MS = 1_000;

export class TableFeed {
  readonly source: TableSource;
  isBusy = false;
  validators: Validators | null = null;
  checkedAtMs: number | null = null;
  error: string | null = null;
  #failures = 0;
  #nextAtMs = -Infinity;

  constructor(source: TableSource) {
    this.source = source;
  }

  isDue(nowMs: number): boolean {
    return !this.isBusy && nowMs >= this.#nextAtMs;
  }

  confirmed(validators: Validators | null, nowMs: number): void {
    if (validators !== null) this.validators = validators;
    this.checkedAtMs = nowMs;
    this.error = null;
    this.#failures = 0;
    this.#nextAtMs = nowMs + this.source.refreshMs;
  }

  /** `spread`: 0 … 1, so that many engines do not come back together. */
  failed(
    reason: string,
    retryAfterMs: number | null,
    at: { readonly nowMs: number; readonly spread: number },
    { tableBackoffMsMax }: Pick<Config, 'tableBackoffMsMax'>,
  ): void {
    this.error = reason;
    const doubled = FIRST_WAIT_MS * 2 ** Math.min(this.#failures, 30);
    this.#failures++;
    const waitMs = Math.min(doubled * (1 + at.spread / 4), tableBackoffMsMax);
    this.#nextAtMs = at.nowMs + Math.max(waitMs, Math.min(retryAfterMs ?? 0, tableBackoffMsMax));
  }

  view(): TableSourceView {
    const { from, kind, location, refreshMs } = this.source;
    const shown = kind === 'file' ? location : location.replace(/[?#].*$/, '?…');
    const failures = this.#failures;
    const { checkedAtMs, error } = this;
    return { kind, location: shown, from, refreshMs, checkedAtMs, failures, error };
  }
}
