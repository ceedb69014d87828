/** Says what changed on the chart, since when and by how much, and offers to find out why. */
import type { JSX } from 'preact';
import type { Drawn, Explore } from './explore.ts';
import type { DifferenceWatch } from './differs/difference-watch.ts';
import { clockText, levelText, safeText } from './format.ts';
import { Icon } from './icons.tsx';
import { sizeOf } from './noticed.ts';
import type { NoticedStep } from './noticed.ts';

export interface NoticedProps extends Drawn {
  readonly explore: Explore;
  readonly differs: DifferenceWatch;
}

/** Lines that are told. */
const SHOWN_MAX = 3;

export function NoticedLine({ explore, differs }: NoticedProps): JSX.Element | null {
  const steps = explore.noticed.value;
  if (steps.length === 0) return null;
  const store = explore.running.value?.store ?? null;
  return (
    <ul class="noticed" aria-label="What changed">
      {steps.slice(0, SHOWN_MAX).map((step) => (
        <li key={step.group}>
          <Icon name="bolt" />
          <span>
            <strong>
              <bdi>
                {safeText(step.group === '' ? (store?.chartColumns[0]?.name ?? '') : step.label)}
              </bdi>
            </strong>{' '}
            {wordsOf(step)} at <strong class="numeric">{clockText(step.sinceMs)}</strong>
            <span class="noticed-values">
              {' '}
              from {levelText(step.before)} to {levelText(step.after)}
            </span>
          </span>
          <button
            type="button"
            class="link"
            onClick={() =>
              differs.ask({
                group: step.group === '' ? null : step.group,
                fromMs: step.sinceMs,
                toMs: null,
              })
            }
          >
            What differs?
          </button>
        </li>
      ))}
    </ul>
  );
}

function wordsOf(step: NoticedStep): string {
  const percent = Math.round(sizeOf(step) * 100);
  if (step.before === 0) return 'began';
  return step.after < step.before
    ? `fell by ${percent} %`
    : `rose ${(step.after / step.before).toFixed(1)}-fold`;
}
