/**
 * What the page knows of one subscription's result: folds the messages of the result vocabulary
 * into a ring of windows for charts, the rows of the newest window, a ring of events for plain
 * filters, completeness, progress and gaps. Pure: no clock, no socket, no signal; the owner says
 * when to draw. A window takes effect at its last part and replaces all that was known of it.
 */
import type {
  Completeness,
  GapMessage,
  Problem,
  ProgressMessage,
  ResultColumn,
  ResultMessage,
  RowsMessage,
  SchemaMessage,
} from '../src/wire/results.ts';
import type { ValueObject } from '../src/model/value.ts';
import { valueText } from './format.ts';
import {
  CHART_COLUMNS_MAX,
  HEAT_WINDOWS_MAX,
  PLOT_COLUMNS_MAX,
  DROP_REASONS_MAX,
  EVENTS_MAX,
  GAPS_MAX,
  GROUPS_MAX,
  TABLE_COLUMNS_MAX,
  WINDOWS_MAX,
  WINDOW_ROWS_MAX,
} from './limits.ts';
import { WindowRing } from './window-ring.ts';
import type { Condition, GroupValues } from './window-ring.ts';

/** How rows of a result relate to each other. */
export type ResultShape = 'windows' | 'running' | 'events' | 'spans';

/** One window's buckets of numbers. */
export interface HeatWindow {
  readonly start: number;
  readonly end: number;
  readonly buckets: readonly {
    readonly from: number;
    readonly to: number;
    readonly count: number;
  }[];
}

export interface NewestRows {
  readonly windowStart: number | null;
  readonly windowEnd: number | null;
  readonly provisional: boolean;
  readonly revision: number;
  readonly rows: readonly ValueObject[];
  /** Rows beyond the page's bound. */
  readonly cut: number;
}

interface OpenParts {
  readonly windowStart: number | null;
  readonly rows: ValueObject[];
  cut: number;
}

export class ResultStore {
  schema: SchemaMessage | null = null;
  shape: ResultShape = 'windows';
  completeness: Completeness | null = null;
  progress: ProgressMessage | null = null;
  problem: Problem | null = null;
  ended: string | null = null;
  newest: NewestRows | null = null;
  /** Oldest first, at most EVENTS_MAX. */
  events: ValueObject[] = [];
  eventsSeen = 0;
  gaps: GapMessage[] = [];
  readonly drops = new Map<string, number>();
  ring: WindowRing = ringFor(0);
  /** Buckets of `heatColumn`, oldest first. */
  heat: HeatWindow[] = [];
  /** Whether the newest window's rows are one point a group, so that lines make sense. */
  isSeries = true;

  #extraColumns: string[] = [];
  #extraKnown = new Set<string>();
  #parts: OpenParts | null = null;

  /** Numeric columns that keep a history, in the query's order: values and their error bounds. */
  get plotColumns(): readonly ResultColumn[] {
    const columns = this.schema?.columns ?? [];
    return columns
      .filter((c) => (c.role === 'value' || c.role === 'meta') && isChartable(c))
      .slice(0, PLOT_COLUMNS_MAX);
  }

  /** Those that are values and may have charts. */
  get chartColumns(): readonly ResultColumn[] {
    return this.plotColumns.filter((c) => c.role === 'value').slice(0, CHART_COLUMNS_MAX);
  }

  /** The first column of buckets (`histogram(x)`), of a result without groups; null: none. */
  get heatColumn(): string | null {
    if ((this.schema?.keys.length ?? 0) > 0) return null;
    return this.schema?.columns.find((c) => c.role === 'value' && c.type === 'list')?.name ?? null;
  }

