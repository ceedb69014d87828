/** What the rule, as it is written now, would have done over the windows that are still there. */
import type { JSX } from 'preact';
import type { Threshold } from '../../src/alert/rule-variants.ts';
import type { AlertTransition } from '../../src/alert/transition.ts';
import { countText, dateText, durationText, readableText } from '../format.ts';
import { keyText } from './alert-words.ts';
import type { Judged } from './rule-editor.tsx';
import { StateTag } from './severity-tag.tsx';
import { StateTimeline } from './state-timeline.tsx';
import { ThresholdChart } from './threshold-chart.tsx';

const SHOWN_MAX = 20;

export interface PreviewProps {
  readonly judged: Judged;
  /** Puts another threshold into the rule; null: its place in the text cannot be told. */
  readonly onThreshold: ((threshold: Threshold, value: number) => void) | null;
}

export function PreviewPanel({ judged, onThreshold }: PreviewProps): JSX.Element | null {
  const { preview, query } = judged;
  if (query === null || preview === null) return null;
  const [first] = preview.windows;
  const last = preview.windows.at(-1);
  if (first === undefined || last === undefined) {
    return (
      <section class="card preview" aria-label="Preview" role="status">
        <p class="faint">
          The query runs. As soon as windows close, what the rule makes of them is here.
        </p>
      </section>
    );
  }
  const pages = preview.transitions.filter(isPage);
  const spanText = durationText(last.endMs - first.startMs);
  return (
    <section class="card preview" aria-label="Preview" role="status">
      <header class="preview-head">
        <h3>
          {pages.length === 0
            ? `No page over the last ${spanText}`
            : `${countText(pages.length, 'page')} over the last ${spanText}`}
        </h3>
        <span class="faint">
          {countText(preview.windows.length, 'window')}, {countText(preview.states.length, 'key')}
        </span>
      </header>
      <StateTimeline
        transitions={preview.transitions}
        fromMs={first.startMs}
        toMs={last.endMs}
        height={18}
      />
      {preview.chart.lines.length > 0 && (
        <ThresholdChart
          chart={preview.chart}
          fromMs={first.startMs}
          toMs={last.endMs}
          threshold={lineOf(preview.threshold)}
          onSet={
            onThreshold === null || preview.threshold === null
              ? null
              : (value) => onThreshold(preview.threshold as Threshold, value)
          }
        />
      )}
      {preview.transitions.length > 0 && (
        <ul class="preview-list" tabIndex={0} aria-label="What it would have done">
          {preview.transitions
            .slice(-SHOWN_MAX)
            .toReversed()
            .map((transition) => (
              <li key={transition.id}>
                <span class="nowrap">{dateText(transition.atMs).slice(11)}</span>
                <StateTag state={transition.to} />
                <bdi>{keyText(transition.key)}</bdi>
                <bdi class="faint">{readableText(transition.reason, 160)}</bdi>
              </li>
            ))}
        </ul>
      )}
    </section>
  );
}

/** Only a number that a column is compared with is a line. */
export function lineOf(threshold: Threshold | null): number | null {
  return threshold === null || threshold.column === null ? null : threshold.value;
}

function isPage({ from, to }: AlertTransition): boolean {
  return to === 'firing' && from !== 'recovering';
}
