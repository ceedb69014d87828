/** Queries that are kept: saved ones, which everybody sees, and what this browser ran. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { QueryFileMistake } from '../src/store/query-file.ts';
import { isGood, problemSentence } from './api-problem.ts';
import { listOf } from './catalogue.ts';
import type { Dashboard } from './dashboard.ts';
import { safeText } from './format.ts';
import { Icon } from './icons.tsx';
import { LIST_SHOWN_MAX } from './limits.ts';
import { MarkedText } from './marked-text.tsx';
import type { Polled } from './polled.ts';
import { forgetQueries, queryHistory } from './query-history.ts';

export interface SavedItem {
  readonly name: string;
  readonly text: string;
  readonly description: string;
  readonly version: number;
  /** The file that defines it, where it is changed; absent: it was saved here. */
  readonly file?: string;
}

/** What the engine says of saved queries. */
export interface Saved {
  readonly items: readonly SavedItem[];
  /** Of the files that define some. */
  readonly mistakes: readonly QueryFileMistake[];
}

export function savedFrom(body: unknown): Saved {
  return {
    items: listOf(body, 'queries').slice(0, LIST_SHOWN_MAX) as readonly SavedItem[],
    mistakes: listOf(body, 'mistakes').slice(0, MISTAKES_SHOWN) as readonly QueryFileMistake[],
  };
}

/** Of files; a set of files with many has one cause. */
const MISTAKES_SHOWN = 20;

export interface SavedProps {
  readonly dashboard: Dashboard;
  readonly saved: Polled<Saved>;
  readonly onChosen: () => void;
}

export function SavedPanel({ dashboard, saved, onChosen }: SavedProps): JSX.Element {
  const refused = useSignal<string | null>(null);
  const sure = useSignal<string | null>(null);
  const list = saved.value.value?.items ?? [];
  const remove = async ({ name, version }: SavedItem): Promise<void> => {
    if (sure.value !== name) {
      sure.value = name;
      return;
    }
    const path = `saved-queries/${encodeURIComponent(name)}`;
    const answer = await dashboard.api('DELETE', path, undefined, { 'if-match': `"${version}"` });
    refused.value = isGood(answer) ? null : problemSentence(answer);
    await saved.refresh();
  };
  return (
    <section class="kept" aria-label="Saved queries">
      {list.length === 0 && (
        <p class="panel-note">
          {saved.failure.value ?? 'None yet. Save below a query keeps it for everybody.'}
        </p>
      )}
      {refused.value !== null && <p class="panel-note bad">{refused.value}</p>}
      <Mistakes list={saved.value.value?.mistakes ?? []} />
      <ul>
        {list.map((item) => (
          <li key={item.name} class="kept-item">
            <button
              type="button"
              class="kept-run"
              title={safeText(item.description || item.text, 300)}
              onClick={() => {
                dashboard.explore.run(item.text);
                onChosen();
              }}
            >
              <bdi class="kept-name">{safeText(item.name, 60)}</bdi>
              <bdi class="kept-text">{safeText(item.text, 120)}</bdi>
              {item.file !== undefined && (
                <bdi class="kept-file" title="It is changed in its file, and read anew from there">
                  in {safeText(item.file, 60)}
                </bdi>
              )}
            </button>
            {item.file === undefined && (
              <button
                type="button"
                class="icon-button"
                aria-label={`${sure.value === item.name ? 'Really remove' : 'Remove'} ${safeText(item.name, 60)}`}
                title={sure.value === item.name ? 'Click again to remove it' : 'Remove'}
                onClick={() => void remove(item)}
              >
                <Icon name={sure.value === item.name ? 'check' : 'close'} />
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What is wrong with files of queries: the set before stays in force until it is mended. */
function Mistakes({ list }: { list: readonly QueryFileMistake[] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <ul class="kept-mistakes" role="alert">
      {list.map(({ file, line, column, severity, message }) => (
        <li key={`${file} ${line} ${column} ${message}`} class={severity}>
          <bdi class="mono">
            {safeText(file, 60)}:{line}:{column}
          </bdi>{' '}
          <MarkedText text={message} />
        </li>
      ))}
    </ul>
  );
}

export function HistoryPanel({ dashboard, onChosen }: Omit<SavedProps, 'saved'>): JSX.Element {
  const list = queryHistory.value;
  return (
    <section class="kept" aria-label="Queries that ran">
      {list.length === 0 ? (
        <p class="panel-note">What you run is listed here, in this browser only.</p>
      ) : (
        <ul>
          {list.map((query) => (
            <li key={query} class="kept-item">
              <button
                type="button"
                class="kept-run"
                title={safeText(query, 400)}
                onClick={() => {
                  dashboard.explore.run(query);
                  onChosen();
                }}
              >
                <bdi class="kept-text">{safeText(query, 120)}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
      {list.length > 0 && (
        <button type="button" class="button small kept-forget" onClick={forgetQueries}>
          Forget them
        </button>
      )}
    </section>
  );
}
