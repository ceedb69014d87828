/**
 * Above the charts: how the answer is shown, how much time, pause and a slider over what the page
 * keeps, and what can be done with a stretch that was dragged over.
 */
import type { JSX } from 'preact';
import type { DifferenceWatch } from './differs/difference-watch.ts';
import { DISPLAY_TITLES, displayFor, displaysFor } from './display.ts';
import type { Drawn, Explore } from './explore.ts';
import { clockText, durationText } from './format.ts';
import { Icon } from './icons.tsx';
import { SPANS_MS } from './page-address.ts';
import type { ResultStore } from './result-store.ts';
import { keptSpan } from './time-view.ts';

export interface TimeControlsProps extends Drawn {
  readonly explore: Explore;
  readonly store: ResultStore;
  readonly differs: DifferenceWatch | undefined;
}

export function TimeControls(props: TimeControlsProps): JSX.Element | null {
  const { explore, store } = props;
  if (store.shape === 'events') return null;
  return (
    <div class="time-controls">
      <DisplayChoice {...props} />
      <EarlierChoice explore={explore} />
      <div class="segmented spans" role="group" aria-label="Time shown">
        {SPANS_MS.map((spanMs) => (
          <button
            key={spanMs}
            type="button"
            aria-pressed={explore.spanMs.value === spanMs && explore.view.value === null}
            onClick={() => {
              explore.spanMs.value = spanMs;
              explore.view.value = null;
            }}
          >
            {spanMs / 60_000}m
          </button>
        ))}
      </div>
      <PauseButton explore={explore} />
    </div>
  );
}

function DisplayChoice({ explore, store }: TimeControlsProps): JSX.Element | null {
  const fits = displaysFor(store);
  if (fits.length < 2) return null;
  const shown = explore.display.value ?? displayFor(store, explore.running.value?.query ?? '');
  return (
    <label class="choice">
      <span class="visually-hidden">Shown as</span>
      <select
        value={fits.includes(shown) ? shown : fits[0]}
        onChange={(event) => {
          explore.display.value = event.currentTarget.value as typeof shown;
        }}
      >
        {fits.map((name) => (
          <option key={name} value={name}>
            {DISPLAY_TITLES[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Earlier times that a chart can be compared with, of what the page keeps. */
const EARLIER_MS: readonly number[] = [60_000, 300_000, 600_000];

function EarlierChoice({ explore }: { explore: Explore }): JSX.Element {
  return (
    <label class="choice">
      <span class="visually-hidden">Compared with</span>
      <select
        value={String(explore.earlierMs.value ?? '')}
        onChange={(event) => {
          const ms = Number(event.currentTarget.value);
          explore.earlierMs.value = ms > 0 ? ms : null;
        }}
      >
        <option value="">No comparison</option>
        {EARLIER_MS.map((ms) => (
          <option key={ms} value={String(ms)}>
            {durationText(ms)} earlier
          </option>
        ))}
      </select>
    </label>
  );
}

function PauseButton({ explore }: { explore: Explore }): JSX.Element {
  const isPaused = explore.view.value !== null;
  return (
    <button
      type="button"
      class={isPaused ? 'button pause paused' : 'button pause'}
      aria-pressed={isPaused}
      title={
        isPaused
          ? 'Follow the data again (p)'
          : 'Let the chart stand still; data goes on coming (p)'
      }
      onClick={() => explore.togglePause()}
    >
      <Icon name={isPaused ? 'play' : 'pause'} fill={isPaused} />
      {isPaused ? 'Live' : 'Pause'}
    </button>
  );
}

/** Below the controls while the chart stands still. */
export function Scrubber({ explore, store }: TimeControlsProps): JSX.Element | null {
  const view = explore.view.value;
  const kept = keptSpan(store);
  if (view === null || kept === null) return null;
  const width = view.toMs - view.fromMs;
  const least = Math.min(kept.fromMs + width, kept.toMs);
  return (
    <div class="scrubber">
      <span class="numeric">{clockText(view.fromMs)}</span>
      <input
        type="range"
        aria-label="End of the time shown"
        aria-valuetext={clockText(view.toMs)}
        min={least}
        max={Math.max(least, kept.toMs)}
        step={1_000}
        value={Math.min(view.toMs, kept.toMs)}
        onInput={(event) => {
          const toMs = Number(event.currentTarget.value);
          explore.view.value = { fromMs: toMs - width, toMs };
        }}
      />
      <span class="numeric">{clockText(view.toMs)}</span>
      <span class="scrubber-note">
        paused · the page keeps {durationText(kept.toMs - kept.fromMs)}
      </span>
    </div>
  );
}

/** What can be done with the stretch that was dragged over. */
export function SelectionBar({ explore, differs }: TimeControlsProps): JSX.Element | null {
  const selection = explore.selection.value;
  if (selection === null) return null;
  const { fromMs, toMs } = selection;
  return (
    <div class="selection-bar" role="status">
      <span class="numeric">
        {clockText(fromMs)} – {clockText(toMs)}
      </span>
      <button
        type="button"
        class="button"
        onClick={() => {
          explore.view.value = selection;
          explore.selection.value = null;
        }}
      >
        <Icon name="search" />
        Zoom
      </button>
      {differs !== undefined && (
        <button
          type="button"
          class="button"
          onClick={() => differs.ask({ group: differs.subject.peek().group, fromMs, toMs })}
        >
          <Icon name="split" />
          What differs
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label="Forget the selection"
        onClick={() => (explore.selection.value = null)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
