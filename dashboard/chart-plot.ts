/**
 * One uPlot chart: lines of a {@link ChartModel}, provisional values lighter, hatched bands where
 * there is no truth, and a ribbon of conditions along the time axis. Owns its canvas; colours come
 * from design tokens when it is made, so a change of theme makes a new one.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Band, ChartModel, Stretch } from './chart-model.ts';
import { axisText } from './format.ts';
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
}

export interface Plot {
  /** The view moves with the data: `fromMs` to `toMs`. */
  update(model: ChartModel, view: { readonly fromMs: number; readonly toMs: number }): void;
  resize(width: number, height: number): void;
  /** Dims all lines but one; null shows all. */
  focus(line: number | null): void;
  destroy(): void;
}

/** Charts of one page share their cursor. */
const CURSOR_KEY = 'squilla';
const RIBBON_HEIGHT = 4;
const HATCH_STEP = 7;

export function createPlot(options: PlotOptions): Plot {
  const { parent, width, height, colours } = options;
  let model: ChartModel = { xs: [], finals: [], provisionals: [], bands: [], ribbon: [] };
  let view: [number, number] = [0, 1];
  const plot = new uPlot(
    {
      width,
      height,
      padding: [10, 26, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: CURSOR_KEY },
        drag: { x: false, y: false },
        points: { size: 6 },
        y: false,
      },
      focus: { alpha: 0.18 },
      scales: {
        x: { time: true, range: () => view },
        y: { range: (_, min, max) => valueRange(min, max) },
      },
      axes: axes(),
      series: [{}, ...lines(colours, options.filled)],
      hooks: {
        drawClear: [(u) => drawBands(u, model.bands)],
        draw: [(u) => drawRibbon(u, model.ribbon), (u) => drawBandNames(u, model.bands)],
        setCursor: [(u) => options.onHover(u.cursor.idx ?? null)],
      },
    },
    [[], ...colours.flatMap(() => [[], []])],
    parent,
  );
  return {
    update: (next, { fromMs, toMs }) => {
      model = next;
      view = [fromMs / 1_000, toMs / 1_000];
      const data = next.finals.flatMap((line, i) => [line, next.provisionals[i] ?? []]);
      plot.setData([next.xs, ...data] as unknown as uPlot.AlignedData);
    },
    resize: (w, h) => plot.setSize({ width: w, height: h }),
    focus: (line) => plot.setSeries(line === null ? null : line * 2 + 1, { focus: true }),
    destroy: () => plot.destroy(),
  };
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

/** Points without a neighbour belong to no line and would not be seen: they get dots. */
function lonely(values: ArrayLike<number | null | undefined> | undefined): number[] {
  if (values === undefined) return [];
  return Array.from({ length: values.length }, (_, i) => i).filter(
    (i) => values[i] != null && values[i - 1] == null && values[i + 1] == null,
  );
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

/** The part of the plot between two times, in canvas pixels, or null if none is in view. */
function strip(u: uPlot, from: number, to: number): { x: number; w: number } | null {
  const { left, width } = u.bbox;
  const start = Math.max(left, u.valToPos(from / 1_000, 'x', true));
  const end = Math.min(left + width, u.valToPos(to / 1_000, 'x', true));
  return end > start ? { x: start, w: end - start } : null;
}

function drawBands(u: uPlot, bands: readonly Band[]): void {
  const { ctx, bbox } = u;
  for (const band of bands) {
    const part = strip(u, band.from, band.to);
    if (part === null) continue;
    const colour = tokenValue(`--band-${band.kind}`);
    ctx.save();
    ctx.beginPath();
    ctx.rect(part.x, bbox.top, part.w, bbox.height);
    ctx.clip();
    ctx.globalAlpha = 0.1;
    ctx.fillStyle = colour;
    ctx.fillRect(part.x, bbox.top, part.w, bbox.height);
    if (band.kind !== 'before') hatch(u, part, colour);
    ctx.restore();
  }
}

function hatch({ ctx, bbox }: uPlot, part: { x: number; w: number }, colour: string): void {
  ctx.globalAlpha = 0.4;
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  const step = HATCH_STEP * devicePixelRatio;
  // Stripes hang on the canvas, not on the band, so that a growing band does not shimmer.
  const first = Math.floor((part.x - bbox.height) / step) * step;
  for (let x = first; x < part.x + part.w; x += step) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
}

const BAND_NAMES: Readonly<Record<Band['kind'], string>> = {
  before: 'before the query',
  missing: 'no result',
  silent: 'silent',
  degraded: 'degraded',
  none: 'no source',
  behind: 'waiting',
};

/** Above grid and lines, so that nothing crosses the words. */
function drawBandNames(u: uPlot, bands: readonly Band[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = `600 ${11 * devicePixelRatio}px ${tokenValue('--font')}`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'center';
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = tokenValue('--surface');
  for (const band of bands) {
    const part = strip(u, band.from, band.to);
    const name = BAND_NAMES[band.kind];
    if (part === null || ctx.measureText(name).width + 8 * devicePixelRatio > part.w) continue;
    const [x, y] = [part.x + part.w / 2, bbox.top + 6 * devicePixelRatio];
    ctx.fillStyle = tokenValue(`--band-${band.kind}-text`);
    ctx.strokeText(name, x, y);
    ctx.fillText(name, x, y);
  }
  ctx.restore();
}

function drawRibbon(u: uPlot, ribbon: readonly Stretch[]): void {
  const { ctx, bbox } = u;
  const height = RIBBON_HEIGHT * devicePixelRatio;
  ctx.save();
  for (const stretch of ribbon) {
    const part = strip(u, stretch.from, stretch.to);
    if (part === null) continue;
    ctx.fillStyle = tokenValue(`--condition-${stretch.condition}`);
    ctx.fillRect(part.x, bbox.top + bbox.height + devicePixelRatio, part.w, height);
  }
  ctx.restore();
}