  /** Names of the table's columns: keys, declared values, then what rows bring (`select *`). */
  get tableColumns(): readonly string[] {
    const declared = (this.schema?.columns ?? [])
      .filter((c) => c.role !== 'window' && c.name !== '*' && !c.name.endsWith('.*'))
      .map((c) => c.name);
    return [...new Set([...declared, ...this.#extraColumns])].slice(0, TABLE_COLUMNS_MAX);
  }

  /** Nobody could tell: what stands in the rows of the newest window is no measurement. */
  get isUnknown(): boolean {
    const source = this.completeness?.source;
    return source === 'silent' || source === 'none';
  }

  /** The engine's clock as last heard, milliseconds UTC. */
  get engineNow(): number | null {
    return this.progress === null ? null : this.progress.watermark + this.progress.lagMs;
  }

  apply(message: ResultMessage): void {
    switch (message.type) {
      case 'schema':
        this.#applySchema(message);
        return;
      case 'rows':
        this.#applyPart(message);
        return;
      case 'progress':
        this.progress = message;
        return;
      case 'completeness':
        this.completeness = message.completeness;
        return;
      case 'gap':
        this.gaps = [...this.gaps, message].slice(-GAPS_MAX);
        return;
      case 'drop':
        this.#countDrop(message.reason, message.count);
        return;
      case 'error':
        this.problem = message.problem;
        return;
      case 'end':
        this.ended = message.reason;
        return;
    }
  }

  /** The identity of a row's group: its key values. */
  groupIdOf(row: ValueObject): string {
    const keys = this.schema?.keys ?? [];
    return keys.length === 0 ? '' : JSON.stringify(keys.map((key) => row[key] ?? null));
  }

  /** A reconnect sends the schema again; only another one starts afresh. */
  #applySchema(schema: SchemaMessage): void {
    const same = this.schema !== null && shapeText(this.schema) === shapeText(schema);
    this.schema = schema;
    this.problem = null;
    this.ended = null;
    this.#parts = null;
    if (same) return;
    this.shape = schema.windowMs === null ? 'running' : 'windows';
    this.ring = ringFor(this.plotColumns.length);
    this.heat = [];
    this.newest = null;
    this.events = [];
    this.#extraColumns = [];
    this.#extraKnown = new Set();
  }

  #applyPart(message: RowsMessage): void {
    this.completeness = message.completeness;
    if (message.append) {
      this.shape = this.schema?.windowMs === null && hasTimes(message.rows) ? 'spans' : 'events';
      if (this.shape === 'spans') this.#addSpans(message);
      this.#appendEvents(message.rows);
      return;
    }
    if (message.part === 0 || this.#parts?.windowStart !== message.windowStart) {
      this.#parts = { windowStart: message.windowStart, rows: [], cut: 0 };
    }
    const parts = this.#parts;
    const room = WINDOW_ROWS_MAX - parts.rows.length;
    for (const row of message.rows.slice(0, Math.max(0, room))) parts.rows.push(row);
    parts.cut += Math.max(0, message.rows.length - room);
    if (!message.last) return;
    this.#parts = null;
    this.#applyWindow(message, parts);
  }

  #applyWindow(message: RowsMessage, { rows, cut }: OpenParts): void {
    const start = message.windowStart ?? message.completeness.watermark;
    const end = message.windowEnd ?? start;
    const mark = {
      start,
      end,
      provisional: message.provisional && message.windowStart !== null,
      condition: conditionOf(message.completeness),
    };
    this.ring.put(mark, this.#groupValues(rows));
    this.#keepHeat(start, end, rows[0]);
    if (this.newest?.windowStart != null && start < this.newest.windowStart) return;
    for (const row of rows) this.#learnColumns(row);
    const { windowStart, windowEnd, provisional, revision } = message;
    this.newest = { windowStart, windowEnd, provisional, revision, rows, cut };
  }

  /** Windows with times of their own (sessions, of a number of events) stand where they ended. */
  #addSpans({ rows, completeness }: RowsMessage): void {
    const condition = conditionOf(completeness);
    for (const row of rows) {
      const end = numberOf(row['window_end']);
      if (Number.isNaN(end)) continue;
      this.ring.add({ start: end, end, provisional: false, condition }, this.#groupValues([row]));
    }
  }

  #keepHeat(start: number, end: number, row: ValueObject | undefined): void {
    const column = this.heatColumn;
    const list = column === null ? null : row?.[column];
    if (!Array.isArray(list)) return;
    const buckets = list.flatMap((item) => bucketFrom(item));
    const kept = this.heat.filter((window) => window.start !== start);
    this.heat = [...kept, { start, end, buckets }].slice(-HEAT_WINDOWS_MAX);
  }

