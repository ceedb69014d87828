/** Beside a query: what can be asked about, what is kept, what was asked. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Dashboard } from './dashboard.ts';
import { HistoryPanel, SavedPanel } from './kept-queries.tsx';
import type { Saved } from './kept-queries.tsx';
import type { Polled } from './polled.ts';
import { StreamsPanel } from './streams-panel.tsx';

const PARTS = ['Streams', 'Saved', 'History'] as const;

export interface SidePanelProps {
  readonly dashboard: Dashboard;
  readonly saved: Polled<Saved>;
  readonly onChosen: () => void;
}

export function SidePanel({ dashboard, saved, onChosen }: SidePanelProps): JSX.Element {
  const part = useSignal<(typeof PARTS)[number]>('Streams');
  const { explore, catalogue } = dashboard;
  return (
    <>
      <div class="segmented side-parts" role="group" aria-label="What is listed">
        {PARTS.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={part.value === name}
            onClick={() => (part.value = name)}
          >
            {name}
          </button>
        ))}
      </div>
      {part.value === 'Streams' && <StreamsPanel {...{ explore, catalogue, onChosen }} />}
      {part.value === 'Saved' && <SavedPanel {...{ dashboard, saved, onChosen }} />}
      {part.value === 'History' && <HistoryPanel {...{ dashboard, onChosen }} />}
    </>
  );
}
