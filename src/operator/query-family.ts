/**
 * Queries of a cohort that aggregate alike and have no keys: each is one group of states that all
 * of them share, so a query costs a few numbers a pane, and what a batch brings for any of them is
 * added in one go. Only aggregates whose states can be told of one group at a time take part.
 *
 * Invariant: a member's panes are those that a table of its own would have.
 * Bench: bench/many-queries.ts.
 */
import { aggregateFrom } from '../aggregate/catalogue.ts';
import type { GroupedAggregate } from '../aggregate/contract.ts';
import type { AggregateSpec, AggregateStage } from '../ir/plan.ts';
import type { BatchView } from '../kernel/batch-view.ts';
import { grownFloats, grownUints } from '../sketch/typed-column.ts';
import type { PaneClock } from '../window/pane-clock.ts';
import type { GroupPartial } from '../aggregate/group-partial.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import { layRun } from '../kernel/row-runs.ts';
import type { RowRuns, RunStore, SharedPlace } from '../kernel/row-runs.ts';
import type { AggregateFeed } from './aggregate-feed.ts';
import type { CohortTable } from './cohort-table.ts';
import type { StateSize } from './pane-contents.ts';

/** Rows that wait, each once for every query that it matches: as many as caches hold well. */
const PENDING_MAX = 4_096;
/** With as many panes as this, those that all members have closed are looked for. */
const PANES_FEW = 4;
const NO_TIMES = Float64Array.of(Infinity);
const NO_STATE: StateSize = { bytes: 0, groups: 1 };
const NO_KEYS: GroupPartial['keys'] = [[]];

interface FamilyPane {
  readonly number: number;
  readonly aggregates: readonly GroupedAggregate[];
  /** By member. Beside what the clock counts for all. */
  seen: Float64Array;
  matched: Float64Array;
}

export interface FamilyParts {
  readonly stage: AggregateStage;
  readonly feeds: readonly AggregateFeed[];
  readonly clock: PaneClock;
  readonly openPanesMax: number;
}

/** Whether queries with this stage can be members of a family. */
export function canShareStates({ keys, aggregates }: AggregateStage): boolean {
  return keys.length === 0 && aggregates.every(isShareable);
}

function isShareable(spec: AggregateSpec): boolean {
  const countsPresent = spec.name === 'count' && spec.arg !== null;
  if (spec.filter !== null || spec.distinct || countsPresent) return false;
  return aggregateFrom(spec).encodeOne !== undefined;
}

export class QueryFamily implements RunStore {
  readonly #parts: FamilyParts;
  readonly #members = new Set<FamilyMember>();
  readonly #panes = new Map<number, FamilyPane>();
  #paneCount = 0;
  #places = 0;
  /** Places of members that left, with the number of the newest pane in which they have states. */
  readonly #resting: { readonly place: number; readonly paneNumber: number }[] = [];
  /** Some member may have closed panes that end at or before this. */
  #closedMaxMs = -Infinity;
  /** What the rows to come are of; null: they are given one member at a time. */
  #bound: { readonly view: BatchView; readonly startMs: number } | null = null;
  #rows: Uint32Array = new Uint32Array(PENDING_MAX);
  #groups: Uint32Array = new Uint32Array(PENDING_MAX);
  #pending = 0;
  /** That pending rows belong to. */
  #startMs = 0;

  constructor(parts: FamilyParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#members.size;
  }

  get clock(): PaneClock {
    return this.#parts.clock;
  }

