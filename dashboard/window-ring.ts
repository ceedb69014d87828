/**
 * The recent windows of one result as columns: a ring of window slots in time order and, for each
 * group, one Float64Array a value column over the same slots (NaN: no value). Appending a window is
 * O(groups); replacing one likewise; only a window that arrives out of order moves others.
 *
 *   slots     [ t0 | t1 | t2 | … ]      `head` is the oldest, `length` are in use
 *   group a   [ 12 | 14 | -- | … ]      column 0
 */

/** What a window says about itself, worst first when several are true. */
export type Condition = 'none' | 'silent' | 'behind' | 'degraded' | 'partial' | 'zero' | 'flowing';

const CONDITIONS: readonly Condition[] = [
  'none',
  'silent',
  'behind',
  'degraded',
  'partial',
  'zero',
  'flowing',
];

export interface WindowMark {
  /** Milliseconds UTC; the ring is ordered by it and holds it once. */
  readonly start: number;
  readonly end: number;
  readonly provisional: boolean;
  readonly condition: Condition;
}

export interface GroupValues {
  /** Identity of the group within the result. */
  readonly id: string;
  /** What a person calls it. */
  readonly label: string;
  /** One number a value column; NaN for none. */
  readonly values: readonly number[];
}

interface Group {
  readonly id: string;
  readonly label: string;
  readonly columns: readonly Float64Array[];
  lastStart: number;
}

export interface RingSize {
  readonly windows: number;
  readonly groups: number;
  readonly columns: number;
}

export class WindowRing {
  readonly #size: RingSize;
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  readonly #provisional: Uint8Array;
  readonly #conditions: Uint8Array;
  readonly #groups = new Map<string, Group>();
  #head = 0;
  #length = 0;
  #untracked = 0;

  constructor(size: RingSize) {
    this.#size = size;
    this.#starts = new Float64Array(size.windows);
    this.#ends = new Float64Array(size.windows);
    this.#provisional = new Uint8Array(size.windows);
    this.#conditions = new Uint8Array(size.windows);
  }

  get length(): number {
    return this.#length;
  }

  /** Groups of the newest window that found no place. */
  get untracked(): number {
    return this.#untracked;
  }

