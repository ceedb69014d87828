/**
 * Who inside the engine reads one pipeline, such as alert rules: they get closed windows as values,
 * once each and never provisional, and keep the pipeline and the groups they name alive.
 */
import { groupKey } from '../model/group-key.ts';
import type { Value } from '../model/value.ts';
import type { Completeness } from '../wire/results.ts';
import type { CoordinatorEffect } from './messages.ts';
import type { ToldWindow } from './window-cycle.ts';

export type GroupKeys = readonly (readonly Value[])[];

export class Listeners {
  readonly #emit: (effect: CoordinatorEffect) => void;
  /** Listener → the groups it holds. */
  readonly #held = new Map<string, GroupKeys>();

  constructor(emit: (effect: CoordinatorEffect) => void) {
    this.#emit = emit;
  }

  get names(): readonly string[] {
    return [...this.#held.keys()];
  }

  get size(): number {
    return this.#held.size;
  }

  join(listener: string): void {
    this.#held.set(listener, []);
  }

  leave(listener: string): void {
    this.#held.delete(listener);
  }

  /** Replaces what the listener holds. */
  hold(listener: string, groups: GroupKeys): void {
    if (this.#held.has(listener)) this.#held.set(listener, groups);
  }

  /** The groups that some listener holds, by their text. */
  held(): Map<string, readonly Value[]> {
    const held = new Map<string, readonly Value[]>();
    for (const groups of this.#held.values()) {
      for (const group of groups) held.set(groupKey(group), group);
    }
    return held;
  }

  window(window: ToldWindow, quiet: ReadonlySet<string>): void {
    this.#emit({ type: 'window', listeners: [...this.#held.keys()], window, quiet });
  }

  source(completeness: Completeness): void {
    this.#emit({ type: 'source', listeners: [...this.#held.keys()], completeness });
  }

  /** The pipeline ends; whoever wants to go on listens again. */
  end(reason: string): void {
    for (const listener of this.#held.keys()) this.#emit({ type: 'deaf', listener, reason });
    this.#held.clear();
  }
}
