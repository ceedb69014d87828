/**
 * The last minutes of a value as a small picture, for mails: a line on white, gaps where no number
 * was. Grey levels, eight bits, no filter: what the PNG format asks of its simplest user.
 * @see https://www.w3.org/TR/png-3/
 */
import { crc32, deflateSync } from 'node:zlib';
import type { SparkPoint } from '../transition.ts';

const WIDTH = 240;
const HEIGHT = 48;
const MARGIN = 4;
const PAPER = 255;
const INK = 40;
const POINTS_MAX = 60;

/** Null where no point has a number. */
export function sparklinePng(points: readonly SparkPoint[]): Buffer | null {
  const values = points.slice(-POINTS_MAX).map(({ value }) => value);
  const numbers = values.filter((value): value is number => value !== null);
  if (numbers.length === 0) return null;
  const low = Math.min(...numbers);
  const span = Math.max(...numbers) - low;
  const pixels = new Uint8Array(WIDTH * HEIGHT).fill(PAPER);
  const xOf = (index: number): number =>
    MARGIN + Math.round((index / Math.max(1, values.length - 1)) * (WIDTH - 1 - 2 * MARGIN));
  const yOf = (value: number): number => {
    const share = span === 0 ? 0.5 : (value - low) / span;
    return HEIGHT - 1 - MARGIN - Math.round(share * (HEIGHT - 1 - 2 * MARGIN));
  };
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    const before = values[index - 1] ?? value;
    drawLine(pixels, [xOf(Math.max(0, index - 1)), yOf(before)], [xOf(index), yOf(value)]);
  }
  return encode(pixels);
}

type Point = readonly [number, number];

/** Two pixels thick; Bresenham's line as it is written with whole errors. */
function drawLine(pixels: Uint8Array, [fromX, fromY]: Point, [toX, toY]: Point): void {
  const stepX = Math.sign(toX - fromX);
  const stepY = Math.sign(toY - fromY);
  const dx = Math.abs(toX - fromX);
  const dy = -Math.abs(toY - fromY);
  let [x, y, error] = [fromX, fromY, dx + dy];
  for (;;) {
    pixels[y * WIDTH + x] = INK;
    pixels[(y + 1) * WIDTH + x] = INK;
    if (x === toX && y === toY) return;
    const twice = 2 * error;
    if (twice >= dy) {
      error += dy;
      x += stepX;
    }
    if (twice <= dx) {
      error += dx;
      y += stepY;
    }
  }
}

function encode(pixels: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  // Eight bits, grey levels; no compression, filter or interlacing but the only or none there are.
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((WIDTH + 1) * HEIGHT);
  for (let y = 0; y < HEIGHT; y += 1) {
    rows.set(pixels.subarray(y * WIDTH, (y + 1) * WIDTH), y * (WIDTH + 1) + 1);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
