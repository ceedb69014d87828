/** Where every event went, from agents to results, as bars whose parts add up. */
import type { JSX } from 'preact';
import type { EngineLedgerPage, LedgerView } from '../../src/coordinator/views.ts';
import type { Dashboard } from '../dashboard.ts';
import { numberText, safeText } from '../format.ts';
import { LIST_SHOWN_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';
import { DropNote } from './drop-note.tsx';
import { agentParts, engineParts } from './ledger-parts.ts';
import type { LedgerPart } from './ledger-parts.ts';

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
      <section class="card flow" aria-label="Flow of events">
        <Bar
          title="Agents were offered"
          total={view.agents.offered}
          parts={agentParts(view.agents)}
        />
        <p class="flow-step" aria-hidden="true">
          ↓ over the network, and over HTTP
        </p>
        <Bar
          title="The engine received"
          total={view.engine.received}
          parts={engineParts(view.engine)}
        />
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

function Bar({
  title,
  total,
  parts,
}: {
  title: string;
  total: number;
  parts: readonly LedgerPart[];
}): JSX.Element {
  return (
    <div class="flow-bar">
      <p class="flow-title">
        {title} <strong>{numberText(total)}</strong>
      </p>
      <div class="flow-track" aria-hidden="true">
        {parts
          .filter(({ count }) => count > 0)
          .map(({ name, count, kind }) => (
            <i key={name} class={`flow-${kind}`} style={{ flexGrow: count }} />
          ))}
      </div>
      <dl class="flow-parts">
        {parts.map(({ name, count, kind }) => (
          <div key={name}>
            <dt>
              <i class={`swatch flow-${kind}`} />
              {safeText(name, 60)}
            </dt>
            <dd>{numberText(count)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
