/**
 * One stream's page of an agent's ledger: what became of every event that was offered.
 *
 * offered = filtered + sampledOut + aggregated + sent + dropped + queued, at any moment.
 */
import type { StreamCounts } from '../src/wire/agent-messages.ts';
import type { DropReason, PublishOutcome } from './publish-outcome.ts';

export class StreamPage {
  offered = 0;
  aggregated = 0;
  sent = 0;
  /** Looked at for standing queries only. */
  shedAdHoc = 0;
  #filtered = 0;
  #sampledOut = 0;
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  /** Filtered, sampled out and aggregated, as far as the engine was told. */
  #leftOutReported = 0;

  leaveOut(verdict: 'filtered' | 'sampled'): PublishOutcome {
    if (verdict === 'filtered') this.#filtered++;
    else this.#sampledOut++;
    return verdict;
  }

  drop(reason: DropReason, events: number): PublishOutcome {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + events;
    return `dropped:${reason}`;
  }

  /** Cumulative; telling them settles what frames would have said about events left out. */
  counts(): StreamCounts {
    this.unreported();
    return {
      offered: this.offered,
      filtered: this.#filtered,
      sampledOut: this.#sampledOut,
      aggregated: this.aggregated,
      sent: this.sent,
      dropped: { ...this.#dropped },
      ...(this.shedAdHoc > 0 ? { shedAdHoc: this.shedAdHoc } : {}),
    };
  }

  /** Events left out that the engine has not been told of; it is told now. */
  unreported(): number {
    const leftOut = this.#filtered + this.#sampledOut + this.aggregated;
    const news = leftOut - this.#leftOutReported;
    this.#leftOutReported = leftOut;
    return news;
  }
}
