/** The answer: its completeness, one chart a numeric column, and its rows. */
import type { ComponentChildren, JSX } from 'preact';
import { Charts } from './charts.tsx';
import { CompletenessBadge } from './completeness-badge.tsx';
import type { Connection } from './connection.ts';
import { diagnosticsFrom } from './diagnostics.ts';
import type { DifferenceWatch } from './differs/difference-watch.ts';
import type { EventViewProps } from './event-view.tsx';
import type { Drawn, Explore, Running } from './explore.ts';
import { lazyComponent } from './lazy-component.tsx';
import { durationText, safeText } from './format.ts';
import { MarkedText } from './marked-text.tsx';
import type { PlotMark } from './plot-overlays.ts';
import { NoticedLine } from './noticed-line.tsx';
import type { ResultStore } from './result-store.ts';
import { addressOf } from './router.ts';
import { ResultTable } from './result-table.tsx';
import { Scrubber, SelectionBar, TimeControls } from './time-controls.tsx';
import type { Problem } from '../src/wire/results.ts';

const EventView = lazyComponent<EventViewProps>(async () => {
  const { EventView } = await import('./event-view.tsx');
  return EventView;
});

interface ResultProps {
  readonly explore: Explore;
  readonly connection: Connection;
}

const NO_MARKS: readonly PlotMark[] = [];

export interface ResultViewProps extends ResultProps {
  /** Offers to say what differs; absent where a result is only shown. */
  readonly differs?: DifferenceWatch;
  /** What happened meanwhile, to be marked on charts. */
  readonly marks?: readonly PlotMark[];
  /** What it costs, beside its completeness. */
  readonly cost?: ComponentChildren;
  /** Between charts and rows. */
  readonly children?: ComponentChildren;
}

export function ResultView({
  explore,
  connection,
  differs,
  marks = NO_MARKS,
  cost,
  children,
}: ResultViewProps): JSX.Element | null {
  const running = explore.running.value;
  const revision = explore.revision.value;
  if (running === null) return null;
  const { store } = running;
  return (
    <div class="result" data-live={String(running.live)}>
      {!isRefused(store) && (
        <div class="result-bar">
          <CompletenessBadge {...{ connection, running, revision, cost }} />
          <TimeControls {...{ explore, store, differs, revision }} />
        </div>
      )}
      <Notices {...{ explore, connection, running, revision }} />
      {differs !== undefined && <NoticedLine {...{ explore, differs, revision }} />}
      <Scrubber {...{ explore, store, differs, revision }} />
      <SelectionBar {...{ explore, store, differs, revision }} />
      {store.shape !== 'events' && <Charts {...{ explore, store, revision, marks }} />}
      {children}
      {(store.newest !== null || store.events.length > 0) && (
        <ResultTable key={running.query} {...{ explore, store, revision }} />
      )}
      {explore.openedEvent.value !== null && (
        <EventView
          event={explore.openedEvent.value}
          onClose={() => (explore.openedEvent.value = null)}
        />
      )}
      {store.newest === null && store.events.length === 0 && running.live && (
        <FirstAnswer {...{ explore, store, revision }} />
      )}
    </div>
  );
}

/** Nothing was ever measured, so there is nothing to say about its completeness. */
function isRefused(store: ResultStore): boolean {
  return store.problem !== null && store.schema === null;
}

function Notices({
  explore,
  connection,
  running,
}: ResultProps & { running: Running } & Drawn): JSX.Element | null {
  const { problem, ended, schema, completeness } = running.store;
  // Planned for somebody else before the stream was there; it is there now.
  const isOffered = completeness !== null && completeness.source !== 'none';
  // What the line below the query says is not said twice.
  const shown = new Set(explore.diagnostics.value.map(({ message }) => message));
  const warnings = (schema?.warnings ?? []).filter(
    ({ code, message }) => !shown.has(message) && !(code === 'MQL_UNKNOWN_STREAM' && isOffered),
  );
  if (problem === null && ended === null && warnings.length === 0) return null;
  const away = connection.link.value.state === 'away';
  const next = away ? 'It goes on when the engine is back.' : 'Run it again to go on.';
  return (
    <div class="notices">
      {problem !== null && (
        <p class="notice bad" role="alert">
          <strong>{safeText(problem.title, 120)}</strong>{' '}
          <MarkedText text={problemText(problem, running.query)} max={400} />{' '}
          {problem.code.startsWith('LIMIT_') && (
            <a href={addressOf('fleet', ['queries'])}>What runs now</a>
          )}
        </p>
      )}
      {ended !== null && problem === null && (
        <p class="notice">
          The query ended: {safeText(ended, 120)}. {next}
        </p>
      )}
      {warnings.slice(0, 5).map((warning) => (
        <p key={warning.code + warning.message} class="notice warn">
          <MarkedText text={warning.message} />
          {warning.hint !== undefined && (
            <span class="notice-hint">
              <MarkedText text={warning.hint} />
            </span>
          )}
        </p>
      ))}
    </div>
  );
}

/** Mistakes of the query say more than the problem's own sentence. */
function problemText(problem: Problem, query: string): string {
  const mistakes = diagnosticsFrom(problem['diagnostics'], query)
    .filter(({ severity }) => severity === 'error')
    .slice(0, 3)
    .map(({ span, message }) => `${span.line}:${span.column} ${message}`);
  return mistakes.length > 0 ? mistakes.join(' · ') : problem.detail;
}

/** A window this long makes people wonder whether anything happens. */
const LONG_WINDOW_MS = 5_000;

function FirstAnswer({
  explore,
  store,
}: { explore: Explore; store: ResultStore } & Drawn): JSX.Element {
  const windowMs = store.schema?.windowMs ?? null;
  const isLong = windowMs !== null && windowMs >= LONG_WINDOW_MS;
  return (
    <div class="card empty" role="status">
      <span class="pulse" />
      <p>{store.schema === null ? 'Asking the engine…' : waitText(explore, store)}</p>
      {isLong && !/\bemit\b/i.test(explore.running.value?.query ?? '') && (
        <p class="keys">
          <MarkedText text="`EMIT EVERY 1s` at the end of the query shows windows while they grow." />
        </p>
      )}
    </div>
  );
}

function waitText(explore: Explore, store: ResultStore): string {
  const { windowMs, slideMs } = store.schema ?? { windowMs: null, slideMs: null };
  if (windowMs === null) return 'Rows appear as soon as events match.';
  const now = explore.engineNow(store);
  const stepMs = slideMs ?? windowMs;
  if (now === null || stepMs < 2_000) return `The first window is on its way.`;
  const leftMs = Math.ceil((stepMs - (now % stepMs)) / 1_000) * 1_000;
  return `The first window of ${durationText(windowMs)} ends in ${durationText(leftMs)}.`;
}