  groupIds(): readonly string[] {
    return [...this.#groups.keys()];
  }

  labelOf(groupId: string): string {
    return this.#groups.get(groupId)?.label ?? groupId;
  }

  /** The `index`-th oldest window, 0 ≤ index < length. */
  at(index: number): WindowMark {
    const slot = this.#slot(index);
    return {
      start: this.#starts[slot] ?? Number.NaN,
      end: this.#ends[slot] ?? Number.NaN,
      provisional: this.#provisional[slot] === 1,
      condition: CONDITIONS[this.#conditions[slot] ?? 0] ?? 'flowing',
    };
  }

  /** As {@link at}, one by one: for whoever looks at all of them many times a second. */
  endAt(index: number): number {
    return this.#ends[this.#slot(index)] ?? Number.NaN;
  }

  isProvisionalAt(index: number): boolean {
    return this.#provisional[this.#slot(index)] === 1;
  }

  conditionAt(index: number): Condition {
    return CONDITIONS[this.#conditions[this.#slot(index)] ?? 0] ?? 'flowing';
  }

  /** A group's values in those windows; NaN also where the index is −1. The caller owns it. */
  line(groupId: string, column: number, windows: Int32Array): Float64Array {
    const line = new Float64Array(windows.length).fill(Number.NaN);
    const values = this.#groups.get(groupId)?.columns[column];
    if (values === undefined) return line;
    const size = this.#size.windows;
    const head = this.#head;
    for (let i = 0; i < windows.length; i++) {
      const window = windows[i] ?? -1;
      if (window < 0) continue;
      const slot = head + window;
      line[i] = values[slot < size ? slot : slot - size] ?? Number.NaN;
    }
    return line;
  }

  /** Index of the window that starts then; -1: there is none. */
  indexOf(start: number): number {
    const index = this.#lowerBound(start);
    return index < this.#length && this.#starts[this.#slot(index)] === start ? index : -1;
  }

  /** NaN where the group has no number in that window. */
  valueAt(groupId: string, column: number, index: number): number {
    const values = this.#groups.get(groupId)?.columns[column];
    return values?.[this.#slot(index)] ?? Number.NaN;
  }

  /** Puts a whole window in its place; a window with the same start is replaced. */
  put(mark: WindowMark, rows: readonly GroupValues[]): void {
    const slot = this.#slotFor(mark.start);
    if (slot >= 0) this.#write(this.#cleared(slot), mark, rows);
  }

  /** Adds groups to the window that starts then; a group that is there already is replaced. */
  add(mark: WindowMark, rows: readonly GroupValues[]): void {
    const slot = this.#slotFor(mark.start);
    if (slot >= 0) this.#write(slot, mark, rows);
  }

  #write(slot: number, mark: WindowMark, rows: readonly GroupValues[]): void {
    this.#starts[slot] = mark.start;
    this.#ends[slot] = mark.end;
    this.#provisional[slot] = mark.provisional ? 1 : 0;
    this.#conditions[slot] = CONDITIONS.indexOf(mark.condition);
    this.#untracked = 0;
    for (const row of rows) {
      const group = this.#groupFor(row, mark.start);
      if (group === null) {
        this.#untracked++;
        continue;
      }
      group.lastStart = Math.max(group.lastStart, mark.start);
      group.columns.forEach((column, i) => {
        column[slot] = row.values[i] ?? Number.NaN;
      });
    }
  }

  #slot(index: number): number {
    return (this.#head + index) % this.#size.windows;
  }

  /** The slot of a window, empty if it is new; -1: older than everything a full ring holds. */
  #slotFor(start: number): number {
    const index = this.#lowerBound(start);
    if (index < this.#length && this.#starts[this.#slot(index)] === start) {
      return this.#slot(index);
    }
    if (this.#length < this.#size.windows) {
      this.#length++;
    } else {
      if (index === 0) return -1;
      this.#head = (this.#head + 1) % this.#size.windows;
      return this.#opened(index - 1);
    }
    return this.#opened(index);
  }

  /** Moves the windows from `index` on by one and clears the slot at `index`. */
  #opened(index: number): number {
    for (let i = this.#length - 1; i > index; i--) this.#copy(this.#slot(i - 1), this.#slot(i));
    return this.#cleared(this.#slot(index));
  }

  #copy(from: number, to: number): void {
    for (const column of [this.#starts, this.#ends, this.#provisional, this.#conditions]) {
      column[to] = column[from] ?? 0;
    }
    for (const group of this.#groups.values()) {
      for (const column of group.columns) column[to] = column[from] ?? Number.NaN;
    }
  }

  #cleared(slot: number): number {
    for (const group of this.#groups.values()) {
      for (const column of group.columns) column[slot] = Number.NaN;
    }
    return slot;
  }

  /** The first index whose window starts at or after `start`. */
  #lowerBound(start: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[this.#slot(middle)] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #groupFor(row: GroupValues, start: number): Group | null {
    const known = this.#groups.get(row.id);
    if (known !== undefined) return known;
    if (this.#groups.size >= this.#size.groups && !this.#evictBefore(start)) return null;
    const columns = Array.from({ length: this.#size.columns }, () =>
      new Float64Array(this.#size.windows).fill(Number.NaN),
    );
    const group: Group = { id: row.id, label: row.label, columns, lastStart: start };
    this.#groups.set(row.id, group);
    return group;
  }

  /** Forgets the group that has been quiet longest, if one is not in the window at `start`. */
  #evictBefore(start: number): boolean {
    let oldest: Group | null = null;
    for (const group of this.#groups.values()) {
      if (oldest === null || group.lastStart < oldest.lastStart) oldest = group;
    }
    if (oldest === null || oldest.lastStart >= start) return false;
    this.#groups.delete(oldest.id);
    return true;
  }
}
