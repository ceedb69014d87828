/**
 * What can be done with a question besides running it: keep it, watch it, hand it on, explain it.
 */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { baseUrl } from './browser-host.ts';
import type { Dashboard } from './dashboard.ts';
import { csvFrom, download, ndjsonFrom } from './export-rows.ts';
import type { Explore } from './explore.ts';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';
import { lazyComponent } from './lazy-component.tsx';
import { Menu } from './menu.tsx';
import type { MenuItem } from './menu.tsx';
import { PutOnBoard } from './put-on-board.tsx';
import type { SaveQueryProps } from './save-query-form.tsx';
import { cliText, curlText, linkText } from './share-texts.ts';

export interface QueryActionsProps {
  readonly dashboard: Dashboard;
  readonly explaining: Signal<boolean>;
  readonly building: Signal<boolean>;
  /** Called when the saved queries changed. */
  readonly onSaved: () => void;
}

const SaveQueryForm = lazyComponent<SaveQueryProps>(async () => {
  const { SaveQueryForm } = await import('./save-query-form.tsx');
  return SaveQueryForm;
});

export function QueryActions({
  dashboard,
  explaining,
  building,
  onSaved,
}: QueryActionsProps): JSX.Element {
  const { explore, api, differs } = dashboard;
  const saving = useSignal(false);
  const said = useSignal('');
  const empty = explore.text.value.trim() === '';
  return (
    <div class="query-actions">
      <Toggle on={building} icon="builder" label="Build" title="The query as things to click" />
      <button type="button" class="button" disabled={empty} onClick={() => (saving.value = true)}>
        <Icon name="plus" />
        Save
      </button>
      <button
        type="button"
        class="button"
        disabled={empty}
        title="Begins an alert rule with this query"
        onClick={() => void import('./begin-rule.ts').then((code) => code.beginRule(dashboard))}
      >
        <Icon name="bell" />
        Alert
      </button>
      <PutOnBoard {...{ dashboard, empty }} />
      <Toggle
        on={explaining}
        icon="streams"
        label="Explain"
        title="How the running query is carried out"
        disabled={explore.running.value === null}
      />
      <button
        type="button"
        class="button"
        aria-pressed={differs.shown.value}
        disabled={explore.running.value === null}
        title="Which values set a group, or the time since something changed, apart"
        onClick={() => (differs.shown.value ? differs.end() : differs.ask())}
      >
        <Icon name="split" />
        Differs
      </button>
      <Menu label="Share" icon="copy" items={shareItems(explore, said)} />
      <span class="query-said" role="status">
        {said.value}
      </span>
      {saving.value && (
        <SaveQueryForm
          api={api}
          text={explore.text.peek()}
          onClose={() => (saving.value = false)}
          onSaved={onSaved}
        />
      )}
    </div>
  );
}

interface ToggleProps {
  readonly on: Signal<boolean>;
  readonly icon: IconName;
  readonly label: string;
  readonly title: string;
  readonly disabled?: boolean;
}

function Toggle({ on, icon, label, title, disabled = false }: ToggleProps): JSX.Element {
  return (
    <button
      type="button"
      class="button"
      aria-pressed={on.value}
      title={title}
      disabled={disabled}
      onClick={() => (on.value = !on.value)}
    >
      <Icon name={icon} />
      {label}
    </button>
  );
}

function shareItems(explore: Explore, said: Signal<string>): readonly MenuItem[] {
  const copy = (what: string, text: string) => async (): Promise<void> => {
    said.value = (await copied(text)) ? `${what} copied` : 'The browser does not let me copy';
  };
  const query = explore.text.value.trim();
  const base = baseUrl().href;
  const rows = (): ReturnType<typeof rowsOf> => rowsOf(explore);
  return [
    {
      title: 'Copy link',
      run: () => void copy('Link', linkText(query, base, explore.view.peek()))(),
    },
    { title: 'Copy as command', run: () => void copy('Command', cliText(query, base))() },
    { title: 'Copy as curl', run: () => void copy('Command', curlText(query, base))() },
    {
      title: 'Save rows as CSV',
      detail: 'the newest window, or the events shown',
      run: () => {
        const { columns, list } = rows();
        download('squilla.csv', 'text/csv', csvFrom(columns, list));
        said.value = `${list.length} rows saved`;
      },
    },
    {
      title: 'Save rows as NDJSON',
      run: () => {
        const { list } = rows();
        download('squilla.ndjson', 'application/x-ndjson', ndjsonFrom(list));
        said.value = `${list.length} rows saved`;
      },
    },
  ];
}

function rowsOf(explore: Explore): {
  readonly columns: readonly string[];
  readonly list: ReturnType<typeof listOf>;
} {
  const store = explore.running.peek()?.store ?? null;
  return { columns: store?.tableColumns ?? [], list: store === null ? [] : listOf(store) };
}

function listOf(
  store: NonNullable<ReturnType<Explore['running']['peek']>>['store'],
): readonly (typeof store.events)[number][] {
  return store.shape === 'events' || store.shape === 'spans'
    ? store.events
    : (store.newest?.rows ?? []);
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
