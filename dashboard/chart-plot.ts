/**
 * One uPlot chart: lines of a {@link ChartModel}, provisional values lighter, hatched bands where
 * there is no truth, and a ribbon of conditions along the time axis. Owns its canvas; colours come
 * from design tokens when it is made, so a change of theme makes a new one.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartModel } from './chart-model.ts';
import { axisText } from './format.ts';
import {
  drawBandNames,
  drawBands,
  drawEnvelopes,
  drawMarks,
  drawRibbon,
  drawSelection,
  drawSideLines,
} from './plot-overlays.ts';
import type { PlotMark, TimeSpan } from './plot-overlays.ts';
import { tokenValue } from './theme.ts';
import { clockParts } from './time-zone.ts';

export interface PlotOptions {
  readonly parent: HTMLElement;
  readonly width: number;
  readonly height: number;
  /** Palette index of each line. */
  readonly colours: readonly number[];
  /** Whether the area below a single line is tinted. */
  readonly filled: boolean;
  /** Index into the model's points under the pointer, or null. */
  readonly onHover: (index: number | null) => void;
  /** A stretch of time was dragged over; null: the selection is to go. */
  readonly onSelect: (span: TimeSpan | null) => void;
}

export interface PlotState {
  readonly model: ChartModel;
  /** What is shown. */
  readonly view: TimeSpan;
  readonly marks: readonly PlotMark[];
  readonly selection: TimeSpan | null;
}

export interface Plot {
  update(state: PlotState): void;
  resize(width: number, height: number): void;
  /** Dims all lines but one; null shows all. */
  focus(line: number | null): void;
  destroy(): void;
}

/** Charts of one page share their cursor. */
const CURSOR_KEY = 'squilla';
/** Pixels; a shorter drag is a click. */
const DRAG_MIN = 6;

const EMPTY: PlotState = {
  model: { xs: [], finals: [], provisionals: [], bands: [], ribbon: [], around: [], past: [] },
  view: { fromMs: 0, toMs: 1_000 },
  marks: [],
  selection: null,
};

export function createPlot(options: PlotOptions): Plot {
  const { parent, width, height, colours } = options;
  let state = EMPTY;
  const strokes = colours.map((colour) => tokenValue(`--series-${colour + 1}`));
  const plot = new uPlot(
    {
      width,
      height,
      padding: [10, 26, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: CURSOR_KEY },
        drag: { x: true, y: false, setScale: false, dist: DRAG_MIN },
        bind: { dblclick: () => () => null },
        points: { size: 6 },
        y: false,
      },
      focus: { alpha: 0.18 },
      scales: {
        x: { time: true, range: () => [state.view.fromMs / 1_000, state.view.toMs / 1_000] },
        y: { range: (_, min, max) => valueRange(...withAround(state.model, min, max)) },
      },
      axes: axes(),
      series: [{}, ...lines(colours, options.filled)],
      hooks: {
        drawClear: [
          (u) => drawBands(u, state.model.bands),
          (u) => drawSelection(u, state.selection),
          (u) => drawEnvelopes(u, state.model, strokes),
        ],
        draw: [
          (u) => drawSideLines(u, state.model, strokes),
          (u) => drawRibbon(u, state.model.ribbon),
          (u) => drawMarks(u, state.marks),
          (u) => drawBandNames(u, state.model.bands),
        ],
        setCursor: [(u) => options.onHover(u.cursor.idx ?? null)],
        setSelect: [(u) => select(u, options.onSelect)],
      },
    },
    [[], ...colours.flatMap(() => [[], []])],
    parent,
  );
  return {
    update: (next) => {
      state = next;
      const { xs, finals, provisionals } = next.model;
      const data = finals.flatMap((line, i) => [dense(line), provisionals[i] ?? []]);
      // A line without a value costs as much as another; most results are final.
      const [any] = provisionals;
      const hasAny = any?.some((value) => value !== null) ?? false;
      finals.forEach((_, i) => showSeries(plot, i * 2 + 2, hasAny));
      plot.setData([xs, ...data] as unknown as uPlot.AlignedData);
    },
    resize: (w, h) => plot.setSize({ width: w, height: h }),
    focus: (line) => plot.setSeries(line === null ? null : line * 2 + 1, { focus: true }),
    destroy: () => plot.destroy(),
  };
}

/**
 * The plot's own rectangle does not move with the data, so it goes and the span is drawn instead.
 */
