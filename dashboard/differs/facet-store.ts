/**
 * Counts of values, window by window and group by group, as a facet query brings them, for as long
 * as the page keeps them. Pure: no clock and no socket. Windows and numbers are bounded; the oldest
 * windows go first. Windows whose truth is unknown are kept as such and never summed.
 */
import type { ValueObject } from '../../src/model/value.ts';
import type { Completeness, ResultMessage, RowsMessage } from '../../src/wire/results.ts';
import { FACET_COUNTS_MAX, FACET_GROUPS_MAX, FACET_WINDOWS_MAX } from '../limits.ts';
import { EVENTS_COLUMN } from './facet-query.ts';
import type { Facet } from './facet-query.ts';

/** Of one field: how often each value came. */
export interface FieldSums {
  readonly counts: Map<string, ValueSum>;
  /** What a value that is not listed may have had at most. */
  unlisted: number;
}

export interface ValueSum {
  /** As it came: text, number, boolean; of numbers the lower end of a bucket. */
  readonly value: string | number | boolean | null;
  count: number;
  /** The count exceeds the truth by at most this. */
  error: number;
  /** Upper end of a bucket; null of a value. */
  readonly to: number | null;
}

export interface FacetSums {
  /** Events that the counts are of. */
  events: number;
  /** Time that they took to come, summed over windows, in milliseconds. */
  coveredMs: number;
  windows: number;
  /** Windows of the choice that nobody reported, or of which parts were missing. */
  leftOut: number;
  /** Smallest share of events that was looked at. */
  sampleFactor: number;
  readonly fields: readonly FieldSums[];
}

/** Which part of what is kept. */
export interface FacetChoice {
  /** Null: every group. */
  readonly groups: ReadonlySet<string> | null;
  /** True: all groups but these. */
  readonly others: boolean;
  readonly fromMs: number;
  readonly toMs: number;
}

interface GroupCounts {
  readonly events: number;
  readonly fields: readonly (readonly ValueSum[])[];
}

interface FacetWindow {
  readonly start: number;
  readonly end: number;
  readonly known: boolean;
  readonly sampleFactor: number;
  readonly coveredMs: number;
  readonly groups: ReadonlyMap<string, GroupCounts>;
  readonly size: number;
}

export class FacetStore {
  readonly #facets: readonly Facet[];
  #keys: readonly string[] = [];
  #windows: FacetWindow[] = [];
  #parts: ValueObject[] = [];
  #partsOf: number | null = null;
  #size = 0;
  /** Groups of the newest window that found no place. */
  untracked = 0;
  /** What the engine has against it; null: nothing. */
  problem: string | null = null;

  constructor(facets: readonly Facet[]) {
    this.#facets = facets;
  }

  get facets(): readonly Facet[] {
    return this.#facets;
  }

  get length(): number {
    return this.#windows.length;
  }

  /** From where on counts are kept; null: there are none yet. */
  get fromMs(): number | null {
    return this.#windows[0]?.start ?? null;
  }

  get toMs(): number | null {
    return this.#windows.at(-1)?.end ?? null;
  }

  apply(message: ResultMessage): void {
    switch (message.type) {
      case 'schema':
        this.#keys = message.keys;
        this.problem = null;
        return;
      case 'rows':
        this.#applyPart(message);
        return;
      case 'error':
        this.problem = message.problem.detail;
        return;
      default:
        return;
    }
  }

  /** Adds up what was chosen. */
  sums({ groups, others, fromMs, toMs }: FacetChoice): FacetSums {
    const fields = this.#facets.map((): FieldSums => ({ counts: new Map(), unlisted: 0 }));
    const sums: FacetSums = {
      ...{ events: 0, coveredMs: 0, windows: 0, leftOut: 0, sampleFactor: 1, fields },
    };
    for (const window of this.#windows) {
      // The events of a window that lies across an end cannot be told apart: it is on neither side.
      if (window.start < fromMs || window.end > toMs) continue;
      if (!window.known) {
        sums.leftOut++;
        continue;
      }
      sums.windows++;
      sums.coveredMs += window.coveredMs;
      sums.sampleFactor = Math.min(sums.sampleFactor, window.sampleFactor);
      for (const [id, counts] of window.groups) {
        if (groups !== null && groups.has(id) === others) continue;
        addGroup(sums, counts);
      }
    }
    return sums;
  }

