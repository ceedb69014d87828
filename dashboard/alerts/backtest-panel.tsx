/**
 * What the rule, as it is written now, would have done over the past: over what the engine kept of
 * its columns, or over a file of events. The threshold is dragged on the chart; what others would
 * have done stands beside it.
 */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { BacktestReport } from '../../src/alert/backtest.ts';
import type { Threshold } from '../../src/alert/rule-variants.ts';
import type { Dashboard } from '../dashboard.ts';
import { countText, durationText, numberText, safeText } from '../format.ts';
import { BacktestRun } from './backtest-run.ts';
import type { Past } from './backtest-run.ts';
import { EventsForm } from './backtest-events.tsx';
import type { EventsFile } from './backtest-events.tsx';
import type { Judged } from './rule-editor.tsx';
import { lineOf } from './rule-preview.tsx';
import { StateTimeline } from './state-timeline.tsx';
import { ThresholdChart } from './threshold-chart.tsx';

export interface BacktestPanelProps {
  readonly dashboard: Dashboard;
  readonly judged: Judged;
  readonly onThreshold: (threshold: Threshold, value: number) => void;
}

const HOUR_MS = 3_600_000;
const SPANS: readonly { readonly label: string; readonly ms: number }[] = [
  { label: '1 h', ms: HOUR_MS },
  { label: '6 h', ms: 6 * HOUR_MS },
  { label: '24 h', ms: 24 * HOUR_MS },
  { label: '7 d', ms: 168 * HOUR_MS },
  { label: '30 d', ms: 720 * HOUR_MS },
];

export function BacktestPanel({
  dashboard,
  judged,
  onThreshold,
}: BacktestPanelProps): JSX.Element | null {
  const run = useMemo(() => new BacktestRun(dashboard.lines), [dashboard]);
  const spanMs = useSignal(HOUR_MS);
  const events = useSignal<EventsFile | null>(null);
  const usesEvents = useSignal(false);
  const isSound = judged.text !== '' && judged.query !== null && judged.problem === null;
  const start = (): void => {
    const past = pastOf(usesEvents.value ? events.value : null, spanMs.value, dashboard.now());
    if (isSound && (!usesEvents.value || events.value !== null)) void run.start(judged.text, past);
  };
  useEffect(() => start(), [judged.text, spanMs.value, events.value, usesEvents.value]);
  useEffect(() => () => run.stop(), [run]);
  if (!isSound) return null;
  const { done, problem, report, sweep } = run.state.value;
  return (
    <section class="card preview backtest" aria-label="Backtest">
      <header class="preview-head">
        <h3>{report === null ? 'Backtest' : headline(report)}</h3>
        <PastChoice spanMs={spanMs} usesEvents={usesEvents} />
      </header>
      {usesEvents.value && <EventsForm file={events} />}
      {done !== null && <Progress done={done} onStop={() => run.stop()} />}
      {problem !== null && (
        <p class="notice warn" role="status">
          {safeText(problem, 400)}
        </p>
      )}
      {report !== null && <Report {...{ report, sweep, onThreshold }} />}
    </section>
  );
}

function pastOf(file: EventsFile | null, spanMs: number, nowMs: number): Past {
  if (file !== null) return { events: file };
  const to = Math.floor(nowMs);
  return { series: { from: to - spanMs, to } };
}

function headline({ fromMs, results, toMs }: BacktestReport): string {
  const pages = results[0]?.pages ?? 0;
  const span = durationText(toMs - fromMs);
  return pages === 0 ? `No page in ${span}` : `${countText(pages, 'page')} in ${span}`;
}

function PastChoice({
  spanMs,
  usesEvents,
}: {
  spanMs: Signal<number>;
  usesEvents: Signal<boolean>;
}): JSX.Element {
  return (
    <div class="segmented" role="group" aria-label="The past">
      {SPANS.map(({ label, ms }) => (
        <button
          key={label}
          type="button"
          aria-pressed={!usesEvents.value && spanMs.value === ms}
          onClick={() => {
            usesEvents.value = false;
            spanMs.value = ms;
          }}
        >
          {label}
        </button>
      ))}
      <button
        type="button"
        aria-pressed={usesEvents.value}
        onClick={() => (usesEvents.value = true)}
      >
        File
      </button>
    </div>
  );
}

function Progress({ done, onStop }: { done: number; onStop: () => void }): JSX.Element {
  return (
    <div class="backtest-progress">
      <progress max={1} value={done} aria-label="Backtest" />
      <button type="button" class="button small" onClick={onStop}>
        Stop
      </button>
    </div>
  );
}

interface ReportProps {
  readonly report: BacktestReport;
  readonly sweep: BacktestReport['results'];
  readonly onThreshold: (threshold: Threshold, value: number) => void;
}

function Report({ report, sweep, onThreshold }: ReportProps): JSX.Element {
  const { chart, fromMs, notes, results, threshold, toMs } = report;
  const moved = useSignal<number | null>(null);
  useEffect(() => void (moved.value = null), [report]);
  const line = lineOf(threshold);
  const now = moved.value ?? line;
  return (
    <>
      <StateTimeline
        transitions={results[0]?.transitions ?? []}
        fromMs={fromMs}
        toMs={toMs}
        height={18}
      />
      <ThresholdChart
        {...{ chart, fromMs, toMs }}
        threshold={line}
        onMove={(value) => (moved.value = value)}
        onSet={threshold === null ? null : (value) => onThreshold(threshold, value)}
      />
      {notes.map((note) => (
        <p key={note} class="faint">
          {safeText(note, 300)}
        </p>
      ))}
      {threshold !== null && now !== null && sweep.length > 1 && (
        <Sweep sweep={sweep} now={now} onPick={(value) => onThreshold(threshold, value)} />
      )}
    </>
  );
}

function Sweep({
  now,
  onPick,
  sweep,
}: {
  sweep: BacktestReport['results'];
  now: number;
  onPick: (value: number) => void;
}): JSX.Element {
  const nearest = sweep.reduce((best, one) =>
    Math.abs((one.threshold ?? 0) - now) < Math.abs((best.threshold ?? 0) - now) ? one : best,
  );
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Other thresholds">
      <table class="list backtest-sweep">
        <thead>
          <tr>
            <th scope="col">Condition</th>
            <th scope="col" class="number">
              Pages
            </th>
            <th scope="col" class="number">
              Flaps
            </th>
            <th scope="col" class="number">
              Firing
            </th>
            <th scope="col" class="number">
              Longest gap
            </th>
          </tr>
        </thead>
        <tbody>
          {sweep.map((result) => (
            <tr key={result.when} class={result === nearest ? 'chosen' : undefined}>
              <td>
                <button
                  type="button"
                  class="link mono"
                  title={`Use ${numberText(result.threshold ?? 0)}`}
                  onClick={() => onPick(result.threshold ?? 0)}
                >
                  {safeText(result.when, 80)}
                </button>
              </td>
              <td class="number">{numberText(result.pages)}</td>
              <td class="number">{numberText(result.flaps)}</td>
              <td class="number">{durationText(result.firingMs)}</td>
              <td class="number">{durationText(result.longestGapMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
