/**
 * The live answer as text: a table of the newest window with a sparkline for each number, redrawn
 * in place on a terminal, or rows appended as they come. Pure: results in, text out.
 */
import { parse } from '../../grammar/parse.ts';
import type { ValueObject } from '../model/value.ts';
import { groupKey } from '../model/group-key.ts';
import type { Completeness, RowsMessage, SchemaMessage } from '../wire/results.ts';
import type { Paint } from './paint.ts';
import { printable } from './paint.ts';
import { renderTable } from './table.ts';

const HISTORY = 24;
const ROWS_SHOWN = 40;
const CELL_MAX = 200;
const BARS = '▁▂▃▄▅▆▇█';
/** `host-2` comes before `host-10`. */
const NATURAL = new Intl.Collator('en', { numeric: true });

export interface LiveViewOptions {
  readonly columns: number;
  readonly paint: Paint;
}

export class LiveView {
  readonly #options: LiveViewOptions;
  #schema: SchemaMessage | null = null;
  /** The query says in which order rows come. */
  #isOrdered = false;
  /** Recent numbers by group and column. */
  #history = new Map<string, number[]>();
  #rows: readonly ValueObject[] = [];
  #lastWindow = -Infinity;

  constructor(options: LiveViewOptions) {
    this.#options = options;
  }

  schema(message: SchemaMessage): void {
    this.#schema = message;
    this.#isOrdered = (parse(message.canonical).ast?.orderBy.length ?? 0) > 0;
    this.#history = new Map();
  }

  /** Takes one window's rows (its parts collected) and gives the whole picture. */
  window(message: RowsMessage, rows: readonly ValueObject[]): string {
    const end = message.windowEnd ?? Infinity;
    if (end >= this.#lastWindow) {
      this.#rows = this.#isOrdered ? rows : this.#byKeys(rows);
      if (!message.provisional && end > this.#lastWindow) this.#remember(rows);
      if (end !== Infinity) this.#lastWindow = end;
    }
    return `${this.#headline(message)}\n${this.#table()}`;
  }

  /** One line a row, for rows that are appended. */
  lines(rows: readonly ValueObject[]): string {
    return rows.map((row) => `${lineOf(row)}\n`).join('');
  }

  #headline(message: RowsMessage): string {
    const { paint } = this.#options;
    const at = message.windowEnd === null ? 'running' : clockText(message.windowEnd);
    const kept = message.replay ? paint('yellow', ' kept from before') : '';
    const state = message.provisional ? paint('dim', ' so far') : kept;
    return `${paint('bold', at)}${state}  ${verdict(message.completeness, paint)}`;
  }

  #table(): string {
    const names = this.#shownColumns();
    const rows = this.#rows.slice(0, ROWS_SHOWN).map((row) => {
      const cells = names.map((name) => cellText(row[name] ?? null));
      return [...cells, this.#sparkline(row)];
    });
    const table = renderTable([...names, ''], rows, this.#options);
    const more = this.#rows.length - rows.length;
    return more > 0 ? `${table}… ${more} more rows\n` : table;
  }

  #shownColumns(): string[] {
    const named = this.#schema?.columns.filter((column) => column.role !== 'window') ?? [];
    if (named.length > 0) return named.map((column) => column.name);
    const first = this.#rows[0];
    return first === undefined ? [] : Object.keys(first).filter((name) => !isWindowColumn(name));
  }

  #remember(rows: readonly ValueObject[]): void {
    const present = new Set<string>();
    for (const row of rows) {
      const key = this.#historyKey(row);
      const value = this.#numberOf(row);
      if (value === null) continue;
      present.add(key);
      const history = this.#history.get(key) ?? [];
      history.push(value);
      if (history.length > HISTORY) history.shift();
      this.#history.set(key, history);
    }
    // Groups that left the answer take their history with them, so that it stays bounded.
    for (const key of this.#history.keys()) if (!present.has(key)) this.#history.delete(key);
  }

  #sparkline(row: ValueObject): string {
    const history = this.#history.get(this.#historyKey(row)) ?? [];
    return sparkline(history);
  }

  /** Groups of an unordered answer come as they may; an eye that follows one wants it in place. */
  #byKeys(rows: readonly ValueObject[]): readonly ValueObject[] {
    const keys = this.#schema?.keys ?? [];
    if (keys.length === 0) return rows;
    return rows.toSorted((one, other) => {
      for (const key of keys) {
        const order = NATURAL.compare(cellText(one[key]), cellText(other[key]));
        if (order !== 0) return order;
      }
      return 0;
    });
  }

  #historyKey(row: ValueObject): string {
    return groupKey((this.#schema?.keys ?? []).map((name) => row[name] ?? null));
  }

  /** The first number that is not a key: what the sparkline shows. */
  #numberOf(row: ValueObject): number | null {
    const keys = new Set(this.#schema?.keys ?? []);
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === 'number' && !keys.has(name) && !isWindowColumn(name)) return value;
    }
    return null;
  }
}

/** Heights relative to the largest value; zero is the baseline. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(...values.map(Math.abs), 0);
  return values
    .map((value) => {
      const step = top === 0 ? 0 : Math.round((Math.abs(value) / top) * (BARS.length - 1));
      return BARS[step] ?? ' ';
    })
    .join('');
}

/** How complete a result is, in a few words. */
export function verdict(completeness: Completeness, paint: Paint): string {
  const { status, reasons, agents, traffic, source, engine } = completeness;
  const color = status === 'complete' ? 'green' : status === 'partial' ? 'yellow' : 'red';
  const parts = [paint(color, status)];
  if (reasons.length > 0) parts.push(`(${reasons.join(', ')})`);
  parts.push(`${agents.reporting}/${agents.expected} agents`);
  if (traffic === 'zero' && source === 'live') parts.push(paint('yellow', 'no traffic'));
  if (source === 'silent') parts.push(paint('red', 'source silent'));
  if (source === 'none') parts.push(paint('yellow', 'nobody offers this stream'));
  if (engine === 'behind') parts.push(paint('red', 'engine behind'));
  if (agents.missing.length > 0) parts.push(`missing: ${agents.missing.map(printable).join(', ')}`);
  return parts.join(' · ');
}

function isWindowColumn(name: string): boolean {
  return name === 'window_start' || name === 'window_end';
}

function lineOf(row: ValueObject): string {
  return Object.entries(row)
    .map(([name, value]) => `${printable(name)}=${cellText(value)}`)
    .join(' ');
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return numberCell(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const clean = printable(text);
  return clean.length > CELL_MAX ? `${clean.slice(0, CELL_MAX)}…` : clean;
}

function numberCell(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 1 : size >= 1 ? 2 : 4);
}

function clockText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
