/** Beside the name of a column whose values are not exact, what they are instead. */
import type { JSX } from 'preact';
import type { Completeness } from '../src/wire/results.ts';
import { numberText } from './format.ts';

export interface ValueMarkProps {
  readonly completeness: Completeness | null;
  readonly column: string;
}

export function ValueMark({ completeness, column }: ValueMarkProps): JSX.Element | null {
  const text = markOf(completeness, column);
  if (text === null) return null;
  return (
    <span class="value-mark" title={text.detail}>
      <span aria-hidden="true">{text.sign}</span>
      <span class="sr-only">{text.word}</span>
    </span>
  );
}

export interface MarkText {
  readonly sign: string;
  readonly word: string;
  /** One sentence. */
  readonly detail: string;
}

/** Null: the values are exact. */
export function markOf(completeness: Completeness | null, column: string): MarkText | null {
  if (completeness === null) return null;
  const { cut = [], estimated = [], sampleFactor } = completeness;
  if (cut.includes(column)) {
    const detail = 'Some group has more values than are kept; what is listed is a part of them.';
    return { sign: '…', word: 'cut', detail };
  }
  if (sampleFactor < 1) {
    const share = numberText(Math.max(0.01, sampleFactor * 100));
    const detail = `From a sample: ${share} % of the events were looked at.`;
    return { sign: '≈', word: 'sampled', detail };
  }
  if (!estimated.includes(column)) return null;
  const detail = 'Estimated by a sketch, within the error that the function states.';
  return { sign: '≈', word: 'estimated', detail };
}
