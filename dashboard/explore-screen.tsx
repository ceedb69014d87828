/** The Explore screen: streams on the left; query, examples and the live answer on the right. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { BuilderProps } from './builder/builder.tsx';
import { useStoredSwitch } from './browser-storage.ts';
import type { Catalogue } from './catalogue.ts';
import { CostBefore } from './cost-before.tsx';
import type { Dashboard } from './dashboard.ts';
import type { DiffersPanelProps } from './differs/differs-panel.tsx';
import { DemoPanel } from './demo-panel.tsx';
import { examplesFor } from './examples.ts';
import type { ExplainPanelProps } from './explain-panel.tsx';
import type { Explore } from './explore.ts';
import { isDialogOpen, isTyping } from './keys.ts';
import { savedFrom } from './kept-queries.tsx';
import { lazyComponent } from './lazy-component.tsx';
import { SAVED_POLL_MS } from './limits.ts';
import { useMarks } from './marks.ts';
import { usePolled } from './polled.ts';
import { QueryActions } from './query-actions.tsx';
import { QueryEditor } from './query-editor.tsx';
import { ResultView } from './result-view.tsx';
import { RunningCost } from './running-cost.tsx';
import { SidePanel } from './side-panel.tsx';
import { usePast } from './use-past.ts';

function costOf({ explore, api }: Dashboard): JSX.Element | null {
  const running = explore.running.value;
  const revision = explore.revision.value;
  return running === null ? null : <RunningCost {...{ api, running, revision }} />;
}

interface ExploreParts {
  readonly explore: Explore;
  readonly catalogue: Catalogue;
}

const ExplainPanel = lazyComponent<ExplainPanelProps>(async () => {
  const { ExplainPanel } = await import('./explain-panel.tsx');
  return ExplainPanel;
});

const Builder = lazyComponent<BuilderProps>(async () => {
  const { Builder } = await import('./builder/builder.tsx');
  return Builder;
});

const DiffersPanel = lazyComponent<DiffersPanelProps>(async () => {
  const { DiffersPanel } = await import('./differs/differs-panel.tsx');
  return DiffersPanel;
});

export interface ExploreScreenProps {
  readonly dashboard: Dashboard;
  /** Whether the streams are shown on a narrow page. */
  readonly drawer: Signal<boolean>;
}

export function ExploreScreen({ dashboard, drawer }: ExploreScreenProps): JSX.Element {
  const { explore, catalogue, connection, api, differs } = dashboard;
  const closeDrawer = (): void => {
    drawer.value = false;
  };
  const explaining = useSignal(false);
  const building = useStoredSwitch('squilla.builder');
  useShortcuts(dashboard, { explaining, building, closeDrawer });
  const saved = usePolled({ api, path: 'saved-queries', read: savedFrom, everyMs: SAVED_POLL_MS });
  const marks = useMarks(api);
  usePast(explore, api);
  const running = explore.running.value;
  return (
    <div class="page">
      <aside class={drawer.value ? 'side open' : 'side'}>
        <SidePanel {...{ dashboard, saved }} onChosen={closeDrawer} />
        {catalogue.status.value?.demo === true && <DemoPanel api={api} tour={dashboard.tour} />}
      </aside>
      {drawer.value && <div class="side-shade" onClick={closeDrawer} />}
      <main class="main" id="main">
        <QueryEditor
          {...{ explore, catalogue }}
          otherwise={<CostBefore {...{ explore, connection }} />}
          below={building.value && <Builder {...{ explore, catalogue }} />}
        >
          <QueryActions
            {...{ dashboard, explaining, building }}
            onSaved={() => void saved.refresh()}
          />
        </QueryEditor>
        <Examples explore={explore} catalogue={catalogue} />
        {explaining.value && running !== null && (
          <ExplainPanel dashboard={dashboard} query={running.query} />
        )}
        <ResultView {...{ explore, connection, differs, marks }} cost={costOf(dashboard)}>
          {differs.shown.value && <DiffersPanel {...{ dashboard, differs }} />}
        </ResultView>
        {explore.running.value === null && <Welcome catalogue={catalogue} />}
      </main>
    </div>
  );
}

function Examples({ explore, catalogue }: ExploreParts): JSX.Element | null {
  const examples = examplesFor(catalogue.streams.value);
  if (examples.length === 0) return null;
  const current = explore.running.value?.query;
  return (
    <nav class="examples" aria-label="Example queries">
      <span class="examples-title">Try</span>
      {examples.map(({ title, query }) => (
        <button
          key={title}
          type="button"
          class="chip"
          aria-pressed={query === current}
          title={query}
          onClick={() => explore.run(query)}
        >
          {title}
        </button>
      ))}
    </nav>
  );
}

function Welcome({ catalogue }: Pick<ExploreParts, 'catalogue'>): JSX.Element {
  const known = catalogue.streams.value.length > 0;
  return (
    <div class="card empty">
      <p class="empty-title">{known ? 'Ask a question' : 'Nothing to ask about yet'}</p>
      <p>
        {known
          ? 'Write a query above, pick an example, or click a stream. The answer is live.'
          : 'As soon as an agent offers a stream it is listed here, and examples for it appear.'}
      </p>
      <p class="keys">
        <kbd>/</kbd> edit <kbd>Ctrl ↵</kbd> run <kbd>Esc</kbd> stop
      </p>
    </div>
  );
}

interface Switches {
  readonly explaining: Signal<boolean>;
  readonly building: Signal<boolean>;
  readonly closeDrawer: () => void;
}

function useShortcuts(dashboard: Dashboard, switches: Switches): void {
  const { explore } = dashboard;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isDialogOpen()) return;
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        explore.run();
      } else if (event.key === 'Escape') {
        switches.closeDrawer();
        explore.stop();
      } else if (!isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey) {
        if (pressLetter(event.key, dashboard, switches)) event.preventDefault();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [explore]);
}

/** Whether the key means something here. */
function pressLetter(
  key: string,
  { explore, differs }: Dashboard,
  { explaining, building }: Switches,
): boolean {
  switch (key) {
    case '/':
      focusEditor();
      return true;
    case 'p':
      explore.togglePause();
      return true;
    case 'b':
      building.value = !building.value;
      return true;
    case 'x':
      explaining.value = !explaining.value;
      return true;
    case 'd':
      if (differs.shown.value) differs.end();
      else if (explore.running.value !== null) differs.ask();
      return true;
    default:
      return false;
  }
}

function focusEditor(): void {
  const host = document.querySelector('[data-editor]');
  const content = host?.shadowRoot?.querySelector<HTMLElement>('.cm-content');
  const field = content ?? document.querySelector<HTMLElement>('.editor-plain');
  field?.focus();
}
