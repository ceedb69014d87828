/**
 * What joins a view to its readers: every window that its pipeline closes goes to one shard, as
 * events of the view's inner stream, and how much of the truth it saw is kept for the readers.
 *
 * Invariants: rows leave before the watermark passes them; each window once (amended answers are
 * not passed on); a reader never claims more than the windows that went into its answer.
 */
import type { Config } from '../config.ts';
import type { QueryPlan } from '../ir/plan.ts';
import { viewStream } from '../ir/view-stream.ts';
import type { Completeness } from '../wire/results.ts';
import type { CoordinatorEffect } from './messages.ts';
import type { SourceGroup } from './source-group.ts';
import { ViewTruth } from './view-truth.ts';
import type { ToldWindow } from './window-cycle.ts';

/** A pipeline, as far as its feed cares. */
export interface FeedPipeline {
  readonly plan: QueryPlan;
  readonly group: Pick<SourceGroup, 'standing'>;
  /** Windows that end at or before this were told. */
  readonly toldThroughMs: number;
}

export interface ViewFeedParts {
  readonly pipeline: FeedPipeline;
  readonly config: Config;
  readonly shardsUp: () => ReadonlySet<number>;
  readonly emit: (effect: CoordinatorEffect) => void;
}

export class ViewFeed {
  readonly stream: string;
  /** Rows handed to shards so far. */
  rows = 0;
  readonly #parts: ViewFeedParts;
  readonly #truth = new ViewTruth();

  constructor(parts: ViewFeedParts) {
    this.#parts = parts;
    this.stream = viewStream(parts.pipeline.plan.fingerprint);
  }

  /** No window of the view that ends at or before this is still to come. */
  get watermarkMs(): number {
    return this.#parts.pipeline.toldThroughMs;
  }

  /** How far behind the clock the view's rows may come: its window's length and its own wait. */
  slackMs(nowMs: number): number {
    const { config, pipeline } = this.#parts;
    const { window } = pipeline.plan;
    const slideMs = window.kind === 'time' ? window.slideMs : window.paneMs;
    return pipeline.group.standing(nowMs).slackMs + config.closeWaitMs + slideMs;
  }

  told(window: ToldWindow, nowMs: number): void {
    if (window.provisional || window.revision > 0) return;
    const { endMs, rows, completeness } = window;
    const shard = this.#shard();
    const isLost = shard === null && rows.length > 0;
    this.#truth.add(endMs, isLost ? withLost(completeness, rows.length) : completeness, nowMs);
    if (shard === null || rows.length === 0) return;
    this.rows += rows.length;
    const { stream } = this;
    const message = { type: 'view-rows', stream, timeMs: endMs - 1, events: rows } as const;
    this.#parts.emit({ type: 'to-shard', shard, message });
  }

  /** What the rows in [startMs, endMs) saw; null: there are none. */
  within(startMs: number, endMs: number): Completeness | null {
    return this.#truth.within(startMs, endMs);
  }

  /** What the rows that came since `sinceMs` saw, the newest in any case. */
  toldSince(sinceMs: number): Completeness | null {
    return this.#truth.toldSince(sinceMs);
  }

  /** Shards forget the stream; its counts stay in the ledger. */
  end(): void {
    this.#parts.emit({ type: 'to-all-shards', message: { type: 'view-end', stream: this.stream } });
  }

  /** Always the same one while the set of shards is the same; null: none is up. */
  #shard(): number | null {
    const shards = [...this.#parts.shardsUp()].sort((a, b) => a - b);
    const digits = this.stream.slice(-8);
    return shards[Number.parseInt(digits, 16) % shards.length] ?? null;
  }
}

function withLost(truth: Completeness, rows: number): Completeness {
  const dropped = { ...truth.events.dropped };
  dropped['shard_restart'] = (dropped['shard_restart'] ?? 0) + rows;
  return {
    ...truth,
    status: 'degraded',
    reasons: [...new Set(['dropped', ...truth.reasons])],
    events: { ...truth.events, dropped },
  };
}
