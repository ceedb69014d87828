/** How many events matched, second by second: a bar each, the newest at the right. */
import type { JSX } from 'preact';
import type { Drawn } from '../explore.ts';
import { numberText } from '../format.ts';
import { TAIL_SECONDS_SHOWN } from '../limits.ts';
import type { ResultStore } from '../result-store.ts';

const BAR_WIDTH = 4;
const GAP = 1;
const HEIGHT = 30;

export function MatchBars({ store }: { store: ResultStore } & Drawn): JSX.Element {
  const { ring } = store;
  const first = Math.max(0, ring.length - TAIL_SECONDS_SHOWN);
  const values: number[] = [];
  for (let index = first; index < ring.length; index++) {
    const { condition } = ring.at(index);
    // Nobody knows what a silent second had.
    const known = condition !== 'silent' && condition !== 'none';
    values.push(known ? ring.valueAt('', 0, index) : Number.NaN);
  }
  const max = values.reduce((most, value) => (value > most ? value : most), 0);
  const width = TAIL_SECONDS_SHOWN * (BAR_WIDTH + GAP);
  const from = width - values.length * (BAR_WIDTH + GAP);
  return (
    <svg
      class="match-bars"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Matches of the last ${values.length} seconds, at most ${numberText(max)}`}
    >
      <path class="match-known" d={barsPath(values, from, max)} />
      <path class="match-unknown" d={unknownPath(values, from)} />
    </svg>
  );
}

function barsPath(values: readonly number[], from: number, max: number): string {
  return values
    .map((value, i) => {
      if (!(value > 0) || max === 0) return '';
      const height = Math.max(1, (value / max) * HEIGHT);
      return bar(from + i * (BAR_WIDTH + GAP), height);
    })
    .join('');
}

function unknownPath(values: readonly number[], from: number): string {
  return values
    .map((value, i) => (Number.isNaN(value) ? bar(from + i * (BAR_WIDTH + GAP), HEIGHT) : ''))
    .join('');
}

function bar(x: number, height: number): string {
  const h = height.toFixed(1);
  return `M${x} ${HEIGHT}v-${h}h${BAR_WIDTH}v${h}z`;
}
