/** The Fleet screen: who sends, what there is, what runs, and where every event went. */
import type { JSX } from 'preact';
import '../styles/fleet.css';
import { recordFrom } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import { bytesText, countText, durationText, safeText } from '../format.ts';
import { SCREEN_POLL_MS } from '../limits.ts';
import { usePolled } from '../polled.ts';
import { addressOf } from '../router.ts';
import { digitKeys, useKeys } from '../use-keys.ts';
import type { ShardView } from '../../src/coordinator/views.ts';
import { Agents } from './agents.tsx';
import { Ledger } from './ledger.tsx';
import { Queries } from './queries.tsx';
import { StreamTable } from './stream-table.tsx';
import { Tables } from './tables.tsx';

const TABS: readonly { readonly path: string; readonly title: string }[] = [
  { path: '', title: 'Agents' },
  { path: 'streams', title: 'Streams' },
  { path: 'queries', title: 'Queries' },
  { path: 'tables', title: 'Tables' },
  { path: 'ledger', title: 'Ledger' },
];

const PARTS: readonly string[] = TABS.map(({ path }) => path);

export function FleetScreen({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { router } = dashboard;
  const [part = ''] = router.route.value.path;
  useKeys(digitKeys(PARTS, (tab) => router.go('fleet', tab === '' ? [] : [tab])));
  return (
    <main class="screen fleet" id="main">
      <header class="screen-head">
        <h2>Fleet</h2>
        <EngineFacts dashboard={dashboard} />
      </header>
      <nav class="tabs" aria-label="Fleet">
        {TABS.map(({ path, title }) => (
          <a
            key={path}
            href={addressOf('fleet', path === '' ? [] : [path])}
            aria-current={part === path ? 'page' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      <Part key={part} {...{ dashboard, part }} />
    </main>
  );
}

function Part({ dashboard, part }: { dashboard: Dashboard; part: string }): JSX.Element {
  switch (part) {
    case 'streams':
      return <StreamTable dashboard={dashboard} />;
    case 'queries':
      return <Queries dashboard={dashboard} />;
    case 'tables':
      return <Tables dashboard={dashboard} />;
    case 'ledger':
      return <Ledger dashboard={dashboard} />;
    default:
      return <Agents dashboard={dashboard} />;
  }
}

interface EngineStatus {
  readonly uptimeMs: number;
  readonly shards: readonly ShardView[];
  readonly memory: { readonly residentBytes: number };
  readonly queries: number;
  readonly shedQueries: number;
  readonly ledgerCloses: boolean;
}

function EngineFacts({ dashboard }: { dashboard: Dashboard }): JSX.Element | null {
  const status = usePolled({
    api: dashboard.api,
    path: 'status',
    read: (body) => recordFrom(body) as unknown as EngineStatus,
    everyMs: SCREEN_POLL_MS,
  }).value.value;
  if (status === null) return null;
  return (
    <p class="engine-facts">
      <span>up {durationText(status.uptimeMs)}</span>
      {status.shards.map(({ shard, state, restarts, agents, busyPercent }) => (
        <span key={shard} class={state === 'up' ? '' : 'bad'}>
          shard {shard}: {safeText(state, 10)}, {countText(agents, 'agent')}
          {typeof busyPercent === 'number' && `, ${busyPercent.toFixed(0)} % busy`}
          {restarts > 0 && `, ${countText(restarts, 'restart')}`}
        </span>
      ))}
      <span>{bytesText(status.memory.residentBytes)}</span>
      <span class={status.shedQueries > 0 ? 'warn' : ''}>
        {status.shedQueries > 0
          ? `${countText(status.shedQueries, 'query', 'queries')} shed`
          : countText(status.queries, 'query', 'queries')}
      </span>
      <span class={status.ledgerCloses ? 'good' : 'bad'}>
        {status.ledgerCloses ? 'every event accounted for' : 'events unaccounted for'}
      </span>
    </p>
  );
}
