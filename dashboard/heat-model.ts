/**
 * A heat map's cells: buckets of numbers over time, or groups over time. Pure. A column stands for
 * a window and a row for a bucket or a group; NaN is a cell of which nothing is known.
 */
import type { TimeSpan } from './plot-overlays.ts';
import type { ResultStore } from './result-store.ts';
import { numberText } from './format.ts';

export interface HeatModel {
  /** Windows, oldest first. */
  readonly spans: readonly TimeSpan[];
  /** Names of rows, from the top down. */
  readonly labels: readonly string[];
  /** By row, then by window. */
  readonly cells: readonly (readonly number[])[];
  readonly max: number;
  /** Rows that found no place. */
  readonly beyond: number;
}

/** Rows that can be told apart on a screen. */
const ROWS_MAX = 48;

export function heatModelFrom(store: ResultStore, view: TimeSpan): HeatModel {
  return store.heatColumn === null ? groupsHeat(store, view) : bucketsHeat(store, view);
}

function bucketsHeat({ heat }: ResultStore, view: TimeSpan): HeatModel {
  const windows = heat.filter(({ start, end }) => end > view.fromMs && start < view.toMs);
  const edges = new Map<number, number>();
  for (const { buckets } of windows) for (const { from, to } of buckets) edges.set(from, to);
  const froms = [...edges.keys()].toSorted((a, b) => b - a);
  const shown = froms.slice(0, ROWS_MAX);
  const byWindow = windows.map(({ buckets }) => new Map(buckets.map((b) => [b.from, b.count])));
  const cells = shown.map((from) => byWindow.map((counts) => counts.get(from) ?? 0));
  return {
    spans: windows.map(({ start, end }) => ({ fromMs: start, toMs: end })),
    labels: shown.map((from) => `${numberText(from)} – ${numberText(edges.get(from) ?? from)}`),
    cells,
    max: largestOf(cells),
    beyond: froms.length - shown.length,
  };
}

function groupsHeat({ ring }: ResultStore, view: TimeSpan): HeatModel {
  const places: number[] = [];
  for (let index = 0; index < ring.length; index++) {
    const { start, end } = ring.at(index);
    if (end > view.fromMs && start < view.toMs) places.push(index);
  }
  const isKnown = (index: number): boolean => {
    const { condition } = ring.at(index);
    return condition !== 'silent' && condition !== 'none';
  };
  const rows = ring.groupIds().map((id) => ({
    id,
    values: places.map((index) => (isKnown(index) ? ring.valueAt(id, 0, index) : Number.NaN)),
  }));
  rows.sort((a, b) => totalOf(b.values) - totalOf(a.values));
  const shown = rows.slice(0, ROWS_MAX);
  const cells = shown.map(({ values }) => values);
  return {
    spans: places.map((index) => ({ fromMs: ring.at(index).start, toMs: ring.at(index).end })),
    labels: shown.map(({ id }) => ring.labelOf(id)),
    cells,
    max: largestOf(cells),
    beyond: rows.length - shown.length,
  };
}

function totalOf(values: readonly number[]): number {
  return values.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0);
}

function largestOf(cells: readonly (readonly number[])[]): number {
  let max = 0;
  for (const row of cells) for (const value of row) if (value > max) max = value;
  return max;
}