  join(closedThroughMs: number): FamilyMember {
    const member = new FamilyMember(this, this.#takePlace(), closedThroughMs);
    this.#members.add(member);
    this.closed(closedThroughMs);
    for (const pane of this.#panes.values()) this.#grow(pane);
    return member;
  }

  leave(member: FamilyMember): void {
    if (!this.#members.delete(member)) return;
    this.#resting.push({ place: member.place, paneNumber: this.#paneCount });
  }

  /** Some member closed its panes that end at or before this. */
  closed(throughMs: number): void {
    this.#closedMaxMs = Math.max(this.#closedMaxMs, throughMs);
  }

  /**
   * Rows to come until the next `flush` are of this batch and pane. `isCounted`: the clock has
   * counted them for all members.
   */
  bind(view: BatchView, startMs: number, isCounted: boolean): void {
    const isOpen = startMs + this.clock.paneMs > this.#closedMaxMs;
    this.#bound = isCounted && isOpen ? { view, startMs } : null;
  }

  get takesRuns(): boolean {
    if (this.#bound === null) return false;
    const { startMs } = this.#bound;
    return this.#panes.has(startMs) || this.#panes.size < this.#parts.openPanesMax;
  }

  takeRuns({ from, n, places, rows, to }: RowRuns): void {
    const { startMs, view } = this.#bound!;
    if (this.#pending > 0 && startMs !== this.#startMs) this.flush(view);
    this.#startMs = startMs;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const end = to[i]!;
      for (let at = from[i]!; at < end;) {
        if (this.#pending >= PENDING_MAX) this.flush(view);
        const stop = Math.min(end, at + PENDING_MAX - this.#pending);
        layRun(places, at, stop, row, this.#rows, this.#groups, this.#pending);
        this.#pending += stop - at;
        at = stop;
      }
    }
  }

  /** Rows that the member took of panes that it has not closed. */
  openMatched({ place, closedThroughMs }: FamilyMember): number {
    let matched = 0;
    for (const [startMs, pane] of this.#panes) {
      if (startMs + this.clock.paneMs > closedThroughMs) matched += pane.matched[place] ?? 0;
    }
    return matched;
  }

  /** Rows of the bound batch and of one pane that a member matches; counted at the next `flush`. */
  append(
    member: FamilyMember,
    startMs: number,
    rows: Uint32Array,
    n: number,
    view: BatchView,
  ): void {
    if (this.#pending > 0 && (startMs !== this.#startMs || this.#pending + n > PENDING_MAX)) {
      this.flush(view);
    }
    this.#startMs = startMs;
    const at = this.#pending;
    this.#rows = grownUints(this.#rows, at + n);
    this.#groups = grownUints(this.#groups, at + n);
    const { place } = member;
    for (let i = 0; i < n; i++) {
      this.#rows[at + i] = rows[i]!;
      this.#groups[at + i] = place;
    }
    this.#pending = at + n;
  }

  /** Adds what waits to the states; `view` must be bound to its batch. */
  flush(view: BatchView): void {
    const n = this.#pending;
    this.#pending = 0;
    const pane = n === 0 ? null : this.open(this.#startMs);
    if (pane === null) return;
    const groups = this.#groups;
    for (let i = 0; i < n; i++) pane.matched[groups[i]!]! += 1;
    const { feeds } = this.#parts;
    for (let a = 0; a < feeds.length; a++) {
      feeds[a]!.feed(pane.aggregates[a]!, view, this.#rows, n, groups);
    }
  }

  pane(startMs: number): FamilyPane | undefined {
    return this.#panes.get(startMs);
  }

  starts(): Iterable<number> {
    return this.#panes.keys();
  }

  /** Null: too many are open. */
  open(startMs: number): FamilyPane | null {
    const known = this.#panes.get(startMs);
    if (known !== undefined) return known;
    const { openPanesMax } = this.#parts;
    if (this.#panes.size >= Math.min(PANES_FEW, openPanesMax)) this.#forgetClosed();
    if (this.#panes.size >= openPanesMax) return null;
    const pane: FamilyPane = {
      number: ++this.#paneCount,
      aggregates: this.#parts.stage.aggregates.map(aggregateFrom),
      seen: new Float64Array(0),
      matched: new Float64Array(0),
    };
    this.#grow(pane);
    this.#panes.set(startMs, pane);
    return pane;
  }

  #grow(pane: FamilyPane): void {
    pane.seen = grownFloats(pane.seen, this.#places);
    pane.matched = grownFloats(pane.matched, this.#places);
    for (const aggregate of pane.aggregates) aggregate.grow(this.#places);
  }

  /** A place is given again when no pane remembers whose it was. */
  #takePlace(): number {
    const [oldest] = this.#resting;
    if (oldest !== undefined) {
      this.#forgetClosed();
      let firstNumber = Infinity;
      for (const { number } of this.#panes.values()) firstNumber = Math.min(firstNumber, number);
      if (oldest.paneNumber < firstNumber) return this.#resting.shift()!.place;
    }
    return this.#places++;
  }

  #forgetClosed(): void {
    let throughMs = Infinity;
    for (const member of this.#members) {
      throughMs = Math.min(throughMs, member.closedThroughMs);
    }
    const { paneMs } = this.clock;
    for (const startMs of this.#panes.keys()) {
      if (startMs + paneMs <= throughMs) this.#panes.delete(startMs);
    }
  }
}

export class FamilyMember implements CohortTable, SharedPlace {
  readonly place: number;
  closedThroughMs: number;
  readonly #family: QueryFamily;
  /** What the clock had counted before this query came, by start of pane. */
  readonly #before: Map<number, number>;
  #late = 0;
  #refused = 0;
  /** Of panes that are closed. */
  #taken = 0;

  constructor(family: QueryFamily, place: number, closedThroughMs: number) {
    this.#family = family;
    this.place = place;
    this.closedThroughMs = closedThroughMs;
    this.#before = family.clock.snapshot();
    family.clock.closed(closedThroughMs);
  }

  get store(): RunStore {
    return this.#family;
  }

  /** A few numbers in arrays of the family. */
  get state(): StateSize {
    return NO_STATE;
  }

  /** An index finds the rows, and adding one is all there is to do. */
  get work(): number {
    return this.#taken + this.#family.openMatched(this);
  }

  get counts(): CohortTable['counts'] {
    return { late: this.#late, dropped: { panes: this.#refused, windowRows: 0 } };
  }

  addFiltered(timeMs: number, count: number): void {
    if (count === 0) return;
    const { paneMs } = this.#family.clock;
    const startMs = Math.floor(Math.max(timeMs, this.closedThroughMs) / paneMs) * paneMs;
    const pane = this.#family.open(startMs);
    if (pane !== null) pane.seen[this.place]! += count;
  }

  look(startMs: number, count: number): boolean {
    if (this.#isClosed(startMs)) {
      this.#late += count;
      return false;
    }
    const pane = this.#family.open(startMs);
    if (pane === null) this.refuse(count);
    else pane.seen[this.place]! += count;
    return pane !== null;
  }

  addMatched(view: BatchView, startMs: number, rows: Uint32Array, n: number): boolean {
    if (this.#isClosed(startMs)) return true;
    if (this.#family.pane(startMs) === undefined && this.#family.open(startMs) === null) {
      return false;
    }
    this.#family.append(this, startMs, rows, n, view);
    return true;
  }

  refuse(count: number): void {
    this.#refused += count;
  }

  closeThrough(throughMs: number): PanePartial[] {
    const { clock } = this.#family;
    const panes = this.peek(throughMs - clock.paneMs + 1);
    for (const { matched } of panes) this.#taken += matched;
    this.closedThroughMs = Math.max(this.closedThroughMs, throughMs);
    clock.closed(throughMs);
    this.#family.closed(throughMs);
    for (const startMs of this.#before.keys()) {
      if (this.#isClosed(startMs)) this.#before.delete(startMs);
    }
    return panes;
  }

  peek(beforeMs: number): PanePartial[] {
    const { clock } = this.#family;
    const panes: PanePartial[] = [];
    for (const startMs of clock.starts()) this.#tell(startMs, beforeMs, panes);
    for (const startMs of this.#family.starts()) {
      if (!clock.has(startMs)) this.#tell(startMs, beforeMs, panes);
    }
    return panes.sort((a, b) => a.paneStartMs - b.paneStartMs);
  }

  /** There is nothing to be had from a few numbers. */
  discard(): number {
    return 0;
  }

  stringIds(): Iterable<number> {
    return [];
  }

  #isClosed(startMs: number): boolean {
    return startMs + this.#family.clock.paneMs <= this.closedThroughMs;
  }

  #tell(paneStartMs: number, beforeMs: number, out: PanePartial[]): void {
    if (paneStartMs >= beforeMs || this.#isClosed(paneStartMs)) return;
    const { clock } = this.#family;
    const pane = this.#family.pane(paneStartMs);
    const { place } = this;
    const shared = clock.seen(paneStartMs) - (this.#before.get(paneStartMs) ?? 0);
    const seen = shared + (pane?.seen[place] ?? 0);
    const matched = pane?.matched[place] ?? 0;
    if (seen === 0 && matched === 0) return;
    const groups = pane === undefined || matched === 0 ? null : groupsOf(pane, place);
    out.push({ paneStartMs, seen, matched, groups, rows: [] });
  }
}

function groupsOf({ aggregates }: FamilyPane, place: number): GroupPartial {
  return {
    keys: NO_KEYS,
    overflow: null,
    firstSeenMs: NO_TIMES,
    aggregates: aggregates.map((aggregate) => aggregate.encodeOne!(place)),
  };
}
