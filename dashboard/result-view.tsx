/** The answer: its completeness, one chart a numeric column, and its rows. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Chart } from './chart.tsx';
import { chooseGroups } from './chart-model.ts';
import { CompletenessBadge } from './completeness-badge.tsx';
import type { Connection } from './connection.ts';
import type { Drawn, Explore, Running } from './explore.ts';
import { safeText } from './format.ts';
import { LINES_MAX } from './limits.ts';
import { SPANS_MS } from './page-address.ts';
import type { ResultStore } from './result-store.ts';
import { ResultTable } from './result-table.tsx';

interface ResultProps {
  readonly explore: Explore;
  readonly connection: Connection;
}

export function ResultView({ explore, connection }: ResultProps): JSX.Element | null {
  const running = explore.running.value;
  const revision = explore.revision.value;
  if (running === null) return null;
  const { store } = running;
  return (
    <div class="result" data-live={String(running.live)}>
      <div class="result-bar">
        <CompletenessBadge {...{ connection, running, revision }} />
        {store.shape !== 'events' && <SpanChoice explore={explore} />}
      </div>
      <Notices running={running} revision={revision} />
      {store.shape !== 'events' && <Charts {...{ explore, store, revision }} />}
      {(store.newest !== null || store.events.length > 0) && (
        <ResultTable key={running.query} {...{ explore, store, revision }} />
      )}
      {store.newest === null && store.events.length === 0 && running.live && (
        <FirstAnswer store={store} revision={revision} />
      )}
    </div>
  );
}

function SpanChoice({ explore }: { explore: Explore }): JSX.Element {
  return (
    <div class="segmented spans" role="group" aria-label="Time shown">
      {SPANS_MS.map((spanMs) => (
        <button
          key={spanMs}
          type="button"
          aria-pressed={explore.spanMs.value === spanMs}
          onClick={() => (explore.spanMs.value = spanMs)}
        >
          {spanMs / 60_000}m
        </button>
      ))}
    </div>
  );
}

function Notices({ running }: { running: Running } & Drawn): JSX.Element | null {
  const { problem, ended, schema } = running.store;
  const warnings = schema?.warnings ?? [];
  if (problem === null && ended === null && warnings.length === 0) return null;
  return (
    <div class="notices">
      {problem !== null && (
        <p class="notice bad" role="alert">
          <strong>{safeText(problem.title, 120)}</strong> {safeText(problem.detail, 400)}
        </p>
      )}
      {ended !== null && problem === null && (
        <p class="notice">The query ended: {safeText(ended, 120)}. Run it again to go on.</p>
      )}
      {warnings.slice(0, 5).map((warning) => (
        <p key={warning.code + warning.message} class="notice warn">
          {safeText(warning.message, 300)}
          {warning.hint !== undefined && <span> {safeText(warning.hint, 300)}</span>}
        </p>
      ))}
    </div>
  );
}

/** Charts stand side by side when there are several. */
const HEIGHT_ALONE = 260;
const HEIGHT_BESIDE = 190;

function Charts({
  explore,
  store,
  revision,
}: { explore: Explore; store: ResultStore } & Drawn): JSX.Element | null {
  const columns = store.chartColumns;
  const groups = useGroups(explore, store);
  if (columns.length === 0 || store.ring.length === 0 || groups.length === 0) return null;
  const height = columns.length === 1 ? HEIGHT_ALONE : HEIGHT_BESIDE;
  return (
    <section class={`card charts charts-${columns.length}`} aria-label="Charts">
      {columns.map((column, index) => (
        <Chart key={column.name} {...{ explore, store, revision, column, index, groups, height }} />
      ))}
    </section>
  );
}

/** One choice of groups and colours for all charts of a result: a colour means one thing. */
function useGroups(explore: Explore, store: ResultStore): readonly string[] {
  const colours = explore.colours.value;
  const groups = store.isSeries ? chooseGroups(store.ring, 0, [...colours.keys()], LINES_MAX) : [];
  useEffect(() => {
    const known = explore.colours.peek();
    if (groups.length === known.size && groups.every((group) => known.has(group))) return;
    const kept = groups.filter((group) => known.has(group));
    const taken = new Set(kept.map((group) => known.get(group)));
    const free = Array.from({ length: LINES_MAX }, (_, i) => i).filter((i) => !taken.has(i));
    explore.colours.value = new Map(
      groups.map((group) => [group, known.get(group) ?? free.shift() ?? 0]),
    );
  });
  return groups;
}

function FirstAnswer({ store }: { store: ResultStore } & Drawn): JSX.Element {
  const windowMs = store.schema?.windowMs ?? null;
  const wait =
    windowMs === null
      ? 'Rows appear as soon as events match.'
      : `The first window of ${windowMs / 1_000} s is on its way.`;
  return (
    <div class="card empty" role="status">
      <span class="pulse" />
      <p>{store.schema === null ? 'Asking the engine…' : wait}</p>
    </div>
  );
}