  #groupValues(rows: readonly ValueObject[]): GroupValues[] {
    const columns = this.plotColumns.map((c) => c.name);
    // Rows that no key tells apart (a plain select in a window) are a list, not a series.
    this.isSeries = rows.length <= 1 || (this.schema?.keys.length ?? 0) > 0;
    if (!this.isSeries) return [];
    const all = rows.map((row) => ({
      id: this.groupIdOf(row),
      label: this.#labelOf(row),
      values: columns.map((name) => numberOf(row[name])),
    }));
    if (all.length <= GROUPS_MAX) return all;
    return all.sort((a, b) => sizeOf(b) - sizeOf(a));
  }

  #labelOf(row: ValueObject): string {
    const keys = this.schema?.keys ?? [];
    return keys.map((key) => valueText(row[key] ?? null)).join(' · ');
  }

  #appendEvents(rows: readonly ValueObject[]): void {
    this.eventsSeen += rows.length;
    for (const row of rows) {
      this.#learnColumns(row);
      this.events.push(row);
    }
    if (this.events.length > EVENTS_MAX) this.events = this.events.slice(-EVENTS_MAX);
  }

  #learnColumns(row: ValueObject): void {
    if (this.#extraColumns.length >= TABLE_COLUMNS_MAX) return;
    for (const name of Object.keys(row)) {
      if (this.#extraKnown.has(name)) continue;
      if (this.shape !== 'spans' && (name === 'window_start' || name === 'window_end')) continue;
      this.#extraKnown.add(name);
      this.#extraColumns.push(name);
      if (this.#extraColumns.length >= TABLE_COLUMNS_MAX) return;
    }
  }

  #countDrop(reason: string, count: number): void {
    const known = this.drops.has(reason) || this.drops.size < DROP_REASONS_MAX;
    const name = known ? reason : 'other';
    this.drops.set(name, (this.drops.get(name) ?? 0) + count);
  }
}

/** The one word for a window's truth; the worst that holds. */
export function conditionOf(completeness: Completeness): Condition {
  const { source } = completeness;
  if (source === 'silent' || source === 'none') return source;
  if (completeness.engine === 'behind') return 'behind';
  if (completeness.status === 'degraded') return 'degraded';
  if (completeness.status === 'partial') return 'partial';
  return completeness.traffic === 'zero' ? 'zero' : 'flowing';
}

function ringFor(columns: number): WindowRing {
  return new WindowRing({ windows: WINDOWS_MAX, groups: GROUPS_MAX, columns });
}

function isChartable(column: ResultColumn): boolean {
  return column.type === 'number';
}

function hasTimes(rows: readonly ValueObject[]): boolean {
  return typeof rows[0]?.['window_start'] === 'number';
}

function bucketFrom(item: unknown): HeatWindow['buckets'][number][] {
  if (typeof item !== 'object' || item === null) return [];
  const { from, to, count } = item as Readonly<Record<string, unknown>>;
  const [low, high, many] = [numberOf(from), numberOf(to), numberOf(count)];
  return Number.isNaN(low + high + many) ? [] : [{ from: low, to: high, count: many }];
}

function shapeText(schema: SchemaMessage): string {
  return JSON.stringify([schema.canonical, schema.columns, schema.keys, schema.windowMs]);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN;
}

function sizeOf(row: GroupValues): number {
  const first = row.values[0] ?? Number.NaN;
  return Number.isNaN(first) ? -Infinity : first;
}
