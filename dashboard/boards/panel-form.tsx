/** Writes a panel: its title, its query and how the answer is shown, with the answer below. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { BoardPanel, PanelShow } from '../../src/board/board.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { recordFrom } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import { diagnosticsFrom } from '../diagnostics.ts';
import { CHECK_DEBOUNCE_MS } from '../limits.ts';
import { MarkedText } from '../marked-text.tsx';
import { FormDialog } from '../form-dialog.tsx';
import type { BoardDraft } from './board-draft.ts';
import { SHOW_TITLES } from './panel-shows.ts';

export interface PanelFormProps {
  readonly dashboard: Dashboard;
  readonly draft: BoardDraft;
  readonly values: ValueObject;
  readonly form: Signal<number | 'new' | null>;
}

const EMPTY: BoardPanel = {
  ...{ title: '', query: '', show: 'auto', column: null, description: '', at: null },
};

export function PanelForm({ dashboard, draft, values, form }: PanelFormProps): JSX.Element {
  const index = form.peek();
  const known = typeof index === 'number' ? draft.panels.peek()[index] : undefined;
  const panel = useSignal<BoardPanel>(known ?? EMPTY);
  const mistakes = useMistakes(dashboard, panel, values);
  const close = (): void => {
    form.value = null;
  };
  const done = (): null => {
    const { title, query, ...rest } = panel.value;
    const whole = { ...rest, title: title.trim(), query: query.trim() };
    if (typeof index === 'number') draft.setPanel(index, whole);
    else draft.addPanel(whole);
    return null;
  };
  const set = (change: Partial<BoardPanel>): void => {
    panel.value = { ...panel.value, ...change };
  };
  const { title, query } = panel.value;
  return (
    <FormDialog
      title={known === undefined ? 'New panel' : 'Panel'}
      classes="panel-form"
      action={known === undefined ? 'Add it' : 'Done'}
      isReady={title.trim() !== '' && query.trim() !== '' && mistakes.length === 0}
      submit={done}
      onClose={close}
    >
      <label>
        Title
        <input
          class="field-box"
          value={title}
          onInput={(event) => set({ title: event.currentTarget.value })}
        />
      </label>
      <QueryFields {...{ panel, mistakes, set }} />
    </FormDialog>
  );
}

interface QueryFieldsProps {
  readonly panel: Signal<BoardPanel>;
  readonly mistakes: readonly string[];
  readonly set: (change: Partial<BoardPanel>) => void;
}

function QueryFields({ panel, mistakes, set }: QueryFieldsProps): JSX.Element {
  const { query, show } = panel.value;
  return (
    <>
      <label>
        Query
        <textarea
          class="field-box mono"
          rows={5}
          spellcheck={false}
          value={query}
          onInput={(event) => set({ query: event.currentTarget.value })}
        />
        <small>
          <code>$name</code> stands for the value of a variable of the board.
        </small>
      </label>
      <div class="panel-mistakes" role="status">
        {mistakes.map((message) => (
          <p key={message} class="notice bad">
            <MarkedText text={message} />
          </p>
        ))}
      </div>
      <label>
        Shown as
        <select
          class="field-box"
          value={show}
          onChange={(event) => set({ show: event.currentTarget.value as PanelShow })}
        >
          {(Object.keys(SHOW_TITLES) as PanelShow[]).map((name) => (
            <option key={name} value={name}>
              {SHOW_TITLES[name]}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** What the engine says is wrong with the query. */
function useMistakes(
  { api }: Dashboard,
  panel: Signal<BoardPanel>,
  params: ValueObject,
): readonly string[] {
  const mistakes = useSignal<readonly string[]>([]);
  const { query } = panel.value;
  useEffect(() => {
    if (query.trim() === '') {
      mistakes.value = [];
      return undefined;
    }
    const timer = setTimeout(() => {
      void api('POST', 'query/check', { query, params }).then(({ body }) => {
        if (panel.peek().query !== query) return undefined;
        const list = diagnosticsFrom(recordFrom(body)['diagnostics'], query);
        mistakes.value = list
          .filter(({ severity }) => severity === 'error')
          .slice(0, 3)
          .map(({ span, message }) => `${span.line}:${span.column} ${message}`);
        return undefined;
      });
    }, CHECK_DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [query]);
  return mistakes.value;
}
