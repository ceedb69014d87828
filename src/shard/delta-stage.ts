/**
 * A query that agents aggregate by themselves: their deltas in one table, and what others send, who
 * ship events (HTTP, agents of an older version), in the stage that it would have anyway. Closing
 * and peeking give the panes of both; whoever merges adds them up as those of two shards.
 */
import type { EventBatch } from '../model/batch.ts';
import type { StateSize } from '../operator/pane-contents.ts';
import type { BatchClock } from '../operator/project-rows.ts';
import type { DeltaPanes } from '../window/delta-panes.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import type { DeltaShape, QueryDelta } from '../wire/partials-frame.ts';
import type { PanesMessage, PlannedQuery } from './messages.ts';
import type { PipelineStage } from './pipeline-stage.ts';
import { knownReason } from '../telemetry/signals.ts';

export class DeltaStage implements PipelineStage {
  readonly speaks = false;
  readonly planned: PlannedQuery;
  readonly shape: DeltaShape;
  readonly #shipped: PipelineStage;
  readonly #panes: DeltaPanes;
  #merged = 0;

  constructor(
    shipped: PipelineStage,
    parts: { readonly shape: DeltaShape; readonly panes: DeltaPanes },
  ) {
    this.planned = shipped.planned;
    this.#shipped = shipped;
    this.#panes = parts.panes;
    this.shape = parts.shape;
  }

  get work(): number {
    return this.#shipped.work + this.#merged;
  }

  get state(): StateSize | null {
    const shipped = this.#shipped.state;
    const told = this.#panes.state;
    return {
      bytes: (shipped?.bytes ?? 0) + told.bytes,
      groups: Math.max(shipped?.groups ?? 0, told.groups),
    };
  }

  discard(): number {
    return this.#shipped.discard() + this.#panes.discard();
  }

  addDelta({ losses, panes }: QueryDelta, latestMs: number): void {
    for (const [reason, events] of losses) this.#panes.drop(knownReason(reason), events);
    for (const pane of panes) {
      this.#panes.add(pane, latestMs);
      this.#merged += pane.groups?.keys.length ?? 0;
    }
  }

  /** Who aggregates ships for other queries only. */
  addBatch(batch: EventBatch, clock: BatchClock): void {
    if (batch.isAggregated !== true) this.#shipped.addBatch(batch, clock);
  }

  addFiltered(timeMs: number, count: number): void {
    this.#shipped.addFiltered(timeMs, count);
  }

  close(throughMs: number, awaits: readonly number[]): PanesMessage | null {
    const message = this.#shipped.close(throughMs, awaits);
    return message && this.#joined(message, this.#panes.closeThrough(throughMs));
  }

  peek(beforeMs: number): PanesMessage | null {
    const message = this.#shipped.peek(beforeMs);
    return message && this.#joined(message, this.#panes.peek(beforeMs));
  }

  tick(): void {
    // Panes close when they are asked to.
  }

  takeOutputs(): readonly never[] {
    return NOTHING;
  }

  stringIds(): Iterable<number> {
    return this.#shipped.stringIds();
  }

  #joined(message: PanesMessage, told: readonly PanePartial[]): PanesMessage {
    const dropped: Record<string, number> = { ...message.dropped };
    for (const [reason, events] of Object.entries(this.#panes.dropped)) {
      dropped[reason] = (dropped[reason] ?? 0) + events;
    }
    const panes = [...message.panes, ...told];
    return { ...message, panes, late: message.late + this.#panes.late, dropped };
  }
}

const NOTHING: readonly never[] = [];
