/**
 * One round of asking every shard for panes of a pipeline. A round is over when all shards that
 * were asked have answered or died; one round at a time, so that answers can never be confused.
 */
import type { PanePartial } from '../window/pane-partial.ts';

/** Between rounds; never added to. */
const NO_PANES: PanePartial[] = [];
const NOBODY: Set<number> = new Set();

export class PaneCollector {
  #awaiting: Set<number> = NOBODY;
  #panes: PanePartial[] = NO_PANES;
  #throughMs = 0;
  #lost = false;

  get isOpen(): boolean {
    return this.#awaiting.size > 0;
  }

  get throughMs(): number {
    return this.#throughMs;
  }

  /** A shard died before it answered: what it held is not in the panes. */
  get lostShard(): boolean {
    return this.#lost;
  }

  begin(shards: Iterable<number>, throughMs: number): void {
    this.#awaiting = new Set(shards);
    this.#panes = [];
    this.#throughMs = throughMs;
    this.#lost = false;
  }

  /** True if this answer ended the round. */
  answer(shard: number, throughMs: number, panes: readonly PanePartial[]): boolean {
    if (throughMs !== this.#throughMs || !this.#awaiting.delete(shard)) return false;
    for (const pane of panes) this.#panes.push(pane);
    return this.#isOver();
  }

  /** True if the loss ended the round. */
  lose(shard: number): boolean {
    if (!this.#awaiting.delete(shard)) return false;
    this.#lost = true;
    return this.#isOver();
  }

  take(): PanePartial[] {
    const panes = this.#panes;
    this.#panes = NO_PANES;
    return panes;
  }

  #isOver(): boolean {
    if (this.#awaiting.size > 0) return false;
    this.#awaiting = NOBODY;
    return true;
  }
}
