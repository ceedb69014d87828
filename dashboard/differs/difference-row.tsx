/**
 * One difference: the value, its share here and there as two bars, and what it means for the rate.
 */
import type { JSX } from 'preact';
import { levelText, numberText, valueText } from '../format.ts';
import type { Difference, NumberDifference, ValueDifference } from './compare-facets.ts';

export interface DifferenceRowProps {
  readonly difference: Difference;
  readonly theirs: 'earlier' | 'others';
  readonly onNarrow: (isOnly: boolean) => void;
}

export function DifferenceRow(props: DifferenceRowProps): JSX.Element {
  return props.difference.kind === 'value' ? (
    <ValueRow {...props} difference={props.difference} />
  ) : (
    <NumberRow difference={props.difference} />
  );
}

function ValueRow({
  difference,
  theirs,
  onNarrow,
}: DifferenceRowProps & { difference: ValueDifference }): JSX.Element {
  const { field, value, here, there, partOfChange } = difference;
  const before = theirs === 'earlier' ? 'earlier' : 'others';
  return (
    <li class="difference">
      <button
        type="button"
        class="difference-value"
        title="Ask the same for these events only"
        onClick={() => onNarrow(true)}
      >
        <bdi class="difference-field">{valueText(field)}</bdi>
        <bdi>{valueText(value)}</bdi>
      </button>
      <div class="difference-bars" aria-hidden="true">
        <i class="there" style={{ width: `${there.share * 100}%` }} />
        <i class="here" style={{ width: `${here.share * 100}%` }} />
      </div>
      <p class="difference-shares">
        <span title={`${before}: ${numberText(there.count)} events`}>{shareText(there.share)}</span>
        {' → '}
        <strong title={`${numberText(here.count)} events`}>{shareText(here.share)}</strong>
      </p>
      {/* Other groups are others at any time: only shares can be compared with them. */}
      <p class="difference-rates">
        {theirs === 'earlier' && `${rateText(there.perSecond)} → ${rateText(here.perSecond)}`}
      </p>
      <p class="difference-part">{theirs === 'earlier' && partText(partOfChange, difference)}</p>
      <button type="button" class="link" onClick={() => onNarrow(false)}>
        without
      </button>
    </li>
  );
}

function NumberRow({ difference }: { difference: NumberDifference }): JSX.Element {
  const { field, medianHere, medianThere, sure } = difference;
  return (
    <li class="difference numbers">
      <span class="difference-value">
        <bdi class="difference-field">{valueText(field)}</bdi>
        <span>lies elsewhere</span>
      </span>
      <div class="difference-bars" aria-hidden="true">
        <i class="here" style={{ width: `${sure * 100}%` }} />
      </div>
      <p class="difference-shares">
        half below {levelText(medianThere)} → <strong>{levelText(medianHere)}</strong>
      </p>
    </li>
  );
}

function shareText(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

function rateText(perSecond: number): string {
  return `${levelText(perSecond)}/s`;
}

function partText(part: number | null, { here, there }: ValueDifference): string {
  if (part === null || part < 0.05) return '';
  const what = here.perSecond < there.perSecond ? 'fall' : 'rise';
  return part > 1.005
    ? `more than the whole ${what}`
    : `${Math.round(part * 100)} % of the ${what}`;
}
