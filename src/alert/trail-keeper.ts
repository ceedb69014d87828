/**
 * Writes the trails of rules down, a few at a time, so that why an alert did or did not fire can be
 * told after a restart. What is lost with a killed process is the newest windows of some trails,
 * never a state. Bounded: `SPENT_MS` a turn, whatever the number of rules.
 */
import type { AlertEngine } from './alert-engine.ts';
import type { RuleWatch } from './rule-watch.ts';
import { resumeTrail, savedTrail } from './saved-trail.ts';
import type { SavedTrail } from './saved-trail.ts';

/** `AlertStore` is one. @throws EngineError `ENGINE_STORE_…` */
export interface TrailStore {
  trails(): readonly { readonly rule: string; readonly trail: SavedTrail }[];
  putTrails(trails: readonly { readonly rule: string; readonly trail: SavedTrail }[]): void;
  dropTrail(rule: string): void;
}

/** Between two writes of the same trail. */
const EVERY_MS = 5_000;
const SPENT_MS = 2;

export class TrailKeeper {
  readonly #engine: AlertEngine;
  readonly #store: TrailStore;
  /** Rule → number of the newest window that is written down. */
  readonly #written = new Map<string, number>();
  /** Those whose turn it still is. */
  #round: Iterator<RuleWatch> | null = null;
  #nextRoundMs = -Infinity;

  constructor(engine: AlertEngine, store: TrailStore) {
    this.#engine = engine;
    this.#store = store;
  }

  /** After states were restored, before windows come. */
  restore(): void {
    for (const { rule, trail } of this.#store.trails()) {
      const watch = this.#engine.watch(rule);
      if (watch === null || !resumeTrail(watch, trail)) this.#store.dropTrail(rule);
      else this.#written.set(rule, trail.newest);
    }
  }

  /** @throws EngineError if the store fails; the next round tries again. */
  tick(now: () => number): void {
    const startedMs = now();
    if (this.#round === null) {
      const isDue = startedMs >= this.#nextRoundMs || startedMs < this.#nextRoundMs - EVERY_MS;
      if (!isDue) return;
      this.#nextRoundMs = startedMs + EVERY_MS;
      this.#forgetGone();
      this.#round = this.#engine.watches()[Symbol.iterator]();
    }
    const trails: { rule: string; trail: SavedTrail }[] = [];
    while (now() - startedMs < SPENT_MS) {
      const { done, value: watch } = this.#round.next();
      if (done === true) {
        this.#round = null;
        break;
      }
      if (this.#isNew(watch)) trails.push({ rule: watch.rule.rule.name, trail: savedTrail(watch) });
    }
    this.#write(trails);
  }

  /** All that is not written down. @throws as `tick`. */
  saveAll(): void {
    const all = [...this.#engine.watches()].filter((watch) => this.#isNew(watch));
    this.#write(all.map((watch) => ({ rule: watch.rule.rule.name, trail: savedTrail(watch) })));
  }

  #isNew({ rule, trail }: RuleWatch): boolean {
    return trail.newest > (this.#written.get(rule.rule.name) ?? -1);
  }

  #write(trails: readonly { readonly rule: string; readonly trail: SavedTrail }[]): void {
    if (trails.length === 0) return;
    this.#store.putTrails(trails);
    for (const { rule, trail } of trails) this.#written.set(rule, trail.newest);
  }

  #forgetGone(): void {
    for (const rule of this.#written.keys()) {
      if (this.#engine.watch(rule) !== null) continue;
      this.#store.dropTrail(rule);
      this.#written.delete(rule);
    }
  }
}
