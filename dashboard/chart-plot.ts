/**
 * One chart: uPlot's canvas, axes, cursor and selection, and drawn onto it the lines of a
 * {@link ChartModel}, hatched bands where there is no truth, and a ribbon of conditions along the
 * time axis. Owns its canvas; colours come from design tokens when it is made, so a change of theme
 * makes a new one.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartModel } from './chart-model.ts';
import { axisText } from './format.ts';
import { drawLines } from './plot-lines.ts';
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
import { valueRange } from './value-range.ts';

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
  model: {
    ...{ xs: new Float64Array(0), finals: [], provisionals: [] },
    ...{ bands: [], ribbon: [], around: [], past: [] },
  },
  view: { fromMs: 0, toMs: 1_000 },
  marks: [],
  selection: null,
};

export function createPlot(options: PlotOptions): Plot {
  const { parent, width, height, colours, filled } = options;
  let state = EMPTY;
  let focused: number | null = null;
  const strokes = colours.map((colour) => tokenValue(`--series-${colour + 1}`));
  const plot = new uPlot(
    {
      width,
      height,
      padding: [10, 26, 0, 0],
      legend: { show: false },
      cursor: cursor(),
      scales: {
        x: { time: true, range: () => [state.view.fromMs / 1_000, state.view.toMs / 1_000] },
        y: {
          range: () => {
            const { fromMs, toMs } = state.view;
            return valueRange(state.model, { from: fromMs / 1_000, to: toMs / 1_000 });
          },
        },
      },
      axes: axes(),
      series: [{}, ...strokes.map(underCursor)],
      hooks: {
        drawClear: [
          (u) => drawBands(u, state.model.bands),
          (u) => drawSelection(u, state.selection),
          (u) => drawEnvelopes(u, state.model, strokes),
        ],
        draw: [
          (u) => drawLines(u, state.model, { strokes, filled, focused }),
          (u) => drawSideLines(u, state.model, strokes),
          (u) => drawRibbon(u, state.model.ribbon),
          (u) => drawMarks(u, state.marks),
          (u) => drawBandNames(u, state.model.bands),
        ],
        setCursor: [(u) => options.onHover(u.cursor.idx ?? null)],
        setSelect: [(u) => select(u, options.onSelect)],
      },
    },
    [[], ...colours.map(() => [])],
    parent,
  );
  return {
    update: (next) => {
      state = next;
      const { xs, finals } = next.model;
      plot.setData([xs, ...finals]);
    },
    resize: (w, h) => plot.setSize({ width: w, height: h }),
    focus: (line) => {
      if (line === focused) return;
      focused = line;
      plot.redraw(false, false);
    },
    destroy: () => plot.destroy(),
  };
}

function cursor(): uPlot.Cursor {
  return {
    sync: { key: CURSOR_KEY },
    drag: { x: true, y: false, setScale: false, dist: DRAG_MIN },
    bind: { dblclick: () => () => null },
    points: { size: 6 },
    y: false,
    // A hole has no point under the pointer.
    dataIdx: (u, line, index) => (Number.isNaN(u.data[line]?.[index]) ? null : index),
  };
}

/** All that a plot itself shows of a line is its point under the pointer. */
function underCursor(stroke: string): uPlot.Series {
  return { stroke, width: 1.75, auto: false, paths: () => null, points: { show: false } };
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
