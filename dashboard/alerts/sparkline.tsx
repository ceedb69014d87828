/** A small line of values, oldest first; windows without a value are gaps. */
import type { JSX } from 'preact';
import { numberText } from '../format.ts';

export interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly width?: number;
  readonly height?: number;
  /** `bad` while it fires. */
  readonly tone?: 'bad' | 'calm';
}

const PAD = 3;

export function Sparkline({
  values,
  width = 132,
  height = 30,
  tone = 'calm',
}: SparklineProps): JSX.Element {
  const numbers = values.filter((value): value is number => value !== null);
  if (numbers.length === 0) return <span class="spark-none">no values yet</span>;
  const max = Math.max(0, ...numbers);
  const min = Math.min(0, ...numbers);
  const x = (index: number): number =>
    PAD + (index / Math.max(1, values.length - 1)) * (width - 2 * PAD);
  const y = (value: number): number =>
    height - PAD - ((value - min) / (max - min || 1)) * (height - 2 * PAD);
  const lastAt = values.findLastIndex((value) => value !== null);
  const last = values[lastAt] ?? 0;
  const label = `from ${numberText(numbers[0] ?? 0)} to ${numberText(last)}`;
  return (
    <svg
      class={`spark spark-${tone}`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <line x1={PAD} x2={width - PAD} y1={y(0)} y2={y(0)} class="spark-zero" />
      <path d={pathOf(values, x, y)} fill="none" />
      <circle cx={x(lastAt)} cy={y(last)} r="2.5" />
    </svg>
  );
}

function pathOf(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let drawing = false;
  values.forEach((value, index) => {
    if (value !== null) {
      path += `${drawing ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    }
    drawing = value !== null;
  });
  return path;
}
