/** Where every event went, from agents to results, as a flow whose parts add up. */
import type { JSX } from 'preact';
import type { EngineLedgerPage, LedgerView } from '../../src/coordinator/views.ts';
import type { Dashboard } from '../dashboard.ts';
import { numberText, safeText } from '../format.ts';
import { LIST_SHOWN_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';
import { DropNote } from './drop-note.tsx';
import { FlowView } from './flow-view.tsx';

export function Ledger({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const ledger = usePolled({
    api: dashboard.api,
    path: 'ledger',
    read: (body) => body as LedgerView,
    everyMs: SCREEN_POLL_MS,
  });
  const view = ledger.value.value;
  if (view === null) {
    return ledger.failure.value === null ? (
      <div class="loading" role="status" aria-label="Loading" />
    ) : (
      <p class="notice warn">{ledger.failure.value}</p>
    );
  }
  const streams = Object.entries(view.streams)
    .map(([name, page]) => ({ name, page }))
    .sort((a, b) => b.page.received - a.page.received)
    .slice(0, LIST_SHOWN_MAX);
  return (
    <>
      <section class="card flow" aria-label="Ledger">
        <FlowView view={view} />
        <Refused queries={view.queries} />
        <p class={view.closes ? 'flow-sum good' : 'flow-sum bad'} role="status">
          {view.closes
            ? 'Every number adds up: nothing was lost without being counted.'
            : 'The numbers do not add up yet: some agents have not said how much they sent.'}
        </p>
      </section>
      <ListFrame
        list={streams}
        failure={ledger.failure.value}
        columns={['Stream', '#Received', '#Evaluated', 'Dropped']}
        empty={{ title: 'No events yet', text: 'The ledger begins with the first event.' }}
        row={({ name, page }) => <StreamRow key={name} {...{ name, page }} />}
      />
    </>
  );
}

function StreamRow({ name, page }: { name: string; page: EngineLedgerPage }): JSX.Element {
  return (
    <tr>
      <td class="cut">
        <bdi>{safeText(name, 80)}</bdi>
      </td>
      <td class="number">{numberText(page.received)}</td>
      <td class="number">{numberText(page.evaluated)}</td>
      <td>
        <DropNote dropped={page.dropped} />
      </td>
    </tr>
  );
}

/** What queries went without has no place in the flow: the same event may be missed by several. */
function Refused({ queries }: Pick<LedgerView, 'queries'>): JSX.Element | null {
  const parts = [
    [queries.shed, 'not evaluated while the engine could not keep up'],
    [queries.quota, 'not evaluated for queries over a budget'],
    [queries.rows, 'result rows beyond what a reader is told'],
  ] as const;
  const told = parts.filter(([count]) => count > 0);
  if (told.length === 0) return null;
  return (
    <p class="flow-step">
      Queries went without:{' '}
      {told.map(([count, what]) => `${numberText(count)} ${what}`).join(' · ')}
    </p>
  );
}
