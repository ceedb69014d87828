/**
 * What was lost for one pipeline since its last result: agents and shards count cumulatively, a
 * result wants the increase. A shard that starts anew counts from zero again.
 */
import type { PanesMessage } from '../shard/messages.ts';
import { increase } from './loss-totals.ts';
import type { SourceGroup } from './source-group.ts';

export class LossWatch {
  readonly #group: SourceGroup;
  readonly #shards = new Map<number, { late: number; dropped: Readonly<Record<string, number>> }>();
  #losses: Record<string, number>;
  #lateReported = 0;

  constructor(group: SourceGroup) {
    this.#group = group;
    this.#losses = group.losses();
  }

  update(shard: number, message: PanesMessage): void {
    this.#shards.set(shard, { late: message.late, dropped: message.dropped });
  }

  lose(shard: number): void {
    this.#shards.delete(shard);
    this.#lateReported = this.#lateTotal();
  }

  /** Late events since the last call. */
  late(): number {
    const total = this.#lateTotal();
    const delta = Math.max(0, total - this.#lateReported);
    this.#lateReported = total;
    return delta;
  }

  /** Events lost since the last call, by reason. */
  losses(): Record<string, number> {
    const totals = this.#group.losses();
    for (const { dropped } of this.#shards.values()) {
      for (const [reason, n] of Object.entries(dropped)) totals[reason] = (totals[reason] ?? 0) + n;
    }
    const delta = increase(this.#losses, totals);
    this.#losses = totals;
    return delta;
  }

  #lateTotal(): number {
    let total = 0;
    for (const { late } of this.#shards.values()) total += late;
    return total;
  }
}
