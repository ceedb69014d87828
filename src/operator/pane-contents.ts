/**
 * What one open pane holds: group states of an aggregate query, or the rows of a plain select with
 * a window. Compiled parts (predicates, projections, feeds) are the pipeline's and are shared by
 * its panes; a closed pane's memory is used again for a later one.
 */
import { aggregateFrom } from '../aggregate/catalogue.ts';
import type { GroupedAggregate } from '../aggregate/contract.ts';
import { VALUE_BYTES } from '../aggregate/state-bytes.ts';
import { scaledPartial } from '../aggregate/scale-partial.ts';
import type { EvalCounters } from '../expr/context.ts';
import type { AggregateSpec, AggregateStage } from '../ir/plan.ts';
import type { BatchView } from '../kernel/batch-view.ts';
import type { FieldSet } from '../kernel/field-set.ts';
import { GroupTable } from '../kernel/group.ts';
import type { GroupPartial } from '../aggregate/group-partial.ts';
import type { SlotRow } from '../window/pane-partial.ts';
import type { AggregateFeed } from './aggregate-feed.ts';
import type { RowProjection } from './project-rows.ts';

/** A group's text, its place in the tables and the time at which it was first seen. */
const GROUP_BYTES = 96;
/** Time, agent and sequence of a row. */
const ROW_HEAD_VALUES = 3;

/** What an open pane or a query takes in one shard, about. */
export interface StateSize {
  readonly bytes: number;
  readonly groups: number;
}

export interface PaneContents {
  /** The n selected rows of the bound batch. */
  add(view: BatchView, rows: Uint32Array, n: number): void;
  /** A copy of the group states; null for a plain select. */
  groups(): GroupPartial | null;
  rows(): readonly SlotRow[];
  readonly state: StateSize;
  /** Arguments that aggregates could not take. */
  readonly skipped: number;
  /** Rows beyond the bound of a window. */
  readonly dropped: number;
  /** Ids of the shard's strings that this pane's groups are known by. */
  stringIds(): Iterable<number>;
  reset(): void;
}

export interface AggregateProgramOptions {
  readonly fields: FieldSet;
  readonly counters: EvalCounters;
  /** How an aggregate's arguments get into its state. */
  readonly feedOf: (spec: AggregateSpec) => AggregateFeed;
  /** Of one pane here; the cap of the query is applied at merge. */
  readonly groupsMax: number;
  /** What an extrapolating sample multiplies its counts and sums by. */
  readonly scale: number;
}

/** The compiled aggregate stage of one pipeline. */
export class AggregateProgram {
  readonly stage: AggregateStage;
  readonly groupsMax: number;
  readonly scale: number;
  readonly #fields: FieldSet;
  readonly #counters: EvalCounters;
  readonly feeds: readonly AggregateFeed[];

  constructor(stage: AggregateStage, options: AggregateProgramOptions) {
    this.stage = stage;
    this.groupsMax = options.groupsMax;
    this.scale = options.scale;
    this.#fields = options.fields;
    this.#counters = options.counters;
    this.feeds = stage.aggregates.map(options.feedOf);
  }

  /** Fields of the keys are known to the field set from the first table on. */
  createGroups(): GroupTable {
    return new GroupTable(this.stage.keys, this.#fields, this.#counters, this.groupsMax);
  }
}

export class AggregatePane implements PaneContents {
  readonly dropped = 0;
  readonly #program: AggregateProgram;
  readonly #groups: GroupTable;
  readonly #aggregates: readonly GroupedAggregate[];

  constructor(program: AggregateProgram) {
    this.#program = program;
    this.#groups = program.createGroups();
    this.#aggregates = program.stage.aggregates.map(aggregateFrom);
    this.#grow();
  }

  get state(): StateSize {
    const { count: groups } = this.#groups;
    const { aggregates, keys } = this.#program.stage;
    let bytes = groups * (GROUP_BYTES + (keys.length + aggregates.length) * VALUE_BYTES);
    for (const aggregate of this.#aggregates) bytes += aggregate.bytes ?? 0;
    return { bytes, groups };
  }

  get skipped(): number {
    let skipped = 0;
    for (const aggregate of this.#aggregates) skipped += aggregate.skipped;
    return skipped;
  }

  add(view: BatchView, rows: Uint32Array, n: number): void {
    const groups = this.#groups.assign(view, rows, n);
    this.#grow();
    for (let a = 0; a < this.#aggregates.length; a++) {
      this.#program.feeds[a]!.feed(this.#aggregates[a]!, view, rows, n, groups);
    }
  }

  groups(): GroupPartial {
    const { count, keys, overflow, firstSeenMs } = this.#groups;
    return {
      keys: keys.slice(),
      overflow,
      firstSeenMs: firstSeenMs.slice(0, count),
      aggregates: this.#aggregates.map((aggregate) =>
        scaledPartial(aggregate.encode(count), this.#program.scale),
      ),
    };
  }

  rows(): readonly SlotRow[] {
    return [];
  }

  stringIds(): Iterable<number> {
    return this.#groups.stringIds();
  }

  reset(): void {
    this.#groups.clear();
    for (const aggregate of this.#aggregates) aggregate.reset();
  }

  #grow(): void {
    for (const aggregate of this.#aggregates) aggregate.grow(this.#groups.count);
  }
}

export class RowsPane implements PaneContents {
  readonly skipped = 0;
  readonly #projection: RowProjection;
  readonly #rowsMax: number;
  #rows: SlotRow[] = [];
  #dropped = 0;

  constructor(projection: RowProjection, rowsMax: number) {
    this.#projection = projection;
    this.#rowsMax = rowsMax;
  }

  get state(): StateSize {
    const width = (this.#rows[0]?.slots.length ?? 0) + ROW_HEAD_VALUES;
    return { bytes: this.#rows.length * width * VALUE_BYTES, groups: 0 };
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(view: BatchView, rows: Uint32Array, n: number): void {
    const room = Math.min(n, this.#rowsMax - this.#rows.length);
    this.#dropped += n - room;
    this.#projection.project(view, rows, room, this.#rows);
  }

  groups(): null {
    return null;
  }

  rows(): readonly SlotRow[] {
    return this.#rows.slice();
  }

  stringIds(): Iterable<number> {
    return [];
  }

  reset(): void {
    this.#rows = [];
    this.#dropped = 0;
  }
}
