/** One panel: a query that runs while the board is shown, and its answer in the panel's size. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { PanelPlace } from '../../src/board/board.ts';
import { Charts, shownDisplay } from '../charts.tsx';
import type { Dashboard } from '../dashboard.ts';
import type { Drawn, Explore, Running } from '../explore.ts';
import { safeText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { BOARD_ROW_PX } from '../limits.ts';
import { MarkedText } from '../marked-text.tsx';
import { hashFrom } from '../page-address.ts';
import { ResultTable } from '../result-table.tsx';
import { verdictFrom } from '../verdict.ts';
import type { BoardGridProps } from './board-grid.tsx';
import { displayOf } from './panel-shows.ts';
import type { PlacedPanel } from './placed-panel.ts';
import { withValues } from './query-values.ts';

export interface BoardPanelProps extends BoardGridProps {
  readonly panel: PlacedPanel;
  readonly editing: boolean;
  readonly dragged: boolean;
  readonly place: (at: PanelPlace) => void;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
  readonly onGrab: (
    kind: 'move' | 'resize',
    at: { readonly clientX: number; readonly clientY: number; readonly pointerId: number },
  ) => void;
}

const GAP_PX = 10;
/** Head of the panel, head of its chart, paddings. */
const AROUND_PX = 72;
/** The legend below a chart with groups. */
const LEGEND_PX = 26;
const HEIGHT_MIN = 60;
const TICK_MS = 1_000;

export function BoardPanelView(props: BoardPanelProps): JSX.Element {
  const { dashboard, panel, values, spanMs, editing, dragged, onGrab } = props;
  const { at } = panel;
  const run = usePanelRun(props);
  const box = useRef<HTMLElement>(null);
  const visible = useVisible(box);
  useEffect(() => {
    run.spanMs.value = spanMs;
  }, [run, spanMs]);
  const query = withValues(panel.query, values);
  return (
    <section
      class={`card board-panel${dragged ? ' dragged' : ''}`}
      ref={box}
      aria-label={safeText(panel.title, 80)}
      style={{
        '--x': String(at.x + 1),
        '--y': String(at.y + 1),
        '--w': String(at.width),
        '--h': String(at.height),
      }}
    >
      <header class="board-panel-head">
        <PanelVerdict {...{ dashboard, run, visible }} />
        <h3
          title={safeText(panel.description === '' ? panel.title : panel.description, 400)}
          onPointerDown={(event) => {
            if (!editing) return;
            event.preventDefault();
            onGrab('move', event);
          }}
        >
          <bdi>{safeText(panel.title, 80)}</bdi>
        </h3>
        {editing ? (
          <PanelTools {...props} />
        ) : (
          <a
            class="icon-button"
            href={hashFrom({ query, running: true, spanMs, view: null })}
            aria-label={`Explore ${safeText(panel.title, 80)}`}
            title="Ask on in Explore"
          >
            <Icon name="search" />
          </a>
        )}
      </header>
      <PanelBody {...props} {...{ run, visible }} />
      {editing && (
        <span
          class="board-resize"
          aria-hidden="true"
          onPointerDown={(event) => {
            event.preventDefault();
            onGrab('resize', event);
          }}
        />
      )}
    </section>
  );
}

/** A run for each query and values; it ends with them. */
function usePanelRun({ dashboard, panel, values }: BoardPanelProps): Explore {
  const { query, show } = panel;
  const key = JSON.stringify([query, values]);
  const run = useMemo(() => {
    const ask = (narrower: string): void => openInExplore(dashboard, withValues(narrower, values));
    return dashboard.newExplore(query, { params: values, ask });
  }, [key]);
  useEffect(() => {
    run.run();
    // Charts move on while nothing comes.
    let drawn = -1;
    const timer = setInterval(() => {
      const revision = run.revision.peek();
      if (revision === drawn) run.tick();
      drawn = revision;
    }, TICK_MS);
    return () => {
      clearInterval(timer);
      run.stop();
    };
  }, [run]);
  useEffect(() => {
    run.display.value = displayOf(show);
  }, [run, show]);
  return run;
}

