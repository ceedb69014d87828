/**
 * Grouping with memory: a group that was seen in an earlier window and has no event in this one
 * gives a row of empty aggregates until it is forgotten. Rows stand in order of the groups' first
 * events, then of their keys; those without events come last. Beyond the cap the groups named in
 * the window before stay, then the earliest; the rest is one group `__other__`.
 */
import type { AggregateStage } from '../ir/plan.ts';
import { groupKey } from '../model/group-key.ts';
import type { Value } from '../model/value.ts';
import { aggregateOf } from './reference-aggregates.ts';
import type { Sample } from './reference-aggregates.ts';
import { compareEvents } from './reference-event.ts';
import type { Evaluate, ReferenceEvent } from './reference-event.ts';
import type { Slots } from './reference-final.ts';
import { isTrue } from './reference-values.ts';
import { isIn } from './reference-windows.ts';
import type { Span } from './reference-windows.ts';

/** An event with everything that grouping and aggregates read of it. */
interface Prepared {
  readonly on: ReferenceEvent;
  readonly name: string;
  readonly key: readonly Value[];
  /** Per aggregate; null: its filter turned the event away. */
  readonly samples: readonly (Sample | null)[];
}

interface Group {
  readonly name: string;
  readonly key: readonly Value[];
  /** In order of arrival. */
  readonly events: readonly Prepared[];
}

const OTHER = '__other__';
/** Aggregates in proportion to the number of events. */
const GROWING = new Set(['count', 'sum', 'rate']);

export class ReferenceGroups {
  readonly #stage: AggregateStage;
  readonly #keepMs: number;
  readonly #scale: number;
  readonly #remembered = new Map<string, { key: readonly Value[]; lastEndMs: number }>();
  #events: readonly Prepared[] = [];
  #namedBefore: ReadonlySet<string> = new Set();

  /** `keepMs`: how long a quiet group is remembered; `scale`: of an extrapolating sample. */
  constructor(stage: AggregateStage, options: { keepMs: number; scale: number }) {
    this.#stage = stage;
    this.#keepMs = options.keepMs;
    this.#scale = options.scale;
  }

  /** All events of the run that passed the query's filter, in order of arrival. */
  take(events: readonly ReferenceEvent[], evaluate: Evaluate): void {
    this.#events = events.map((on) => {
      const key = this.#stage.keys.map((expression) => evaluate(expression, on, []));
      const samples = this.#stage.aggregates.map(({ filter, arg }) => {
        if (filter !== null && !isTrue(evaluate(filter, on, []))) return null;
        return { value: arg === null ? true : evaluate(arg, on, []), event: on.event };
      });
      return { on, name: groupKey(key), key, samples };
    });
  }

  /** Slot rows of one window: keys, then aggregates. Windows must be asked for in order. */
  rows(span: Span, coveredMs: number): readonly Slots[] {
    const events = this.#events.filter(({ on }) => isIn(span, on.timeMs));
    if (this.#stage.keys.length === 0) return [this.#row([], events, coveredMs)];
    const groups = this.#withQuiet(grouped(events), span);
    const isOver = groups.length > this.#stage.groupsMax;
    const ranked = isOver ? this.#namedFirst(groups) : groups;
    const named = ranked.slice(0, this.#stage.groupsMax);
    this.#namedBefore = new Set(named.map(({ name }) => name));
    const rows = named.map((group) => this.#row(group.key, group.events, coveredMs));
    if (!isOver) return rows;
    const others = events.filter(({ name }) => !this.#namedBefore.has(name));
    const otherKey = this.#stage.keys.map(() => OTHER);
    return [...rows, this.#row(otherKey, others, coveredMs)];
  }

  #withQuiet(groups: readonly Group[], span: Span): Group[] {
    const endMs = span.endMs ?? 0;
    for (const { name, key } of groups) this.#remembered.set(name, { key, lastEndMs: endMs });
    const present = new Set(groups.map(({ name }) => name));
    const quiet: Group[] = [];
    for (const [name, { key, lastEndMs }] of this.#remembered) {
      if (endMs - lastEndMs > this.#keepMs) this.#remembered.delete(name);
      else if (!present.has(name)) quiet.push({ name, key, events: [] });
    }
    return [...groups, ...quiet.sort(compareNames)];
  }

  #namedFirst(groups: readonly Group[]): readonly Group[] {
    const isNamed = ({ name }: Group): number => Number(this.#namedBefore.has(name));
    return groups.toSorted((a, b) => isNamed(b) - isNamed(a));
  }

  #row(key: readonly Value[], events: readonly Prepared[], coveredMs: number): Slots {
    const ordered = events.toSorted((a, b) => compareEvents(a.on, b.on));
    const results = this.#stage.aggregates.map((spec, index) => {
      const result = aggregateOf(spec, {
        arrived: samplesOf(events, index),
        ordered: samplesOf(ordered, index),
        coveredMs,
      });
      const grows = GROWING.has(spec.name) && !spec.distinct;
      return grows && typeof result === 'number' ? result * this.#scale : result;
    });
    return [...key, ...results];
  }
}

function samplesOf(events: readonly Prepared[], index: number): Sample[] {
  return events.map(({ samples }) => samples[index] ?? null).filter((sample) => sample !== null);
}

/** Groups in order of their first event, then of their keys. */
function grouped(events: readonly Prepared[]): Group[] {
  const names = [...new Set(events.map(({ name }) => name))];
  const groups = names.map((name) => {
    const own = events.filter((event) => event.name === name);
    return { name, key: own[0]?.key ?? [], events: own };
  });
  return groups.sort((a, b) => firstMs(a) - firstMs(b) || compareNames(a, b));
}

function firstMs(group: Group): number {
  return group.events.reduce((first, { on }) => Math.min(first, on.timeMs), Number.MAX_VALUE);
}

function compareNames(a: Group, b: Group): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
