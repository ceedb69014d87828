/**
 * One aggregate query at the agent: every event of the stream goes through sample, condition and
 * keys into the states of the pane its time falls into. What was counted leaves as deltas, whenever
 * it is asked for, and counting goes on from zero. Nothing is allocated for an event of a known
 * group.
 *
 * Invariant: the deltas of a pane, merged, are what a shard would have had of the same events.
 * Bench: bench/agent.ts.
 */
import { scaledPartial } from '../aggregate/scale-partial.ts';
import type { AggregatePartial, EventOrder, GroupedAggregate } from '../aggregate/contract.ts';
import type { RowContext, RowFunction, RowPredicate } from '../expr/context.ts';
import type { AggregateStage } from '../ir/plan.ts';
import { GROUPS_KEPT_FACTOR, GroupStates } from '../window/group-states.ts';
import type { DeltaShape, PaneDelta, QueryDelta } from '../wire/partials-frame.ts';
import type { AggregateFeed, LongTexts } from './aggregate-feeds.ts';
import { KeyGroups } from './key-groups.ts';
import type { Sampler } from './sampler.ts';

/** Compiled, and checked before. */
export interface EdgeProgram {
  /** Names the query, as the engine calls it. */
  readonly query: string;
  readonly stage: AggregateStage;
  readonly shape: DeltaShape;
  readonly paneMs: number;
  /** Deltas of open panes leave this often; 0: not before the pane ends. */
  readonly emitEveryMs: number;
  /** Null: takes every event. */
  readonly sampler: Sampler | null;
  /** What an extrapolating sample multiplies counts and sums by. */
  readonly scale: number;
  /** Null: wants every event. */
  readonly wants: RowPredicate | null;
  readonly keys: readonly RowFunction[];
  readonly feeds: readonly AggregateFeed[];
  readonly groupBytes: number;
  /** What the feeds met since it was last emptied. */
  readonly longTexts: LongTexts;
}

/** Memory of all tables of an agent, in bytes as `groupBytes` estimates them. */
export interface TableBudget {
  bytes: number;
  /** Some table has opened a pane since this was last set to false. */
  opened: boolean;
  /**
   * Another number whenever a table counts into another pane, or into longer arrays, than before.
   */
  layout: number;
}

export type Taken = 'aggregated' | 'filtered' | 'sampled';

/** Generated code counts into it, too (`fused-source.ts`). */
export interface Pane {
  readonly startMs: number;
  readonly endMs: number;
  readonly contents: Contents;
  seen: number;
  matched: number;
  /** Of keys and other texts, beyond what is counted for groups. */
  textBytes: number;
}

export interface Contents {
  readonly states: GroupStates;
  readonly aggregates: readonly GroupedAggregate[];
  /** Null: there is one group. */
  readonly groups: KeyGroups | null;
}

const NO_PANE: Pick<Pane, 'startMs' | 'endMs'> = { startMs: Infinity, endMs: -Infinity };
/** Panes open at once; with more, all that was counted leaves. */
const PANES_MAX = 64;
const SPARE_MAX = 2;
const NO_KEY: readonly never[] = [];

export class EdgeTable {
  readonly program: EdgeProgram;
  /** A pane was opened since this was last set to false. */
  opened = false;
  readonly #budget: TableBudget;
  readonly #order: { -readonly [K in keyof EventOrder]: EventOrder[K] };
  readonly #panes = new Map<number, Pane>();
  readonly #spare: Contents[] = [];
  readonly #losses = new Map<string, number>();
  /** Of the event before: nearly every event falls into the same. */
  #current: Pane | typeof NO_PANE = NO_PANE;
  #bytes = 0;

  constructor(program: EdgeProgram, budget: TableBudget, agentId: string) {
    this.program = program;
    this.#budget = budget;
    this.#order = { timeMs: 0, agentId, sequence: 0 };
  }

  /** Too many panes are open: everything should leave now. */
  get isFull(): boolean {
    return this.#panes.size > PANES_MAX;
  }

