/**
 * Events ⇒ dense group numbers by their keys. Identity is the text of the key tuple; in front of it
 * stands a hash table of atoms (see `key-column.ts`), so a text is made only for a tuple of atoms
 * that is new. Beyond `groupsMax` groups, the rest shares one overflow group.
 *
 * Invariant: equal key tuples get one number, whatever kinds of columns they came in.
 * Bench: bench/micro/kernels.bench.ts (group by).
 */
import type { EvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import { groupKey } from '../model/group-key.ts';
import type { Value } from '../model/value.ts';
import { grownFloats, grownUints } from '../sketch/typed-column.ts';
import type { BatchView } from './batch-view.ts';
import type { FieldSet } from './field-set.ts';
import { CodeGroups } from './code-groups.ts';
import { isStringId, KeyColumn, UNKNOWN_ATOM } from './key-column.ts';
import { ABSENT, TupleTable } from './tuple-table.ts';

/** What stands in the keys of the group that holds what exceeds the cap. */
export const OTHER_KEY = '__other__';

export class GroupTable {
  readonly #columns: readonly KeyColumn[];
  readonly #groupsMax: number;
  readonly #tuples: TupleTable;
  readonly #byText = new Map<string, number>();
  readonly #byCode = new CodeGroups();
  #keys: (readonly Value[])[] = [];
  #firstSeenMs: Float64Array = new Float64Array(0);
  /** No group was first seen later than this. */
  #firstSeenMaxMs = -Infinity;
  #overflow: number | null = null;
  /** False while every atom came from a dictionary: then an absent tuple is a new group. */
  #mixed = false;
  #groups: Uint32Array = new Uint32Array(0);
  #atoms: Uint32Array[] = [];

  constructor(
    keys: readonly Expression[],
    fields: FieldSet,
    counters: EvalCounters,
    groupsMax: number,
  ) {
    this.#columns = keys.map((key) => new KeyColumn(key, fields, counters));
    this.#groupsMax = groupsMax;
    this.#tuples = new TupleTable(Math.max(1, keys.length));
    this.clear();
  }

  /** Groups given out, the overflow group included. */
  get count(): number {
    return this.#keys.length;
  }

  /** One tuple a group; the overflow group's is meaningless. Borrowed. */
  get keys(): readonly (readonly Value[])[] {
    return this.#keys;
  }

  /** Number of the overflow group; null while there is none. */
  get overflow(): number | null {
    return this.#overflow;
  }

  /**
   * Event time of each group's earliest event; kept only where there are keys, for a single group
   * needs no order. Borrowed, may be longer than `count`.
   */
  get firstSeenMs(): Float64Array {
    return this.#firstSeenMs;
  }

  /** Group numbers of the n selected rows of the bound batch; borrowed until the next call. */
  assign(view: BatchView, rows: Uint32Array, n: number): Uint32Array {
    this.#groups = grownUints(this.#groups, n);
    this.#firstSeenMs = grownFloats(this.#firstSeenMs, this.count, Infinity);
    // Without keys nothing ever writes to the group numbers: all are 0.
    if (this.#columns.length === 0) return this.#groups;
    const known = this.count;
    this.#find(view, rows, n);
    this.#firstSeenMs = grownFloats(this.#firstSeenMs, this.count, Infinity);
    const { times, span } = view.batch;
    if (this.count > known) this.#firstSeenMaxMs = Math.max(this.#firstSeenMaxMs, span.maxMs);
    // Events of groups that are known, later than all of them were first seen, change nothing.
    else if (span.minMs >= this.#firstSeenMaxMs) return this.#groups;
    noteFirst(this.#firstSeenMs, this.#groups, times, rows, n);
    return this.#groups;
  }

  /** Ids of the shard's strings that groups are known by, some more than once. */
  *stringIds(): Iterable<number> {
    for (const atom of this.#tuples.members()) if (isStringId(atom)) yield atom;
  }

  clear(): void {
    for (const column of this.#columns) column.clear();
    this.#tuples.clear();
    this.#byText.clear();
    this.#byCode.clear();
    this.#keys = this.#columns.length === 0 ? [[]] : [];
    this.#firstSeenMs.fill(Infinity);
    this.#firstSeenMaxMs = -Infinity;
    this.#overflow = null;
    this.#mixed = false;
  }

  #find(view: BatchView, rows: Uint32Array, n: number): void {
    const [first] = this.#columns;
    const only = this.#columns.length === 1 ? first!.columnOf(view) : null;
    if (only?.kind !== 'dict') {
      this.#findByAtoms(view, rows, n);
      return;
    }
    const { codes, dictionary } = only;
    const absent = this.#byCode.find(only, rows, n, this.#groups);
    if (absent === 0) return;
    this.#findByAtoms(view, rows, n);
    for (let i = 0; i < n; i++) {
      const group = this.#groups[i]!;
      if (group !== this.#overflow) this.#byCode.set(dictionary, codes[rows[i]!]!, group);
    }
  }

  #findByAtoms(view: BatchView, rows: Uint32Array, n: number): void {
    const full = this.#isFull();
    for (let c = 0; c < this.#columns.length; c++) {
      const column = this.#columns[c]!;
      column.bind(view);
      this.#mixed ||= !column.isPlain(view);
      this.#atoms[c] = column.atoms(view, rows, n, full);
    }
    const absent = this.#tuples.find(this.#atoms, n, this.#groups);
    if (absent > 0) this.#settleAbsent(rows, n);
  }

  #settleAbsent(rows: Uint32Array, n: number): void {
    for (let i = 0; i < n; i++) {
      if (this.#groups[i] !== ABSENT) continue;
      // An earlier row of this batch may have made the group.
      const known = this.#tuples.get(this.#atoms, i);
      this.#groups[i] = known === ABSENT ? this.#settle(rows[i]!, i) : known;
    }
  }

  #settle(row: number, i: number): number {
    if (this.#isFull() && !this.#mixed) return this.#overflowGroup();
    const values = this.#columns.map((column) => column.value(row));
    const text = groupKey(values);
    let group = this.#byText.get(text);
    if (group === undefined) {
      if (this.#isFull()) return this.#overflowGroup();
      group = this.#keys.push(values) - 1;
      this.#byText.set(text, group);
    }
    if (!this.#hasUnknown(i)) this.#tuples.set(this.#atoms, i, group);
    return group;
  }

  #hasUnknown(i: number): boolean {
    return this.#atoms.some((atoms) => atoms[i] === UNKNOWN_ATOM);
  }

  #isFull(): boolean {
    return this.#byText.size >= this.#groupsMax;
  }

  #overflowGroup(): number {
    this.#overflow ??= this.#keys.push(this.#columns.map(() => OTHER_KEY)) - 1;
    return this.#overflow;
  }
}

function noteFirst(
  firstSeenMs: Float64Array,
  groups: Uint32Array,
  times: Float64Array,
  rows: Uint32Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const group = groups[i]!;
    const timeMs = times[rows[i]!]!;
    if (timeMs < firstSeenMs[group]!) firstSeenMs[group] = timeMs;
  }
}