  #applyPart(message: RowsMessage): void {
    const { windowStart, windowEnd, part, last, provisional } = message;
    if (windowStart === null || windowEnd === null || provisional) return;
    if (part === 0 || this.#partsOf !== windowStart) this.#parts = [];
    this.#partsOf = windowStart;
    for (const row of message.rows) this.#parts.push(row);
    if (!last) return;
    const rows = this.#parts;
    this.#parts = [];
    this.#put(this.#windowOf(windowStart, windowEnd, message.completeness, rows));
  }

  #windowOf(
    start: number,
    end: number,
    completeness: Completeness,
    rows: readonly ValueObject[],
  ): FacetWindow {
    const groups = new Map<string, GroupCounts>();
    let size = 0;
    for (const row of rows.slice(0, FACET_GROUPS_MAX)) {
      const counts = this.#countsOf(row);
      for (const field of counts.fields) size += field.length;
      groups.set(this.#groupIdOf(row), counts);
    }
    this.untracked = Math.max(0, rows.length - FACET_GROUPS_MAX);
    const { sampleFactor, coveredMs } = completeness;
    return {
      ...{ start, end, groups, size, sampleFactor },
      coveredMs: Math.min(coveredMs, end - start),
      known: isKnown(completeness),
    };
  }

  #groupIdOf(row: ValueObject): string {
    if (this.#keys.length === 0) return '';
    return JSON.stringify(this.#keys.map((key) => row[key] ?? null));
  }

  #countsOf(row: ValueObject): GroupCounts {
    const events = numberOf(row[EVENTS_COLUMN]);
    const fields = this.#facets.map(({ column, kind }) => {
      const list = row[column];
      if (!Array.isArray(list)) return [];
      return list.map((item) => valueFrom(item as ValueObject, kind));
    });
    return { events, fields };
  }

  /** A window that is told again replaces what was told before. */
  #put(window: FacetWindow): void {
    const at = this.#windows.findIndex(({ start }) => start >= window.start);
    const same = this.#windows[at]?.start === window.start;
    if (same) this.#size -= this.#windows[at]?.size ?? 0;
    if (at < 0) this.#windows.push(window);
    else this.#windows.splice(at, same ? 1 : 0, window);
    this.#size += window.size;
    while (
      this.#windows.length > FACET_WINDOWS_MAX ||
      (this.#size > FACET_COUNTS_MAX && this.#windows.length > 1)
    ) {
      this.#size -= this.#windows.shift()?.size ?? 0;
    }
  }
}

/** Parts that are missing would be taken for a difference. */
function isKnown({ source, reasons }: Completeness): boolean {
  if (source === 'silent' || source === 'none') return false;
  return !reasons.includes('agents-missing') && !reasons.includes('dropped');
}

function valueFrom(item: ValueObject, kind: Facet['kind']): ValueSum {
  const { value, from, to, count, error } = item;
  const said = kind === 'numbers' ? from : value;
  const isScalar = ['string', 'number', 'boolean'].includes(typeof said);
  return {
    value: isScalar ? (said as string | number | boolean) : null,
    count: numberOf(count),
    error: numberOf(error),
    to: typeof to === 'number' ? to : null,
  };
}

function addGroup(sums: FacetSums, counts: GroupCounts): void {
  sums.events += counts.events;
  counts.fields.forEach((list, index) => {
    const field = sums.fields[index];
    if (field !== undefined) addValues(field, list);
  });
}

function addValues(field: FieldSums, list: readonly ValueSum[]): void {
  let least = 0;
  let isExact = true;
  for (const { value, count, error, to } of list) {
    const key = `${typeof value} ${String(value)}`;
    const known = field.counts.get(key);
    if (known === undefined) field.counts.set(key, { value, count, error, to });
    else {
      known.count += count;
      known.error += error;
    }
    if (error > 0) isExact = false;
    least = least === 0 ? count : Math.min(least, count);
  }
  // A list that overflowed may have lost a value as frequent as its rarest.
  if (!isExact) field.unlisted += least;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
