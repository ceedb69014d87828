/**
 * When to tell the engine that a window's end has passed: right after each pane end of an active
 * query, plus the stream's slack, plus a few milliseconds fixed by the agent's id, so that a fleet
 * does not speak in one instant. Times are of the corrected clock.
 */
import type { StreamState } from './stream-state.ts';

/** Largest spread over a fleet. */
const SPREAD_MS = 20;
/** Panes shorter than this are told of together. */
const PANE_MS_MIN = 20;

export class PaneBeats {
  readonly #spreadMs: number;
  readonly #dueMs = new Map<StreamState, number>();

  constructor(agentId: string) {
    this.#spreadMs = spreadOf(agentId);
  }

  /** Infinity: no active query has panes. */
  get nextMs(): number {
    let nextMs = Infinity;
    for (const dueMs of this.#dueMs.values()) if (dueMs < nextMs) nextMs = dueMs;
    return nextMs;
  }

  /** The set of queries changed. */
  replan(streams: Iterable<StreamState>, nowMs: number): void {
    this.#dueMs.clear();
    for (const stream of streams) this.#schedule(stream, nowMs);
  }

  /** Streams whose pane ended; each is scheduled for its next. */
  takeDue(nowMs: number): readonly StreamState[] {
    const due: StreamState[] = [];
    for (const [stream, dueMs] of this.#dueMs) if (dueMs <= nowMs) due.push(stream);
    for (const stream of due) this.#schedule(stream, nowMs);
    return due;
  }

  #schedule(stream: StreamState, nowMs: number): void {
    const delayMs = stream.time.slackMs + this.#spreadMs;
    let nextMs = Infinity;
    for (const size of stream.evaluator?.paneSizesMs ?? []) {
      const paneMs = size * Math.ceil(PANE_MS_MIN / size);
      const endMs = (Math.floor((nowMs - delayMs) / paneMs) + 1) * paneMs + delayMs;
      if (endMs < nextMs) nextMs = endMs;
    }
    if (nextMs === Infinity) this.#dueMs.delete(stream);
    else this.#dueMs.set(stream, nextMs);
  }
}

function spreadOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) >>> 0;
  return hash % (SPREAD_MS + 1);
}
