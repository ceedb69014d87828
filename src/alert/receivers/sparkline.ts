/** The last minutes of a value as a line of eight heights, for pages that are read as text. */
import type { SparkPoint } from '../transition.ts';

const HEIGHTS = '▁▂▃▄▅▆▇█';
const POINTS_MAX = 60;

/** Windows without a number are gaps. Empty where no point has one. */
export function sparklineText(points: readonly SparkPoint[]): string {
  const values = points.slice(-POINTS_MAX).map(({ value }) => value);
  const numbers = values.filter((value): value is number => value !== null);
  if (numbers.length === 0) return '';
  const low = Math.min(...numbers);
  const span = Math.max(...numbers) - low;
  return values
    .map((value) => {
      if (value === null) return '·';
      // A flat line is drawn in the middle: it is neither high nor low.
      const height = span === 0 ? 3 : Math.round(((value - low) / span) * (HEIGHTS.length - 1));
      return HEIGHTS[height] ?? '';
    })
    .join('');
}
