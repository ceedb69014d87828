/** What can be done with a board: change it, annotate, put it on a wall, hand it on. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Dashboard } from '../dashboard.ts';
import { download } from '../export-rows.ts';
import { Icon } from '../icons.tsx';
import { Menu } from '../menu.tsx';
import type { MenuItem } from '../menu.tsx';
import { useKeys } from '../use-keys.ts';
import { AnnotateForm } from './annotate-form.tsx';
import type { BoardAddress } from './board-address.ts';
import type { BoardDraft } from './board-draft.ts';

export interface BoardToolsProps {
  readonly dashboard: Dashboard;
  readonly draft: BoardDraft;
  /** Which panel is written: its index, a new one, or none. */
  readonly form: Signal<number | 'new' | null>;
  readonly kiosk: boolean;
  readonly go: (change: Partial<BoardAddress>) => void;
}

export function BoardTools({ dashboard, draft, form, kiosk, go }: BoardToolsProps): JSX.Element {
  const annotating = useSignal(false);
  const deleting = useSignal(false);
  const isMine = !draft.editing.value;
  useKeys({
    ...(isMine && { m: () => (annotating.value = true) }),
    ...(isMine && !draft.isFile && { c: () => (draft.editing.value = true) }),
  });
  if (draft.editing.value) return <EditTools {...{ draft, form }} />;
  return (
    <div class="board-tools">
      <button type="button" class="button" onClick={() => (annotating.value = true)}>
        <Icon name="plus" />
        Annotate
      </button>
      {!draft.isFile && (
        <button type="button" class="button" onClick={() => (draft.editing.value = true)}>
          <Icon name="boards" />
          Change
        </button>
      )}
      <button
        type="button"
        class="button"
        aria-pressed={kiosk}
        title="The board alone, for a wall (k)"
        onClick={() => go({ kiosk: !kiosk })}
      >
        <Icon name="system" />
        Wall
      </button>
      <Menu label="More" icon="more" items={moreItems(draft, deleting)} />
      {deleting.value && <DeleteBoard {...{ dashboard, draft, deleting }} />}
      {annotating.value && (
        <AnnotateForm api={dashboard.api} onClose={() => (annotating.value = false)} />
      )}
    </div>
  );
}

function EditTools({ draft, form }: Pick<BoardToolsProps, 'draft' | 'form'>): JSX.Element {
  const save = async (): Promise<void> => {
    if (!draft.changed.peek() || (await draft.save())) draft.editing.value = false;
  };
  return (
    <div class="board-tools">
      <button type="button" class="button" onClick={() => (form.value = 'new')}>
        <Icon name="plus" />
        Panel
      </button>
      <button type="button" class="button" onClick={() => draft.revert()}>
        Cancel
      </button>
      <button type="button" class="button primary" onClick={() => void save()}>
        {draft.conflict.value === null ? 'Save' : 'Save over it'}
      </button>
    </div>
  );
}

function moreItems(draft: BoardDraft, deleting: Signal<boolean>): readonly MenuItem[] {
  const { text, board, origin } = draft.detail.value;
  return [
    {
      title: 'Save as YAML',
      detail: 'for git, and squilla up --boards',
      run: () => download(`${board.name}.yaml`, 'application/yaml', text),
    },
    ...(origin === 'api'
      ? [{ title: 'Delete the board', run: () => void (deleting.value = true) }]
      : []),
  ];
}

interface DeleteProps extends Pick<BoardToolsProps, 'dashboard' | 'draft'> {
  readonly deleting: Signal<boolean>;
}

function DeleteBoard({ dashboard, draft, deleting }: DeleteProps): JSX.Element {
  const remove = async (): Promise<void> => {
    const { board, version } = draft.detail.peek();
    const path = `boards/${encodeURIComponent(board.name)}`;
    const headers = { 'if-match': `"${version}"` };
    const answer = await dashboard.api('DELETE', path, undefined, headers);
    if (isGood(answer)) dashboard.router.go('boards');
    else draft.refused.value = problemSentence(answer);
    deleting.value = false;
  };
  return (
    <span class="board-delete" role="alert">
      <button type="button" class="button" onClick={() => void remove()}>
        Really delete
      </button>
      <button type="button" class="button" onClick={() => (deleting.value = false)}>
        Keep
      </button>
    </span>
  );
}
