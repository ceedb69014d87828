/** Puts a query on a board as a panel: on one that is there, or on a new one. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Board, BoardPanel } from '../src/board/board.ts';
import { isGood, problemSentence } from './api-problem.ts';
import { boardDetailFrom, boardText } from './boards/board-draft.ts';
import { boardsFrom, nameFrom } from './boards/board-names.ts';
import type { Dashboard } from './dashboard.ts';
import { safeText } from './format.ts';
import { SAVED_POLL_MS } from './limits.ts';
import { FormDialog } from './form-dialog.tsx';
import { usePolled } from './polled.ts';

export interface SavePanelProps {
  readonly dashboard: Dashboard;
  readonly query: string;
  readonly onClose: () => void;
}

/** No board's name is empty. */
const NEW = '';

export function SavePanelForm({ dashboard, query, onClose }: SavePanelProps): JSX.Element {
  const title = useSignal('');
  const board = useSignal(NEW);
  const boardTitle = useSignal('');
  const isWhole =
    title.value.trim() !== '' && (board.value !== NEW || boardTitle.value.trim() !== '');
  const submit = async (): Promise<string | null> => {
    const { display } = dashboard.explore;
    const panel: BoardPanel = {
      ...{ title: title.value.trim(), query, show: display.peek() ?? 'auto' },
      ...{ column: null, description: '', at: null },
    };
    const name = board.value === NEW ? nameFrom(boardTitle.value) : board.value;
    const made = board.value === NEW ? emptyBoard(name, boardTitle.value.trim()) : null;
    const refused = await putPanel(dashboard, { name, made, panel });
    if (refused === null) dashboard.router.go('boards', [name]);
    return refused;
  };
  return (
    <FormDialog
      title="Put the query on a board"
      action="Put it there"
      isReady={isWhole}
      {...{ submit, onClose }}
    >
      <label>
        Title of the panel
        <input
          class="field-box"
          value={title.value}
          placeholder="Starts by region"
          onInput={(event) => (title.value = event.currentTarget.value)}
        />
      </label>
      <BoardChoice {...{ dashboard, board, boardTitle }} />
    </FormDialog>
  );
}

interface BoardChoiceProps {
  readonly dashboard: Dashboard;
  readonly board: Signal<string>;
  readonly boardTitle: Signal<string>;
}

/** Boards that can be changed here; those of files are changed in their files. */
function BoardChoice({ dashboard, board, boardTitle }: BoardChoiceProps): JSX.Element {
  const { api } = dashboard;
  const polled = usePolled({ api, path: 'boards', read: boardsFrom, everyMs: SAVED_POLL_MS });
  const boards = (polled.value.value?.boards ?? []).filter(
    ({ origin }) => origin === 'api' || origin === 'starter',
  );
  return (
    <>
      <label>
        Board
        <select
          class="field-box"
          value={board.value}
          onChange={(event) => (board.value = event.currentTarget.value)}
        >
          <option value={NEW}>a new one</option>
          {boards.map(({ name, title }) => (
            <option key={name} value={name}>
              {safeText(title, 80)}
            </option>
          ))}
        </select>
      </label>
      {board.value === NEW && (
        <label>
          Title of the new board
          <input
            class="field-box"
            value={boardTitle.value}
            onInput={(event) => (boardTitle.value = event.currentTarget.value)}
          />
        </label>
      )}
    </>
  );
}

interface PanelToPut {
  readonly name: string;
  /** A board to make; null: it is there. */
  readonly made: Board | null;
  readonly panel: BoardPanel;
}

/** Null: it stands there; a sentence: why not. */
async function putPanel(
  { api }: Dashboard,
  { name, made, panel }: PanelToPut,
): Promise<string | null> {
  const path = `boards/${encodeURIComponent(name)}`;
  const read = made === null ? await api('GET', path) : null;
  const detail = read === null ? null : boardDetailFrom(read.body);
  if (read !== null && detail === null) return problemSentence(read);
  const board = made ?? detail?.board;
  if (board === undefined) return null;
  const version = detail?.version ?? 0;
  const headers: Record<string, string> =
    version === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` };
  const body = boardText({ ...board, panels: [...board.panels, panel] });
  const answer = await api('PUT', path, body, headers);
  if (isGood(answer)) return null;
  if (answer.status !== 412) return problemSentence(answer);
  return made === null
    ? 'Somebody changed the board just now. Try again.'
    : 'There is a board of that name already.';
}

function emptyBoard(name: string, title: string): Board {
  return { name, title, description: '', variables: [], panels: [] };
}
