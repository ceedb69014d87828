/** What a rule said over the last stretch of time, as a strip. */
import type { JSX } from 'preact';
import type { AlertTransition } from '../../src/alert/transition.ts';
import { clockText, countText } from '../format.ts';
import { stretchesOf } from './transitions.ts';

export interface TimelineProps {
  /** Of one rule. */
  readonly transitions: readonly AlertTransition[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly height?: number;
}

const WIDTH = 240;

export function StateTimeline({
  transitions,
  fromMs,
  toMs,
  height = 14,
}: TimelineProps): JSX.Element {
  const stretches = stretchesOf(transitions, fromMs, toMs);
  const fired = stretches.filter(({ state }) => state === 'firing').length;
  const x = (ms: number): number => ((ms - fromMs) / (toMs - fromMs)) * WIDTH;
  return (
    <svg
      class="timeline"
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      height={height}
      role="img"
      aria-label={`fired ${countText(fired, 'time')} since ${clockText(fromMs)}`}
    >
      <rect class="stretch-ok" x="0" y="0" width={WIDTH} height={height} rx="2" />
      {stretches.map(({ fromMs: from, toMs: to, state }, index) => (
        <rect
          key={index}
          class={`stretch-${state}`}
          x={x(from)}
          y="0"
          width={Math.max(1.5, x(to) - x(from))}
          height={height}
        >
          <title>{`${state} ${clockText(from)} – ${clockText(to)}`}</title>
        </rect>
      ))}
    </svg>
  );
}
