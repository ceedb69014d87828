/**
 * Draws the lines of a chart onto a plot's canvas: final values full, provisional ones lighter and
 * dashed, values without neighbours as dots. The plot brings axes, cursor and scales; its own lines
 * have several times as many vertices as can be told apart, which twenty live panels feel.
 */
import type uPlot from 'uplot';
import type { ChartModel } from './chart-model.ts';
import { thinLine, verticesMax } from './thin-line.ts';
import type { PixelScale } from './thin-line.ts';

export interface LineLook {
  /** Colour of each line. */
  readonly strokes: readonly string[];
  /** Whether the area below is tinted. */
  readonly filled: boolean;
  /** Others are dimmed; null: none is. */
  readonly focused: number | null;
}

/** CSS pixels. */
const LINE_WIDTH = 1.75;
/**
 * Of lines with more points than columns: a rope as thick as others would be a smear, and browsers
 * that paint without a graphics card draw lines of one pixel several times as fast.
 */
const DENSE_WIDTH = 1;
const DOT = 4;
const DASH = 3;
const DIMMED = 0.18;
const PROVISIONAL = 0.45;

/** Of all plots of the page, one after the other. */
let vertices = new Float64Array(0);

export function drawLines(u: uPlot, model: ChartModel, look: LineLook): void {
  const { ctx, bbox } = u;
  const column = LINE_WIDTH * devicePixelRatio;
  const isDense = model.xs.length * column > bbox.width;
  const width = isDense ? DENSE_WIDTH * devicePixelRatio : column;
  if (vertices.length < verticesMax(model.xs.length)) {
    vertices = new Float64Array(verticesMax(model.xs.length));
  }
  const scale = scaleOf(u);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - 1, bbox.top - 1, bbox.width + 2, bbox.height + 2);
  ctx.clip();
  ctx.lineWidth = width;
  // Nobody sees the joints of a thin line, and round ones cost as much as the line.
  ctx.lineJoin = 'bevel';
  model.finals.forEach((ys, line) => {
    const used = thinLine({ xs: model.xs, ys }, scale, column, vertices);
    const alpha = look.focused === null || look.focused === line ? 1 : DIMMED;
    const colour = look.strokes[line] ?? '';
    if (look.filled) fillBelow(u, used, { colour, alpha });
    strokeLine(ctx, used, { colour, alpha });
    const provisional = model.provisionals[line];
    if (provisional === undefined) return;
    const more = thinLine({ xs: model.xs, ys: provisional }, scale, column, vertices);
    ctx.setLineDash([DASH * devicePixelRatio, DASH * devicePixelRatio]);
    strokeLine(ctx, more, { colour, alpha: alpha * PROVISIONAL });
    ctx.setLineDash([]);
  });
  ctx.restore();
}

function scaleOf(u: uPlot): PixelScale {
  const { left, width } = u.bbox;
  const { min: from = 0, max: to = 1 } = u.scales['x'] ?? {};
  const zero = u.valToPos(0, 'y', true);
  return {
    time: from,
    left,
    perTime: width / Math.max(1e-3, to - from),
    zero,
    perValue: u.valToPos(1, 'y', true) - zero,
  };
}

interface Ink {
  readonly colour: string;
  readonly alpha: number;
}

function strokeLine(ctx: CanvasRenderingContext2D, used: number, { colour, alpha }: Ink): void {
  ctx.globalAlpha = alpha;
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.beginPath();
  let isDown = false;
  for (let i = 0; i < used; i += 2) {
    const x = vertices[i] ?? 0;
    const y = vertices[i + 1] ?? 0;
    if (Number.isNaN(x)) isDown = false;
    else if (isDown) ctx.lineTo(x, y);
    else if (Number.isNaN(vertices[i + 2] ?? 0)) dot(ctx, x, y);
    else {
      ctx.moveTo(x, y);
      isDown = true;
    }
  }
  ctx.stroke();
}

/** A point without a neighbour belongs to no line and would not be seen. */
function dot(ctx: CanvasRenderingContext2D, x: number, y: number): void {
  const size = DOT * devicePixelRatio;
  ctx.fillRect(x - size / 2, y - size / 2, size, size);
}

function fillBelow(u: uPlot, used: number, { colour, alpha }: Ink): void {
  const { ctx } = u;
  const base = u.valToPos(0, 'y', true);
  ctx.globalAlpha = alpha;
  ctx.fillStyle = tint(u, colour);
  ctx.beginPath();
  let isDown = false;
  for (let i = 0; i < used; i += 2) {
    const x = vertices[i] ?? 0;
    if (Number.isNaN(x)) {
      ctx.lineTo(vertices[i - 2] ?? 0, base);
      ctx.closePath();
      isDown = false;
      continue;
    }
    if (!isDown) ctx.moveTo(x, base);
    ctx.lineTo(x, vertices[i + 1] ?? 0);
    isDown = true;
  }
  ctx.fill();
}

function tint(u: uPlot, colour: string): CanvasGradient | string {
  const { top, height } = u.bbox;
  if (!Number.isFinite(top) || !Number.isFinite(height)) return 'transparent';
  const gradient = u.ctx.createLinearGradient(0, top, 0, top + height);
  gradient.addColorStop(0, `${colour}38`);
  gradient.addColorStop(1, `${colour}05`);
  return gradient;
}
