/** The Explore page: streams on the left; query, examples and the live answer on the right. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Api } from './browser-host.ts';
import type { Catalogue } from './catalogue.ts';
import type { Connection } from './connection.ts';
import { DemoPanel } from './demo-panel.tsx';
import { examplesFor } from './examples.ts';
import type { Explore } from './explore.ts';
import { QueryEditor } from './query-editor.tsx';
import { ResultView } from './result-view.tsx';
import { StreamsPanel } from './streams-panel.tsx';
import { TokenGate } from './token-gate.tsx';
import { AwayBanner, TopBar } from './top-bar.tsx';

export interface AppProps {
  readonly explore: Explore;
  readonly catalogue: Catalogue;
  readonly connection: Connection;
  readonly api: Api;
  readonly openSession: (token: string) => Promise<boolean>;
}

export function App({ explore, catalogue, connection, api, openSession }: AppProps): JSX.Element {
  const drawer = useSignal(false);
  const closeDrawer = (): void => {
    drawer.value = false;
  };
  useShortcuts(explore, closeDrawer);
  return (
    <div class="app">
      <TopBar
        {...{ connection, catalogue }}
        drawerOpen={drawer.value}
        onDrawer={() => (drawer.value = !drawer.value)}
      />
      {catalogue.locked.value ? (
        <main class="gate-page">
          <TokenGate onToken={openSession} />
        </main>
      ) : (
        <div class="page">
          <aside class={drawer.value ? 'side open' : 'side'}>
            <StreamsPanel {...{ explore, catalogue }} onChosen={closeDrawer} />
            {catalogue.status.value?.demo === true && <DemoPanel api={api} />}
          </aside>
          {drawer.value && <div class="side-shade" onClick={closeDrawer} />}
          <main class="main">
            <AwayBanner connection={connection} />
            <QueryEditor explore={explore} catalogue={catalogue} />
            <Examples explore={explore} catalogue={catalogue} />
            <ResultView explore={explore} connection={connection} />
            {explore.running.value === null && <Welcome catalogue={catalogue} />}
          </main>
        </div>
      )}
    </div>
  );
}

function Examples({
  explore,
  catalogue,
}: Pick<AppProps, 'explore' | 'catalogue'>): JSX.Element | null {
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

function Welcome({ catalogue }: Pick<AppProps, 'catalogue'>): JSX.Element {
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

function useShortcuts(explore: Explore, closeDrawer: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        explore.run();
      } else if (event.key === 'Escape') {
        closeDrawer();
        explore.stop();
      } else if (event.key === '/' && !isTyping(event)) {
        event.preventDefault();
        focusEditor();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [explore]);
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return (
    target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea'))
  );
}

function focusEditor(): void {
  const host = document.querySelector('[data-editor]');
  const content = host?.shadowRoot?.querySelector<HTMLElement>('.cm-content');
  const field = content ?? document.querySelector<HTMLElement>('.editor-plain');
  field?.focus();
}
