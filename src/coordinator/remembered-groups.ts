/**
 * Groups that were seen and went quiet: they emit zeros for a while, so that a drop to zero is a
 * value and not an absence. Remembered for the longer of `rememberedWindows` windows and
 * `rememberedMs`; at the cap the group seen longest ago is forgotten first, and counted.
 */
import type { Config } from '../config.ts';
import type { AggregateStage } from '../ir/plan.ts';
import { groupKey } from '../model/group-key.ts';
import type { Value } from '../model/value.ts';

interface Remembered {
  readonly key: readonly Value[];
  lastSeenMs: number;
}

export class RememberedGroups {
  readonly #stage: AggregateStage;
  readonly #keepMs: number;
  /** In order of last sighting, longest ago first. */
  readonly #groups = new Map<string, Remembered>();
  /** Never forgotten, whether seen or not. */
  #held: ReadonlyMap<string, readonly Value[]> = new Map();
  #forgotten = 0;

  constructor(stage: AggregateStage, windowMs: number, config: Config) {
    this.#stage = stage;
    this.#keepMs = Math.max(config.rememberedWindows * windowMs, config.rememberedMs);
  }

  /** Groups forgotten because there were too many. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get size(): number {
    return this.#groups.size;
  }

  see(keys: readonly (readonly Value[])[], atMs: number): void {
    for (const key of keys) {
      const text = groupKey(key);
      const known = this.#groups.get(text);
      if (known !== undefined) this.#groups.delete(text);
      this.#groups.set(text, known ?? { key, lastSeenMs: atMs });
      if (known !== undefined) known.lastSeenMs = Math.max(known.lastSeenMs, atMs);
    }
    if (this.#groups.size > this.#stage.groupsMax) this.#forgetOldest();
  }

  expire(nowMs: number): void {
    for (const [text, group] of this.#groups) {
      if (nowMs - group.lastSeenMs <= this.#keepMs) break;
      if (!this.#held.has(text)) this.#groups.delete(text);
    }
  }

  /** Replaces the groups, by text, that are kept although they are quiet. */
  hold(groups: ReadonlyMap<string, readonly Value[]>): void {
    this.#held = groups;
  }

  /** Texts of groups that were not seen since `sinceMs`. */
  quiet(sinceMs: number): Set<string> {
    const quiet = new Set<string>();
    for (const [text, group] of this.#groups) if (group.lastSeenMs < sinceMs) quiet.add(text);
    for (const text of this.#held.keys()) if (!this.#groups.has(text)) quiet.add(text);
    return quiet;
  }

  #forgetOldest(): void {
    let excess = this.#groups.size - this.#stage.groupsMax;
    for (const text of this.#groups.keys()) {
      if (excess <= 0) return;
      if (this.#held.has(text)) continue;
      this.#groups.delete(text);
      this.#forgotten++;
      excess--;
    }
  }

  /** Of every remembered group: named in a window, what did not come is a zero. */
  keys(): (readonly Value[])[] {
    const keys = Array.from(this.#groups.values(), (group) => group.key);
    for (const [text, key] of this.#held) if (!this.#groups.has(text)) keys.push(key);
    return keys;
  }
}
