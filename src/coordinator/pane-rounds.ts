/**
 * The two kinds of rounds in which a pipeline asks shards for panes: one that closes them, one that
 * only looks. Each has at most one round under way; it is over when all that were asked have
 * answered or died, and then `onClosed` or `onPeeked` is called.
 */
import type { PanesMessage } from '../shard/messages.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import type { CoordinatorEffect } from './messages.ts';
import { PaneCollector } from './pane-collector.ts';

export interface PaneRoundsParts {
  /** The pipeline as shards know it. */
  readonly stage: string;
  readonly shardsUp: () => Iterable<number>;
  /** The shard that alone holds the panes of a query with a home stage; else null. */
  readonly home: () => number | null;
  readonly emit: (effect: CoordinatorEffect) => void;
  /** Every pane that ends at or before `throughMs`, of all shards. */
  readonly onClosed: (panes: readonly PanePartial[], throughMs: number, nowMs: number) => void;
  /** Copies of the open panes that start before `beforeMs`, of all shards. */
  readonly onPeeked: (panes: readonly PanePartial[], beforeMs: number, nowMs: number) => void;
}

export class PaneRounds {
  readonly #parts: PaneRoundsParts;
  readonly #closing = new PaneCollector();
  readonly #peeking = new PaneCollector();

  constructor(parts: PaneRoundsParts) {
    this.#parts = parts;
  }

  get isClosing(): boolean {
    return this.#closing.isOpen;
  }

  get isPeeking(): boolean {
    return this.#peeking.isOpen;
  }

  close(throughMs: number, nowMs: number): void {
    const { home, shardsUp, stage } = this.#parts;
    const shards = [...shardsUp()];
    const holder = home();
    const holders = holder === null ? shards : [holder];
    const awaits = holder === null ? [] : shards.filter((shard) => shard !== holder);
    this.#closing.begin(holders, throughMs);
    if (holders.length === 0) this.#closed(nowMs);
    const message = { type: 'close', pipeline: stage, throughMs, awaits } as const;
    for (const shard of shards) this.#parts.emit({ type: 'to-shard', shard, message });
  }

  peek(beforeMs: number, nowMs: number): void {
    const { home, shardsUp, stage } = this.#parts;
    const holder = home();
    const holders = holder === null ? [...shardsUp()] : [holder];
    this.#peeking.begin(holders, beforeMs);
    if (holders.length === 0) this.#peeked(nowMs);
    const message = { type: 'peek', pipeline: stage, beforeMs } as const;
    for (const shard of holders) this.#parts.emit({ type: 'to-shard', shard, message });
  }

  answer(shard: number, message: PanesMessage, nowMs: number): void {
    const round = message.closed ? this.#closing : this.#peeking;
    if (!round.answer(shard, message.throughMs, message.panes)) return;
    if (message.closed) this.#closed(nowMs);
    else this.#peeked(nowMs);
  }

  lose(shard: number, nowMs: number): void {
    if (this.#closing.lose(shard)) this.#closed(nowMs);
    if (this.#peeking.lose(shard)) this.#peeked(nowMs);
  }

  #closed(nowMs: number): void {
    this.#parts.onClosed(this.#closing.take(), this.#closing.throughMs, nowMs);
  }

  #peeked(nowMs: number): void {
    this.#parts.onPeeked(this.#peeking.take(), this.#peeking.throughMs, nowMs);
  }
}