  /** No time before this is told of completely; Infinity: nothing waits. */
  get holdMs(): number {
    let holdMs = Infinity;
    for (const { endMs } of this.#panes.values()) if (endMs - 1 < holdMs) holdMs = endMs - 1;
    return holdMs;
  }

  /** The event of the row, number `sequence` of its stream. */
  add(row: RowContext, sequence: number): Taken {
    const { sampler, wants, feeds, longTexts } = this.program;
    const { timeMs } = row;
    const pane = this.paneAt(timeMs);
    pane.seen++;
    if (sampler !== null && !sampler(row.event, sequence, timeMs)) return 'sampled';
    if (wants !== null && !wants(row)) return 'filtered';
    pane.matched++;
    const { aggregates, groups } = pane.contents;
    const group = groups === null ? 0 : this.#groupOf(pane, groups, row);
    const order = this.#order;
    order.timeMs = timeMs;
    order.sequence = sequence;
    for (let a = 0; a < feeds.length; a++) feeds[a]!(aggregates[a]!, group, row, order);
    if (longTexts.bytes > 0) this.#keepTexts(pane);
    return 'aggregated';
  }

  /** The pane of that time, which is the current one then. */
  paneAt(timeMs: number): Pane {
    const current = this.#current;
    const isCurrent = timeMs >= current.startMs && timeMs < current.endMs;
    return isCurrent ? (current as Pane) : this.#open(timeMs);
  }

  /** The group of the row's event in the current pane, with its texts accounted for. */
  groupAt(row: RowContext): number {
    const pane = this.#current as Pane;
    const { groups } = pane.contents;
    const group = groups === null ? 0 : this.#groupOf(pane, groups, row);
    if (this.program.longTexts.bytes > 0) this.#keepTexts(pane);
    return group;
  }

  /** Feeds have met long texts, which the states of the current pane may keep. */
  keepTexts(): void {
    this.#keepTexts(this.#current as Pane);
  }

  /** Matching events of this query were lost, which the next delta says. */
  lose(reason: string, events: number): void {
    if (events > 0) this.#losses.set(reason, (this.#losses.get(reason) ?? 0) + events);
  }

  /** What was counted of panes that end at or before `throughMs`; null: nothing to tell. */
  take(throughMs: number): QueryDelta | null {
    const panes: PaneDelta[] = [];
    for (const pane of this.#panes.values()) {
      if (pane.endMs > throughMs) continue;
      this.#panes.delete(pane.startMs);
      if (pane === this.#current) this.#countInto(NO_PANE);
      panes.push(this.#deltaOf(pane));
      this.#retire(pane);
    }
    if (panes.length === 0 && this.#losses.size === 0) return null;
    const losses = [...this.#losses];
    this.#losses.clear();
    return { query: this.program.query, losses, panes };
  }

  /** Nobody asks any more. */
  release(): void {
    this.#budget.bytes -= this.#bytes;
    this.#bytes = 0;
    this.#panes.clear();
    this.#countInto(NO_PANE);
  }

  #open(timeMs: number): Pane {
    const { paneMs } = this.program;
    const startMs = Math.floor(timeMs / paneMs) * paneMs;
    let pane = this.#panes.get(startMs);
    if (pane === undefined) {
      const contents = this.#spare.pop() ?? this.#create();
      // Without keys there is one group, known before any event.
      if (contents.groups === null) this.#grow(contents.states.groupOf(NO_KEY) + 1);
      pane = { startMs, endMs: startMs + paneMs, contents, seen: 0, matched: 0, textBytes: 0 };
      this.#panes.set(startMs, pane);
      this.opened = true;
      this.#budget.opened = true;
    }
    this.#countInto(pane);
    return pane;
  }

  #countInto(pane: Pane | typeof NO_PANE): void {
    this.#current = pane;
    this.#changeLayout();
  }

  #changeLayout(): void {
    this.#budget.layout = (this.#budget.layout + 1) | 0;
  }

  #groupOf(pane: Pane, groups: KeyGroups, row: RowContext): number {
    const { states } = pane.contents;
    const before = states.count;
    const group = groups.groupOf(row);
    states.note(group, row.timeMs);
    if (states.count > before) {
      this.#grow(states.count - before);
      this.#changeLayout();
      this.program.longTexts.bytes += groups.keyBytes;
    }
    return group;
  }

  #keepTexts(pane: Pane): void {
    const { longTexts } = this.program;
    pane.textBytes += longTexts.bytes;
    this.#bytes += longTexts.bytes;
    this.#budget.bytes += longTexts.bytes;
    longTexts.bytes = 0;
  }

  #grow(groups: number): void {
    const bytes = groups * this.program.groupBytes;
    this.#bytes += bytes;
    this.#budget.bytes += bytes;
  }

  #create(): Contents {
    const { keys, stage } = this.program;
    const states = new GroupStates(stage, stage.groupsMax * GROUPS_KEPT_FACTOR);
    const groups = keys.length === 0 ? null : new KeyGroups(keys, states);
    return { states, aggregates: states.aggregates, groups };
  }

  #deltaOf({ contents, matched, seen, startMs }: Pane): PaneDelta {
    const { scale } = this.program;
    if (matched === 0) return { paneStartMs: startMs, seen, matched, groups: null };
    const states = contents.states.encode();
    const aggregates: readonly AggregatePartial[] = states.aggregates.map((partial) =>
      scaledPartial(partial, scale),
    );
    return { paneStartMs: startMs, seen, matched, groups: { ...states, aggregates } };
  }

  #retire({ contents, textBytes }: Pane): void {
    const bytes = contents.states.count * this.program.groupBytes + textBytes;
    this.#bytes -= bytes;
    this.#budget.bytes -= bytes;
    if (this.#spare.length >= SPARE_MAX) return;
    contents.states.reset();
    contents.groups?.clear();
    this.#spare.push(contents);
  }
}
