/** The button that puts what is asked on a board. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Dashboard } from './dashboard.ts';
import { Icon } from './icons.tsx';
import { lazyComponent } from './lazy-component.tsx';
import type { SavePanelProps } from './save-panel-form.tsx';

const SavePanelForm = lazyComponent<SavePanelProps>(async () => {
  const { SavePanelForm } = await import('./save-panel-form.tsx');
  return SavePanelForm;
});

export function PutOnBoard({
  dashboard,
  empty,
}: {
  readonly dashboard: Dashboard;
  /** There is no query. */
  readonly empty: boolean;
}): JSX.Element {
  const open = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="button"
        disabled={empty}
        title="Puts the query on a board as a panel"
        onClick={() => (open.value = true)}
      >
        <Icon name="boards" />
        Panel
      </button>
      {open.value && (
        <SavePanelForm
          dashboard={dashboard}
          query={dashboard.explore.text.peek().trim()}
          onClose={() => (open.value = false)}
        />
      )}
    </>
  );
}
