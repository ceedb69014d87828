/**
 * What the store could not take: states and transitions that wait until it works again. Bounded:
 * of an alert only its newest state is kept, and of transitions so many; the oldest are given up
 * and counted, since the newest tell what is the case.
 */
import type { SavedAlert } from './saved-alert.ts';
import type { AlertTransition } from './transition.ts';

/** Transitions that wait, about 4 MB of them. */
export const UNWRITTEN_TRANSITIONS_MAX = 2_000;

export class Unwritten {
  /** Newest state of each alert. */
  readonly #saves = new Map<string, SavedAlert>();
  #transitions: AlertTransition[] = [];

  get isEmpty(): boolean {
    return this.#saves.size === 0 && this.#transitions.length === 0;
  }

  saves(): SavedAlert[] {
    return [...this.#saves.values()];
  }

  /** Oldest first. */
  transitions(): readonly AlertTransition[] {
    return this.#transitions;
  }

  add(saves: readonly SavedAlert[], transitions: readonly AlertTransition[]): void {
    for (const save of saves) {
      this.#saves.set(JSON.stringify([save.rule, save.condition, save.key]), save);
    }
    for (const transition of transitions) this.#transitions.push(transition);
  }

  /** After a failure: keeps no more than the bound. Returns how many were given up. */
  trim(): number {
    const excess = this.#transitions.length - UNWRITTEN_TRANSITIONS_MAX;
    if (excess <= 0) return 0;
    this.#transitions = this.#transitions.slice(excess);
    return excess;
  }

  clear(): void {
    this.#saves.clear();
    this.#transitions = [];
  }
}
