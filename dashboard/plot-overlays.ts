/**
 * What is drawn around the lines of a plot: stretches without truth, the ribbon of conditions,
 * bands and lines of what was expected or was earlier, marks of what happened, the selection. Each
 * function draws onto the plot's own canvas, in canvas pixels, and leaves its state as it was.
 */
import type uPlot from 'uplot';
import type { Around, Band, ChartModel, Stretch } from './chart-model.ts';
import { safeText } from './format.ts';
import { tokenValue } from './theme.ts';

/** Something that happened, at a time or for a while. */
export interface PlotMark {
  readonly fromMs: number;
  /** Null: a moment. */
  readonly toMs: number | null;
  readonly kind: 'alert' | 'note';
  readonly label: string;
}

export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

const RIBBON_HEIGHT = 4;
const HATCH_STEP = 7;

/** The part of the plot between two times, in canvas pixels, or null if none is in view. */
function strip(u: uPlot, from: number, to: number): { x: number; w: number } | null {
  const { left, width } = u.bbox;
  const start = Math.max(left, u.valToPos(from / 1_000, 'x', true));
  const end = Math.min(left + width, u.valToPos(to / 1_000, 'x', true));
  return end > start ? { x: start, w: end - start } : null;
}

export function drawBands(u: uPlot, bands: readonly Band[]): void {
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
export function drawBandNames(u: uPlot, bands: readonly Band[]): void {
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

export function drawRibbon(u: uPlot, ribbon: readonly Stretch[]): void {
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

/** Where truth or an ordinary value lies, below the lines. */
export function drawEnvelopes(u: uPlot, model: ChartModel, strokes: readonly string[]): void {
  model.around.forEach(({ low, high }, line) => {
    drawEnvelope(u, model.xs, { low, high }, strokes[line] ?? '');
  });
}

function drawEnvelope(
  u: uPlot,
  xs: Float64Array,
  { low, high }: Pick<Around, 'low' | 'high'>,
  colour: string,
): void {
  if (low.length === 0) return;
  const { ctx } = u;
  ctx.save();
  ctx.globalAlpha = 0.16;
  ctx.fillStyle = colour;
  for (let i = 1; i < xs.length; i++) {
    const [a = NaN, b = NaN, c = NaN, d = NaN] = [low[i - 1], low[i], high[i], high[i - 1]];
    if (Number.isNaN(a + b + c + d)) continue;
    const [left, right] = [
      u.valToPos(xs[i - 1] ?? 0, 'x', true),
      u.valToPos(xs[i] ?? 0, 'x', true),
    ];
    ctx.beginPath();
    ctx.moveTo(left, u.valToPos(a, 'y', true));
    ctx.lineTo(right, u.valToPos(b, 'y', true));
    ctx.lineTo(right, u.valToPos(c, 'y', true));
    ctx.lineTo(left, u.valToPos(d, 'y', true));
    ctx.fill();
  }
  ctx.restore();
}

/** What was kept from before, what was expected, in dots, and what was earlier, in dashes. */
export function drawSideLines(u: uPlot, model: ChartModel, strokes: readonly string[]): void {
  model.past.forEach((points, line) => {
    if (points === null) return;
    const style = { colour: strokes[line] ?? '', dash: [] };
    drawSideLine(u, points.xs, points.ys, style);
  });
  model.around.forEach(({ expected, earlier }, line) => {
    drawSideLine(u, model.xs, expected, { colour: strokes[line] ?? '', dash: [1.5, 3] });
    drawSideLine(u, model.xs, earlier, { colour: strokes[line] ?? '', dash: [6, 4] });
  });
}

function drawSideLine(
  u: uPlot,
  xs: Float64Array,
  values: Float64Array,
  { colour, dash }: { readonly colour: string; readonly dash: readonly number[] },
): void {
  if (values.length === 0) return;
  const { ctx } = u;
  ctx.save();
  ctx.globalAlpha = 0.75;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.25 * devicePixelRatio;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  let isDown = false;
  values.forEach((value, i) => {
    if (Number.isNaN(value)) {
      isDown = false;
      return;
    }
    const [x, y] = [u.valToPos(xs[i] ?? 0, 'x', true), u.valToPos(value, 'y', true)];
    if (isDown) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    isDown = true;
  });
  ctx.stroke();
  ctx.restore();
}

/** A line where something began, a strip above the axis for as long as it lasted. */
export function drawMarks(u: uPlot, marks: readonly PlotMark[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = `600 ${10.5 * devicePixelRatio}px ${tokenValue('--font')}`;
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  ctx.lineJoin = 'round';
  let freeFrom = -Infinity;
  for (const { fromMs, toMs, kind, label } of marks) {
    const x = u.valToPos(fromMs / 1_000, 'x', true);
    const colour = tokenValue(kind === 'alert' ? '--bad' : '--calm');
    const bottom = bbox.top + bbox.height;
    ctx.fillStyle = colour;
    ctx.strokeStyle = colour;
    const part = toMs === null ? null : strip(u, fromMs, toMs);
    if (part !== null) {
      ctx.globalAlpha = 0.85;
      ctx.fillRect(part.x, bottom - 4 * devicePixelRatio, part.w, 3 * devicePixelRatio);
    }
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.globalAlpha = 0.8;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    ctx.setLineDash([]);
    const text = safeText(label, 28);
    const width = ctx.measureText(text).width + 8 * devicePixelRatio;
    if (x < freeFrom || x + width > bbox.left + bbox.width) continue;
    freeFrom = x + width;
    ctx.globalAlpha = 1;
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.strokeStyle = tokenValue('--surface');
    ctx.strokeText(text, x + 4 * devicePixelRatio, bottom - 6 * devicePixelRatio);
    ctx.fillText(text, x + 4 * devicePixelRatio, bottom - 6 * devicePixelRatio);
  }
  ctx.restore();
}

export function drawSelection(u: uPlot, selection: TimeSpan | null): void {
  const part = selection === null ? null : strip(u, selection.fromMs, selection.toMs);
  if (part === null) return;
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = tokenValue('--accent');
  ctx.globalAlpha = 0.12;
  ctx.fillRect(part.x, bbox.top, part.w, bbox.height);
  ctx.globalAlpha = 0.8;
  ctx.fillRect(part.x, bbox.top, devicePixelRatio, bbox.height);
  ctx.fillRect(part.x + part.w - devicePixelRatio, bbox.top, devicePixelRatio, bbox.height);
  ctx.restore();
}