function select(u: uPlot, onSelect: PlotOptions['onSelect']): void {
  const { left, width } = u.select;
  if (width < DRAG_MIN) return;
  const [from, to] = [u.posToVal(left, 'x'), u.posToVal(left + width, 'x')];
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onSelect({ fromMs: Math.round(from * 1_000), toMs: Math.round(to * 1_000) });
}

function lines(colours: readonly number[], filled: boolean): uPlot.Series[] {
  return colours.flatMap((colour): uPlot.Series[] => {
    const stroke = tokenValue(`--series-${colour + 1}`);
    const base: uPlot.Series = {
      stroke,
      width: 1.75,
      spanGaps: false,
      points: { show: false, filter: (u, i) => lonely(u.data[i]), size: 5, fill: stroke },
    };
    return [
      filled ? { ...base, fill: (u: uPlot) => tint(u, stroke) } : base,
      { ...base, alpha: 0.45, dash: [3, 3], points: { show: false } },
    ];
  });
}

function tint(u: uPlot, colour: string): CanvasGradient | string {
  const { top, height } = u.bbox;
  if (!Number.isFinite(top) || !Number.isFinite(height)) return 'transparent';
  const gradient = u.ctx.createLinearGradient(0, top, 0, top + height);
  gradient.addColorStop(0, `${colour}38`);
  gradient.addColorStop(1, `${colour}05`);
  return gradient;
}

/**
 * Numbers alone lie beside each other and are read some times faster than numbers and nulls; uPlot
 * looks at all of them for the scale and again for the path.
 */
function dense(line: readonly (number | null)[]): ArrayLike<number | null> {
  const numbers = new Float64Array(line.length);
  for (let i = 0; i < line.length; i++) {
    const value = line[i];
    if (value == null) return line;
    numbers[i] = value;
  }
  return numbers;
}

/** Without the drawing that uPlot's own way of saying it brings: that follows with the data. */
function showSeries({ series }: uPlot, index: number, show: boolean): void {
  const known = series[index];
  if (known !== undefined) known.show = show;
}

/** Points without a neighbour belong to no line and would not be seen: they get dots. */
function lonely(values: ArrayLike<number | null | undefined> | undefined): number[] {
  const found: number[] = [];
  // A line without holes, see {@link dense}.
  if (values instanceof Float64Array && values.length > 1) return found;
  // Once a line and drawing: nothing is made for points that have neighbours.
  for (let i = 0; i < (values?.length ?? 0); i++) {
    if (values?.[i] == null || values[i - 1] != null || values[i + 1] != null) continue;
    found.push(i);
  }
  return found;
}

/** Bands and side lines are in view, too. */
function withAround(
  { around, past }: ChartModel,
  min: number | null,
  max: number | null,
): [number | null, number | null] {
  let [low, high] = [min, max];
  for (const lines of around) {
    for (const list of [lines.low, lines.high, lines.expected, lines.earlier]) {
      for (const value of list) {
        if (value === null) continue;
        low = low === null ? value : Math.min(low, value);
        high = high === null ? value : Math.max(high, value);
      }
    }
  }
  for (const points of past) {
    for (const value of points?.ys ?? []) {
      low = low === null ? value : Math.min(low, value);
      high = high === null ? value : Math.max(high, value);
    }
  }
  return [low, high];
}

function valueRange(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  const low = Math.min(0, min);
  const high = Math.max(0, max);
  if (low === high) return [low, low + 1];
  const room = (high - low) * 0.08;
  return [low < 0 ? low - room : 0, high + room];
}

function axes(): uPlot.Axis[] {
  const font = `11px ${tokenValue('--font')}`;
  const shared: uPlot.Axis = {
    stroke: tokenValue('--text-faint'),
    font,
    grid: { stroke: tokenValue('--grid'), width: 1 },
    ticks: { show: false },
  };
  return [
    { ...shared, size: 30, space: 72, gap: 8, grid: { show: false }, values: timeLabels },
    { ...shared, size: 50, space: 34, values: valueLabels },
  ];
}

type AxisArguments = readonly [
  u: uPlot,
  ticks: number[],
  axis: number,
  space: number,
  step: number,
];

function valueLabels(...[, ticks, , , step]: AxisArguments): string[] {
  return ticks.map((tick) => axisText(tick, step));
}

function timeLabels(_: uPlot, ticks: number[]): string[] {
  const withSeconds = ticks.some((tick) => tick % 60 !== 0);
  return ticks.map((tick) => {
    const parts = clockParts(tick * 1_000).slice(0, withSeconds ? 3 : 2);
    return parts.map((part) => String(part).padStart(2, '0')).join(':');
  });
}
