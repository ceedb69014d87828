/** What runs: for whom, at what cost, and how to end it. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { QueryView } from '../../src/coordinator/views.ts';
import { isGood, problemSentence } from '../api-problem.ts';
import { listOf } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import { bytesText, countText, dateText, durationText, numberText, safeText } from '../format.ts';
import { LIST_SHOWN_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';
import { DropNote } from './drop-note.tsx';

export function Queries({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { api } = dashboard;
  const queries = usePolled({
    api,
    path: 'queries',
    read: (body) =>
      (listOf(body, 'queries') as readonly QueryView[])
        .toSorted((a, b) => (b.seenPerSecond ?? 0) - (a.seenPerSecond ?? 0))
        .slice(0, LIST_SHOWN_MAX),
    everyMs: SCREEN_POLL_MS,
  });
  /** The query that is about to be stopped, and why that was refused. */
  const asked = useSignal<string | null>(null);
  const refused = useSignal<string | null>(null);
  const stop = async ({ id }: QueryView): Promise<void> => {
    if (asked.value !== id) {
      asked.value = id;
      return;
    }
    asked.value = null;
    const answer = await api('DELETE', `queries/${encodeURIComponent(id)}`);
    refused.value = isGood(answer) ? null : problemSentence(answer);
    await queries.refresh();
  };
  return (
    <>
      {refused.value !== null && (
        <p class="notice bad" role="alert">
          {refused.value}
        </p>
      )}
      <ListFrame
        list={queries.value.value}
        failure={queries.failure.value}
        columns={[
          'Query',
          'For',
          'State',
          '#Seen/s',
          '#Matched/s',
          '#Rows/s',
          '#Groups',
          '#State',
          '#Shard',
          '#Lag',
          'Dropped',
          '',
        ]}
        empty={{ title: 'Nothing runs', text: 'Ask something in Explore, or write an alert rule.' }}
        row={(query) => (
          <QueryRow key={query.id} {...{ query, stop }} isAsked={asked.value === query.id} />
        )}
      />
    </>
  );
}

function QueryRow({
  query,
  isAsked,
  stop,
}: {
  query: QueryView;
  /** Stopping it was asked for once. */
  isAsked: boolean;
  stop: (query: QueryView) => Promise<void>;
}): JSX.Element {
  return (
    <tr>
      <td class="cut query-text" title={safeText(query.canonical, 1_000)}>
        <a class="link mono" href={askAddress(query.canonical)}>
          <bdi>{safeText(query.canonical, 200)}</bdi>
        </a>
      </td>
      <td class="nowrap" title={whoText(query)}>
        {forText(query)}
      </td>
      <td>
        <span class={`tag ${toneOf(query)}`}>
          {query.shed ? 'shed' : (query.overBudget ?? query.status)}
        </span>
      </td>
      <td class="number">{rateText(query.seenPerSecond)}</td>
      <td class="number">{rateText(query.matchedPerSecond)}</td>
      <td class="number">{rateText(query.rowsPerSecond)}</td>
      <td class="number">{numberText(query.groups)}</td>
      <td class="number">{bytesText(query.stateBytes)}</td>
      <td class="number">{query.busyPercent.toFixed(1)} %</td>
      <td class="number">{query.lagMs === null ? '–' : durationText(query.lagMs)}</td>
      <td>
        <DropNote dropped={query.dropped} />
      </td>
      <td class="actions">
        {query.owner !== null && (
          <button
            type="button"
            class="button small danger"
            aria-label={`Stop ${safeText(query.canonical, 80)}`}
            onClick={() => void stop(query)}
          >
            {isAsked ? 'Really stop' : 'Stop'}
          </button>
        )}
      </td>
    </tr>
  );
}

/** One that rests is not evaluated now; one that waits has had no window yet. */
function toneOf({ shed, overBudget, status }: QueryView): string {
  if (shed || overBudget !== null) return 'warn';
  return status === 'complete' ? 'good' : status === 'waiting' ? '' : 'warn';
}

/** Since when, and who looks. */
function whoText({ startedAt, clients }: QueryView): string {
  const who = clients.slice(0, CLIENTS_TOLD).map((name) => safeText(name, 40));
  const more = clients.length - who.length;
  const list =
    who.length === 0 ? '' : `, read by ${who.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `since ${dateText(startedAt)}${list}`;
}

const CLIENTS_TOLD = 5;

function forText({ owner, subscribers, readers }: QueryView): string {
  const who = owner === null ? 'the engine' : safeText(owner, 40);
  const parts = [
    ...(subscribers > 0 ? [countText(subscribers, 'viewer')] : []),
    ...(readers > 0 ? [countText(readers, 'rule or view', 'rules or views')] : []),
  ];
  return parts.length === 0 ? who : `${who}, ${parts.join(', ')}`;
}

function rateText(perSecond: number | null): string {
  return perSecond === null ? '–' : numberText(Math.round(perSecond));
}

function askAddress(query: string): string {
  return `#${new URLSearchParams({ q: query, run: '1' }).toString()}`;
}
