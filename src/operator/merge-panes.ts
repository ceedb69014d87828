/**
 * Partials of several shards and panes ⇒ the groups of one window as slot rows (keys, then
 * aggregate results). Rows stand in order of the groups' first events, then of their keys; groups
 * without an event come last. Beyond the cap, groups named in the window before stay, then the
 * earliest; the rest is folded, exactly, into one group `__other__` that comes last of all. So the
 * rows depend on what was merged and not on the order in which it came.
 */
import { aggregateFrom } from '../aggregate/catalogue.ts';
import type { GroupedAggregate, ResultContext } from '../aggregate/contract.ts';
import { noteValue, notesFor } from '../aggregate/stage-notes.ts';
import type { StageNotes } from '../aggregate/stage-notes.ts';
import type { AggregateStage } from '../ir/plan.ts';
import { OTHER_KEY } from '../kernel/group.ts';
import { groupKey } from '../model/group-key.ts';
import type { Value } from '../model/value.ts';
import { grownFloats } from '../sketch/typed-column.ts';
import type { GroupPartial } from '../aggregate/group-partial.ts';

/** Groups held beyond the cap so that it can choose; what exceeds these folds as it comes. */
const GROUPS_HELD_FACTOR = 4;
/** Group that holds what was folded before the cap could choose. */
const OVERFLOW = 0;

export interface GroupMergeOptions {
  /** Groups of one window that get rows of their own. */
  readonly groupsMax: number;
}

export class GroupMerge {
  readonly #stage: AggregateStage;
  readonly #groupsMax: number;
  readonly #byText = new Map<string, number>();
  readonly #aggregates: readonly GroupedAggregate[];
  /** Index is the group; group {@link OVERFLOW} has no key. */
  #keys: (readonly Value[])[] = [[]];
  #texts: string[] = [''];
  #firstSeenMs: Float64Array = new Float64Array(0);
  #hasOverflow = false;
  #namedBefore: ReadonlySet<string> = new Set();
  #notes: StageNotes;

  constructor(stage: AggregateStage, options: GroupMergeOptions) {
    this.#stage = stage;
    this.#groupsMax = options.groupsMax;
    this.#aggregates = createAggregates(stage);
    this.#notes = notesFor(this.#aggregates);
    this.#grow();
  }

  /** Groups with keys, before the cap. */
  get groupCount(): number {
    return this.#keys.length - 1;
  }

  /**
   * True: groups were folded before the cap could choose, so `__other__` may overlap named ones.
   */
  get otherOverlap(): boolean {
    return this.#hasOverflow;
  }

  /** What is to be said of the values of the last {@link rows}. */
  get notes(): StageNotes {
    return this.#notes;
  }

  add(partial: GroupPartial): void {
    const count = partial.keys.length;
    const remap = new Uint32Array(count);
    for (let g = 0; g < count; g++) {
      remap[g] = g === partial.overflow ? this.#overflowGroup() : this.#group(partial.keys[g]!);
    }
    this.#grow();
    for (let g = 0; g < count; g++) {
      const group = remap[g]!;
      const timeMs = partial.firstSeenMs[g]!;
      if (timeMs < this.#firstSeenMs[group]!) this.#firstSeenMs[group] = timeMs;
    }
    for (let a = 0; a < this.#aggregates.length; a++) {
      this.#aggregates[a]!.merge(partial.aggregates[a]!, remap);
    }
  }

  /** Gives groups rows, also if no event comes for them. */
  name(keys: readonly (readonly Value[])[]): void {
    for (const key of keys) this.#group(key);
    this.#grow();
  }

  /** The rows of everything added since the last {@link reset}; owned by the caller. */
  rows(context: ResultContext): Value[][] {
    this.#notes = notesFor(this.#aggregates);
    const ranked = this.#ranked();
    const named = ranked.slice(0, this.#groupsMax);
    const folded = ranked.slice(this.#groupsMax);
    this.#namedBefore = new Set(named.map((group) => this.#texts[group]!));
    const rows = named.map((group) => [
      ...this.#keys[group]!,
      ...this.#aggregates.map((aggregate, a) => this.#value(aggregate, a, group, context)),
    ]);
    if (folded.length > 0 || this.#hasOverflow) rows.push(this.#otherRow(folded, context));
    return rows;
  }

  /** Forgets all groups, but not which were named last: the cap prefers them in the next window. */
  reset(): void {
    this.#byText.clear();
    this.#keys = [[]];
    this.#texts = [''];
    this.#firstSeenMs.fill(Infinity);
    this.#hasOverflow = false;
    for (const aggregate of this.#aggregates) aggregate.reset();
  }

  #value(aggregate: GroupedAggregate, a: number, group: number, context: ResultContext): Value {
    noteValue(this.#notes, a, aggregate, group);
    return aggregate.result(group, context);
  }

  #group(key: readonly Value[]): number {
    const text = groupKey(key);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    if (this.#byText.size >= this.#groupsMax * GROUPS_HELD_FACTOR) return this.#overflowGroup();
    const group = this.#keys.push(key) - 1;
    this.#texts.push(text);
    this.#byText.set(text, group);
    return group;
  }

  #overflowGroup(): number {
    this.#hasOverflow = true;
    return OVERFLOW;
  }

  #grow(): void {
    const count = this.#keys.length;
    this.#firstSeenMs = grownFloats(this.#firstSeenMs, count, Infinity);
    for (const aggregate of this.#aggregates) aggregate.grow(count);
  }

  /** Groups in order of rows; beyond the cap, those named last time come before the others. */
  #ranked(): number[] {
    const groups = Array.from({ length: this.groupCount }, (_, i) => i + 1);
    groups.sort((a, b) => this.#compare(a, b));
    if (groups.length <= this.#groupsMax || this.#namedBefore.size === 0) return groups;
    const wasNamed = (group: number): number =>
      this.#namedBefore.has(this.#texts[group]!) ? 1 : 0;
    return groups.sort((a, b) => wasNamed(b) - wasNamed(a));
  }

  #compare(a: number, b: number): number {
    const timeA = this.#firstSeenMs[a]!;
    const timeB = this.#firstSeenMs[b]!;
    if (timeA !== timeB) return timeA < timeB ? -1 : 1;
    return this.#texts[a]! < this.#texts[b]! ? -1 : 1;
  }

  #otherRow(folded: readonly number[], context: ResultContext): Value[] {
    // Group 0 collects, group 1 takes what is not folded and is thrown away.
    const remap = new Uint32Array(this.#keys.length).fill(1);
    remap[OVERFLOW] = 0;
    for (const group of folded) remap[group] = 0;
    const results = this.#aggregates.map((aggregate, a) => {
      const other = aggregateFrom(this.#stage.aggregates[a]!);
      other.grow(2);
      other.merge(aggregate.encode(this.#keys.length), remap);
      return this.#value(other, a, 0, context);
    });
    return [...this.#stage.keys.map(() => OTHER_KEY), ...results];
  }
}

/** Empty states of a stage's aggregates, one each, without any group yet. */
export function createAggregates(stage: AggregateStage): GroupedAggregate[] {
  return stage.aggregates.map(aggregateFrom);
}
