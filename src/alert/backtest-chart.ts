/**
 * The number that a rule is about over the time of a backtest, small enough to draw: a few alerts,
 * each a row of points that stand for as many windows as it takes.
 */
import type { ValueObject } from '../model/value.ts';
import { canonicalJson } from '../plan/fingerprint.ts';
import type { CompiledRule } from './compiled-rule.ts';

export interface BacktestChart {
  /** Column that is drawn; null: the rule is about no number. */
  readonly column: string | null;
  readonly lines: readonly ChartLine[];
  /** Alerts that are not drawn. */
  readonly omitted: number;
}

export interface ChartLine {
  readonly key: string;
  readonly points: readonly ChartPoint[];
}

/**
 * End of the last window that it stands for, ms UTC, and the smallest and largest value of them.
 */
export type ChartPoint = readonly [endMs: number, low: number, high: number];

/** Alerts that are drawn, and that are looked at to find those that fire. */
const LINES_MAX = 12;
const KEYS_MAX = 200;
/** Points of a line; beyond, two become one. */
const POINTS_MAX = 600;

interface Line {
  points: [number, number, number][];
  /** Windows that one point stands for, and that the last one has by now. */
  each: number;
  filled: number;
}

export class ChartRecorder {
  readonly #rule: CompiledRule;
  readonly #lines = new Map<string, Line>();
  #refused = 0;

  constructor(rule: CompiledRule) {
    this.#rule = rule;
  }

  take(endMs: number, rows: readonly ValueObject[]): void {
    const { by, valueColumn } = this.#rule;
    if (valueColumn === null) return;
    for (const row of rows) {
      const value = row[valueColumn];
      if (typeof value !== 'number') continue;
      const key = canonicalJson(Object.fromEntries(by.map((name) => [name, row[name] ?? null])));
      const line = this.#lineOf(key);
      if (line !== null) add(line, endMs, value);
    }
  }

  /** Those in `fired` come first. */
  chart(fired: ReadonlySet<string>): BacktestChart {
    const lines = [...this.#lines].map(([key, { points }]) => ({ key, points }));
    lines.sort((a, b) => Number(fired.has(b.key)) - Number(fired.has(a.key)));
    const drawn = lines.slice(0, LINES_MAX);
    const omitted = lines.length - drawn.length + this.#refused;
    return { column: this.#rule.valueColumn, lines: drawn, omitted };
  }

  #lineOf(key: string): Line | null {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    if (this.#lines.size >= KEYS_MAX) {
      this.#refused = Math.max(this.#refused, 1);
      return null;
    }
    const line = { points: [], each: 1, filled: 0 };
    this.#lines.set(key, line);
    return line;
  }
}

function add(line: Line, endMs: number, value: number): void {
  const last = line.points.at(-1);
  if (last !== undefined && line.filled < line.each) {
    last[0] = endMs;
    last[1] = Math.min(last[1], value);
    last[2] = Math.max(last[2], value);
    line.filled++;
    return;
  }
  line.points.push([endMs, value, value]);
  line.filled = 1;
  if (line.points.length <= POINTS_MAX) return;
  const halved: [number, number, number][] = [];
  for (let i = 0; i < line.points.length; i += 2) {
    const [first, second = line.points[i]!] = [line.points[i]!, line.points[i + 1]];
    halved.push([second[0], Math.min(first[1], second[1]), Math.max(first[2], second[2])]);
  }
  line.points = halved;
  line.each *= 2;
  line.filled = line.each;
}