function openInExplore({ explore, router }: Dashboard, query: string): void {
  explore.run(query);
  router.go('explore');
}

/** Whether the panel is in view, or nearly: others need not be drawn. */
function useVisible(box: { readonly current: HTMLElement | null }): Signal<boolean> {
  const visible = useSignal(true);
  useEffect(() => {
    if (box.current === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        visible.value = entries.at(-1)?.isIntersecting ?? true;
      },
      { rootMargin: '200px' },
    );
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return visible;
}

interface RunProps {
  readonly dashboard: Dashboard;
  readonly run: Explore;
  readonly visible: Signal<boolean>;
}

/** Follows the run while it is in view. */
function useRevision({ run, visible }: Omit<RunProps, 'dashboard'>): number {
  return visible.value ? run.revision.value : run.revision.peek();
}

function PanelVerdict({ dashboard, run, visible }: RunProps): JSX.Element {
  useRevision({ run, visible });
  const running = run.running.value;
  const store = running?.store ?? null;
  const verdict = verdictFrom({
    completeness: store?.completeness ?? null,
    away: dashboard.connection.link.value.state === 'away',
    live: running?.live ?? false,
    lagMs: store?.progress?.lagMs ?? null,
  });
  const text = `${verdict.word}. ${verdict.detail}`;
  return (
    <span class={`board-verdict tone-${verdict.tone}`} title={safeText(text, 240)}>
      <i class="dot" />
      <span class={verdict.tone === 'good' ? 'sr-only' : ''}>{verdict.word}</span>
    </span>
  );
}

function PanelBody(props: BoardPanelProps & RunProps): JSX.Element {
  const { run, visible } = props;
  const revision = useRevision({ run, visible });
  const running = run.running.value;
  return (
    <div class="board-panel-body">
      {running !== null && <PanelAnswer {...props} {...{ running, revision }} />}
    </div>
  );
}

function PanelAnswer({
  run,
  running,
  revision,
  panel,
  marks,
}: BoardPanelProps & RunProps & Drawn & { readonly running: Running }): JSX.Element {
  const { store } = running;
  if (store.problem !== null) {
    return (
      <p class="notice bad">
        <strong>{safeText(store.problem.title, 120)}</strong>{' '}
        <MarkedText text={store.problem.detail} max={300} />
      </p>
    );
  }
  if (store.newest === null && store.events.length === 0) {
    return (
      <p class="board-waiting" role="status">
        <span class="pulse" /> Waiting for the first answer…
      </p>
    );
  }
  const isTable = store.shape === 'events' || shownDisplay(run, store) === 'table';
  if (isTable) return <ResultTable key={running.query} explore={run} {...{ store, revision }} />;
  const hasLegend = (store.schema?.keys.length ?? 0) > 0;
  const inside = panel.at.height * (BOARD_ROW_PX + GAP_PX) - GAP_PX - AROUND_PX;
  const height = Math.max(HEIGHT_MIN, inside - (hasLegend ? LEGEND_PX : 0));
  const only = panel.column === null ? {} : { only: panel.column };
  return <Charts explore={run} {...{ store, revision, marks, height, ...only }} plain />;
}

/** Every change by the keyboard too. */
function PanelTools({ panel, place, onEdit, onRemove }: BoardPanelProps): JSX.Element {
  const { at } = panel;
  const title = safeText(panel.title, 60);
  const onKey = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const [columns, rows] = step;
    place(
      event.shiftKey
        ? { ...at, width: at.width + columns, height: at.height + rows }
        : { ...at, x: at.x + columns, y: at.y + rows * Math.max(1, rows > 0 ? at.height : 1) },
    );
  };
  return (
    <span class="board-panel-tools">
      <button
        type="button"
        class="icon-button"
        aria-label={`Move ${title}: arrows; with Shift its size`}
        title="Arrows move it, with Shift they change its size"
        onKeyDown={onKey}
      >
        <Icon name="move" />
      </button>
      <button type="button" class="icon-button" aria-label={`Change ${title}`} onClick={onEdit}>
        <Icon name="more" />
      </button>
      <button type="button" class="icon-button" aria-label={`Remove ${title}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  );
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
