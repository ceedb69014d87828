/** One board: its variables, its panels, and what can be done with it. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { BoardVariable } from '../../src/board/board.ts';
import type { Value, ValueObject } from '../../src/model/value.ts';
import type { Dashboard } from '../dashboard.ts';
import { safeText } from '../format.ts';
import { SCREEN_POLL_MS } from '../limits.ts';
import { useMarks } from '../marks.ts';
import { SPANS_MS } from '../page-address.ts';
import { usePolled } from '../polled.ts';
import { addressOf } from '../router.ts';
import { boardAddressFrom, boardParams } from './board-address.ts';
import type { BoardAddress } from './board-address.ts';
import { BoardDraft, boardDetailFrom } from './board-draft.ts';
import type { BoardDetail } from './board-draft.ts';
import { BoardGrid } from './board-grid.tsx';
import { BoardTools } from './board-tools.tsx';
import { PanelForm } from './panel-form.tsx';
import { useKeys } from '../use-keys.ts';
import { useVariableValues } from './variable-values.ts';

export interface BoardLoaderProps {
  readonly dashboard: Dashboard;
  readonly name: string;
}

export function BoardLoader({ dashboard, name }: BoardLoaderProps): JSX.Element {
  const { api } = dashboard;
  const path = `boards/${encodeURIComponent(name)}`;
  const polled = usePolled({ api, path, read: boardDetailFrom, everyMs: SCREEN_POLL_MS });
  const detail = polled.value.value;
  if (detail !== null) return <BoardPage {...{ dashboard, detail }} />;
  if (polled.failure.value === null) {
    return <div class="loading" role="status" aria-label="Loading" />;
  }
  return (
    <main class="screen" id="main">
      <div class="card empty" role="alert">
        <p class="empty-title">No board “{safeText(name, 80)}”</p>
        <p>{polled.failure.value}</p>
        <a class="button" href={addressOf('boards')}>
          All boards
        </a>
      </div>
    </main>
  );
}

export interface BoardPageProps {
  readonly dashboard: Dashboard;
  readonly detail: BoardDetail;
}

function BoardPage({ dashboard, detail }: BoardPageProps): JSX.Element {
  const { router, api } = dashboard;
  const draft = useMemo(() => new BoardDraft(api, detail), [detail.board.name]);
  useEffect(() => draft.take(detail), [detail]);
  const { board } = draft.detail.value;
  const { params } = router.route.value;
  const address = boardAddressFrom(params, board);
  /** Values of variables as the engine gave them, where it gave them. */
  const typed = useSignal<ReadonlyMap<string, Value>>(new Map());
  const form = useSignal<number | 'new' | null>(null);
  const marks = useMarks(api);
  const go = (change: Partial<BoardAddress>): void =>
    router.go('boards', [board.name], boardParams({ ...address, ...change }, board));
  useKeys({
    k: () => go({ kiosk: !address.kiosk }),
    ...(address.kiosk && { Escape: () => go({ kiosk: false }) }),
  });
  useEffect(() => {
    if (params.get('edit') === '1' && !draft.isFile) draft.editing.value = true;
  }, [params.get('edit')]);
  const values: ValueObject = Object.fromEntries(
    Object.entries(address.values).map(([name, text]) => [
      name,
      typed.value.get(`${name}\n${text}`) ?? text,
    ]),
  );
  return (
    <main class="screen board" id="main">
      <header class="screen-head board-head">
        <h2>
          <a class="link" href={addressOf('boards')}>
            Boards
          </a>
          <span class="board-slash">/</span>
          <bdi>{safeText(board.title, 80)}</bdi>
        </h2>
        <BoardTools {...{ dashboard, draft, form, go }} kiosk={address.kiosk} />
      </header>
      <div class="board-bar">
        {board.variables.map((variable) => (
          <VariableChoice
            key={variable.name}
            {...{ dashboard, variable, typed }}
            value={address.values[variable.name] ?? ''}
            choose={(value) => go({ values: { ...address.values, [variable.name]: value } })}
          />
        ))}
        <Spans spanMs={address.spanMs} choose={(spanMs) => go({ spanMs })} />
      </div>
      {draft.refused.value !== null && (
        <p class="notice warn" role="alert">
          {draft.refused.value}
        </p>
      )}
      <BoardGrid {...{ dashboard, draft, values, form, marks }} spanMs={address.spanMs} />
      {form.value !== null && <PanelForm {...{ dashboard, draft, values, form }} />}
    </main>
  );
}

interface VariableChoiceProps {
  readonly dashboard: Dashboard;
  readonly variable: BoardVariable;
  readonly typed: Signal<ReadonlyMap<string, Value>>;
  readonly value: string;
  readonly choose: (value: string) => void;
}

/** The value that stands for every value, as in `src/board/board.ts`. */
const ALL = 'all';

function VariableChoice({
  dashboard,
  variable,
  typed,
  value,
  choose,
}: VariableChoiceProps): JSX.Element {
  const offered = useVariableValues(dashboard.connection, variable);
  useEffect(() => {
    const known = new Map(typed.peek());
    for (const [text, seen] of offered) known.set(`${variable.name}\n${text}`, seen);
    if (known.size !== typed.peek().size) typed.value = known;
  }, [offered]);
  const listed = [...(variable.all ? [ALL] : []), ...offered.keys()];
  return (
    <label class="board-variable">
      <span>{safeText(variable.label, 40)}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {[...new Set([...listed, value])].map((text) => (
          <option key={text} value={text}>
            {safeText(text, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Spans({
  spanMs,
  choose,
}: {
  readonly spanMs: number;
  readonly choose: (spanMs: number) => void;
}): JSX.Element {
  return (
    <div class="segmented spans" role="group" aria-label="Time shown">
      {SPANS_MS.map((ms) => (
        <button key={ms} type="button" aria-pressed={spanMs === ms} onClick={() => choose(ms)}>
          {ms / 60_000}m
        </button>
      ))}
    </div>
  );
}
