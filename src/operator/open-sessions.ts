/**
 * Sessions that have not ended, as numbers: which session an event of a group falls into, by event
 * time alone. Sessions of one group lie at least `gapMs` apart, or were cut at `maxMs`; an event
 * between two may make them one. Numbers start at 1, and a number that was taken up by another
 * session stays as its alias until {@link OpenSessions.renumber}.
 *
 * Invariant: however events of a group are ordered, its sessions come out the same, but for where
 * `maxMs` cuts: there the events that came first decide.
 */
import type { SessionWindow } from '../ir/plan.ts';
import type { Value } from '../model/value.ts';
import { grownFloats, grownUints } from '../sketch/typed-column.ts';

/** One group's open sessions, in order of start. */
export interface GroupSessions {
  readonly key: readonly Value[];
  readonly open: number[];
}

/** A session that has ended; `number` as it was. */
export interface EndedSession {
  readonly number: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly key: readonly Value[];
}

export class OpenSessions {
  readonly #gapMs: number;
  readonly #maxMs: number;
  readonly #sessionsMax: number;
  #startMs: Float64Array = new Float64Array(0);
  #lastMs: Float64Array = new Float64Array(0);
  #aliasOf: Uint32Array = new Uint32Array(0);
  /** Numbers given out, 0 included. */
  #count = 1;
  #open = 0;

  constructor({ gapMs, maxMs }: SessionWindow, sessionsMax: number) {
    this.#gapMs = gapMs;
    this.#maxMs = maxMs ?? Infinity;
    this.#sessionsMax = sessionsMax;
  }

  /** Numbers are below this. */
  get count(): number {
    return this.#count;
  }

  /** Sessions that are open. */
  get size(): number {
    return this.#open;
  }

  /** The session of an event; 0: it would be a new one, and there are too many. */
  place({ open }: GroupSessions, timeMs: number): number {
    let next = open.length;
    while (next > 0 && this.#startMs[open[next - 1]!]! > timeMs) next--;
    const before = open[next - 1] ?? 0;
    const after = open[next] ?? 0;
    const joinsAfter = after !== 0 && this.#reachesBack(after, timeMs);
    if (before !== 0 && this.#reaches(before, timeMs)) {
      this.#lastMs[before] = Math.max(this.#lastMs[before]!, timeMs);
      if (joinsAfter && this.#lastMs[after]! - this.#startMs[before]! < this.#maxMs) {
        this.#unite(before, after);
        open.splice(next, 1);
      }
      return before;
    }
    if (joinsAfter) {
      this.#startMs[after] = timeMs;
      return after;
    }
    const made = this.#create(timeMs);
    if (made !== 0) open.splice(next, 0, made);
    return made;
  }

  /** Takes the sessions out that end at or before `throughMs`. */
  end(group: GroupSessions, throughMs: number, ended: EndedSession[]): void {
    const { key, open } = group;
    let kept = 0;
    for (const number of open) {
      const startMs = this.#startMs[number]!;
      const endMs = Math.min(this.#lastMs[number]! + this.#gapMs, startMs + this.#maxMs);
      if (endMs > throughMs) open[kept++] = number;
      else ended.push({ number, startMs, endMs, key });
    }
    this.#open -= open.length - kept;
    open.length = kept;
  }

  /** Where a number leads to: itself, or the session that took it up. */
  root(number: number): number {
    let root = number;
    while (this.#aliasOf[root] !== 0) root = this.#aliasOf[root]!;
    return root;
  }

  /**
   * Numbers the open sessions of these groups anew, from 1 on. Returns, for every old number, the
   * new one of its session; 0: it has ended.
   */
  renumber(groups: Iterable<GroupSessions>): Uint32Array {
    const renamed = new Uint32Array(this.#count);
    const [startMs, lastMs] = [this.#startMs.slice(), this.#lastMs.slice()];
    let count = 1;
    for (const { open } of groups) {
      for (let i = 0; i < open.length; i++) {
        const old = open[i]!;
        renamed[old] = count;
        this.#startMs[count] = startMs[old]!;
        this.#lastMs[count] = lastMs[old]!;
        open[i] = count++;
      }
    }
    for (let old = 1; old < this.#count; old++) renamed[old] = renamed[this.root(old)]!;
    this.#aliasOf.fill(0);
    this.#count = count;
    return renamed;
  }

  #reaches(session: number, timeMs: number): boolean {
    return (
      timeMs - this.#lastMs[session]! < this.#gapMs &&
      timeMs - this.#startMs[session]! < this.#maxMs
    );
  }

  #reachesBack(session: number, timeMs: number): boolean {
    return (
      this.#startMs[session]! - timeMs < this.#gapMs &&
      this.#lastMs[session]! - timeMs < this.#maxMs
    );
  }

  #unite(session: number, taken: number): void {
    this.#lastMs[session] = Math.max(this.#lastMs[session]!, this.#lastMs[taken]!);
    this.#aliasOf[taken] = session;
    this.#open--;
  }

  #create(timeMs: number): number {
    if (this.#open >= this.#sessionsMax) return 0;
    const number = this.#count++;
    this.#startMs = grownFloats(this.#startMs, this.#count);
    this.#lastMs = grownFloats(this.#lastMs, this.#count);
    this.#aliasOf = grownUints(this.#aliasOf, this.#count);
    this.#startMs[number] = timeMs;
    this.#lastMs[number] = timeMs;
    this.#aliasOf[number] = 0;
    this.#open++;
    return number;
  }
}
