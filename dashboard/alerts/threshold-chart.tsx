/**
 * The number that a rule is about, as it was, and the threshold as a line that can be dragged or
 * moved by the arrow keys. The parent is told the number when it is let go.
 */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { BacktestChart } from '../../src/alert/backtest-chart.ts';
import { clockText, countText, numberText, safeText } from '../format.ts';
import { keyText } from './alert-words.ts';
import {
  CHART_HEIGHT,
  CHART_WIDTH,
  outlineOf,
  placeOf,
  rounded,
  scaleOf,
  valueAt,
} from './threshold-scale.ts';
import type { Scale } from './threshold-scale.ts';

export interface ThresholdChartProps {
  readonly chart: BacktestChart;
  readonly fromMs: number;
  readonly toMs: number;
  /** Null: the condition compares the number with nothing that could be a line. */
  readonly threshold: number | null;
  /** While it moves. */
  readonly onMove?: (value: number) => void;
  /** Null: it stands where it cannot be changed. */
  readonly onSet: ((value: number) => void) | null;
}

const TICKS = 5;
/** Where the line would go through the lowest number. */
const NEAR_BOTTOM = 0.88;

export function ThresholdChart(props: ThresholdChartProps): JSX.Element {
  const { chart, fromMs, threshold, toMs } = props;
  const scale = scaleOf(chart, threshold);
  const span = { fromMs, toMs };
  const isAtBottom = threshold !== null && placeOf(threshold, scale) > NEAR_BOTTOM;
  return (
    <figure class="threshold-chart">
      <div class="threshold-plot">
        <svg
          viewBox={`0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${safeText(chart.column ?? 'values', 60)} of ${countText(chart.lines.length, 'key')}`}
        >
          {chart.lines.map((line, i) => (
            <path
              key={line.key}
              class={`threshold-line tone-${(i % 8) + 1}`}
              d={outlineOf(line, scale, span)}
            >
              <title>{safeText(keyText(line.key), 120)}</title>
            </path>
          ))}
        </svg>
        <span class="threshold-high">{numberText(scale.high)}</span>
        {!isAtBottom && <span class="threshold-low">{numberText(scale.low)}</span>}
        {threshold !== null && <ThresholdHandle {...props} scale={scale} threshold={threshold} />}
      </div>
      <Ticks {...span} />
      <Legend chart={chart} />
    </figure>
  );
}

interface HandleProps extends ThresholdChartProps {
  readonly scale: Scale;
  readonly threshold: number;
}

const KEYS: Readonly<Record<string, number>> = {
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
  PageUp: 10,
  PageDown: -10,
};

function ThresholdHandle({ chart, onMove, onSet, scale, threshold }: HandleProps): JSX.Element {
  const moved = useSignal<number | null>(null);
  const dragging = useRef(false);
  const handle = useRef<HTMLDivElement>(null);
  // What was set comes back as the threshold, and then nothing is moved any more.
  useEffect(() => void (moved.value = null), [threshold]);
  const value = moved.value ?? threshold;
  const move = (next: number): void => {
    moved.value = next;
    onMove?.(next);
  };
  const letGo = (): void => {
    dragging.current = false;
    if (moved.peek() !== null && moved.peek() !== threshold) onSet?.(moved.peek() as number);
  };
  const drag = (event: PointerEvent): void => {
    const plot = handle.current?.parentElement?.getBoundingClientRect();
    if (!dragging.current || plot === undefined || plot.height === 0) return;
    move(valueAt((event.clientY - plot.top) / plot.height, scale));
  };
  return (
    <div
      ref={handle}
      class={onSet === null ? 'threshold-handle fixed' : 'threshold-handle'}
      style={{ top: `${placeOf(value, scale) * 100}%` }}
      role="slider"
      tabIndex={0}
      aria-label={`Threshold of ${safeText(chart.column ?? 'the rule', 60)}`}
      aria-orientation="vertical"
      aria-valuemin={rounded(scale.low, scale)}
      aria-valuemax={rounded(scale.high, scale)}
      aria-valuenow={value}
      aria-disabled={onSet === null}
      onPointerDown={(event) => {
        if (onSet === null) return;
        dragging.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onKeyDown={(event) => {
        const steps = KEYS[event.key];
        if (steps === undefined || onSet === null) return;
        event.preventDefault();
        move(rounded(value + steps * scale.step, scale));
      }}
      onKeyUp={(event) => {
        if (KEYS[event.key] !== undefined) letGo();
      }}
    >
      <span class="threshold-value">{numberText(value)}</span>
    </div>
  );
}

function Ticks({ fromMs, toMs }: { fromMs: number; toMs: number }): JSX.Element {
  const times = Array.from(
    { length: TICKS },
    (_, i) => fromMs + ((toMs - fromMs) * i) / (TICKS - 1),
  );
  return (
    <div class="threshold-ticks" aria-hidden="true">
      {times.map((ms) => (
        <span key={ms}>{clockText(ms)}</span>
      ))}
    </div>
  );
}

function Legend({ chart }: { chart: BacktestChart }): JSX.Element {
  return (
    <figcaption class="threshold-legend">
      {chart.lines.map(({ key }, i) => (
        <span key={key} class={`threshold-key tone-${(i % 8) + 1}`}>
          <bdi>{safeText(keyText(key), 60)}</bdi>
        </span>
      ))}
      {chart.omitted > 0 && <span class="faint">{countText(chart.omitted, 'more key')}</span>}
    </figcaption>
  );
}
