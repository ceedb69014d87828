/** Every board there is, where it comes from, and how to begin one. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Dashboard } from '../dashboard.ts';
import { countText, safeText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { SCREEN_POLL_MS } from '../limits.ts';
import { MarkedText } from '../marked-text.tsx';
import { FormDialog } from '../form-dialog.tsx';
import { usePolled } from '../polled.ts';
import { addressOf } from '../router.ts';
import { useKeys } from '../use-keys.ts';
import { boardsFrom, nameFrom } from './board-names.ts';

export function BoardList({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { api } = dashboard;
  const polled = usePolled({ api, path: 'boards', read: boardsFrom, everyMs: SCREEN_POLL_MS });
  const making = useSignal(false);
  const known = polled.value.value;
  useKeys({ n: () => (making.value = true) });
  return (
    <main class="screen boards" id="main">
      <header class="screen-head">
        <h2>Boards</h2>
        <button type="button" class="button" onClick={() => (making.value = true)}>
          <Icon name="plus" />
          New board
        </button>
      </header>
      {polled.failure.value !== null && (
        <p class="notice warn" role="alert">
          {polled.failure.value}
        </p>
      )}
      {known?.trouble != null && (
        <p class="notice warn" role="alert">
          <strong>Files stay as they were:</strong> <bdi>{safeText(known.trouble, 400)}</bdi>
        </p>
      )}
      {known === null ? (
        <div class="loading" role="status" aria-label="Loading" />
      ) : (
        <ul class="board-list">
          {known.boards.map((board) => (
            <li key={board.name}>
              <a class="card board-card" href={addressOf('boards', [board.name])}>
                <strong>
                  <bdi>{safeText(board.title, 80)}</bdi>
                </strong>
                <span>
                  <MarkedText text={board.description} max={200} />
                </span>
                <small>
                  {countText(board.panels, 'panel')} · <bdi>{originText(board.origin)}</bdi>
                </small>
              </a>
            </li>
          ))}
        </ul>
      )}
      {making.value && <NewBoard {...{ dashboard }} onClose={() => (making.value = false)} />}
    </main>
  );
}

function originText(origin: string): string {
  if (origin === 'api') return 'made here';
  return origin === 'starter' ? 'comes with Squilla' : safeText(origin, 80);
}

function NewBoard({
  dashboard,
  onClose,
}: {
  dashboard: Dashboard;
  onClose: () => void;
}): JSX.Element {
  const title = useSignal('');
  const submit = async (): Promise<string | null> => {
    const name = nameFrom(title.value);
    const body = { name, title: title.value.trim(), panels: [] };
    const path = `boards/${encodeURIComponent(name)}`;
    const answer = await dashboard.api('PUT', path, body, { 'if-none-match': '*' });
    if (answer.status === 412) return 'There is a board of that name.';
    if (!isGood(answer)) return problemSentence(answer);
    dashboard.router.go('boards', [name], { edit: '1' });
    return null;
  };
  return (
    <FormDialog
      title="New board"
      action="Make it"
      isReady={title.value.trim() !== ''}
      {...{ submit, onClose }}
    >
      <label>
        Title
        <input
          class="field-box"
          value={title.value}
          onInput={(event) => (title.value = event.currentTarget.value)}
        />
        <small>
          Its address will be <code>#/boards/{nameFrom(title.value)}</code>
        </small>
      </label>
    </FormDialog>
  );
}
