/**
 * What the running query costs, while it runs: of the shards, of memory, of the agents; and whether
 * it rests because it was over a budget or the engine cannot keep up.
 */
import type { JSX } from 'preact';
import type { QueryView } from '../src/coordinator/views.ts';
import type { Api } from './browser-host.ts';
import { listOf } from './catalogue.ts';
import type { Drawn, Running } from './explore.ts';
import { bytesText, countText, numberText } from './format.ts';
import { SCREEN_POLL_MS } from './limits.ts';
import { usePolled } from './polled.ts';
import { addressOf } from './router.ts';

export interface RunningCostProps extends Drawn {
  readonly api: Api;
  readonly running: Running;
}

export function RunningCost({ api, running }: RunningCostProps): JSX.Element | null {
  const id = running.store.schema?.query ?? null;
  if (id === null || !running.live) return null;
  return <CostOf key={id} api={api} id={id} />;
}

function CostOf({ api, id }: { api: Api; id: string }): JSX.Element | null {
  const polled = usePolled({
    api,
    path: `queries?id=${encodeURIComponent(id)}`,
    read: (body) => (listOf(body, 'queries') as readonly QueryView[]).find((one) => one.id === id),
    everyMs: SCREEN_POLL_MS,
  });
  const query = polled.value.value;
  if (query == null) return null;
  return (
    <p class="cost" aria-label="Cost">
      {query.shed && (
        <span
          class="tag warn"
          title="The engine cannot keep up; alert rules and older queries go first."
        >
          resting: engine overloaded
        </span>
      )}
      {query.overBudget !== null && (
        <a
          class="tag warn"
          href={addressOf('fleet', ['queries'])}
          title={BUDGETS[query.overBudget]}
        >
          resting: over budget
        </a>
      )}
      <span>{costText(query)}</span>
    </p>
  );
}

const BUDGETS: Readonly<Record<NonNullable<QueryView['overBudget']>, string>> = {
  'query-state':
    'This query holds more than `queryStateBytesMax`: fewer groups or shorter windows.',
  'client-state': 'All your queries hold more than `clientStateBytesMax`: stop some.',
  'client-groups': 'All your queries have more groups than `clientGroupsMax`: stop some.',
};

/** What it takes, in the order in which people ask. */
export function costText(query: QueryView): string {
  const { busyPercent, seenPerSecond, matchedPerSecond, groups, stateBytes, subscribers } = query;
  const parts = [
    `${busyPercent < 0.05 ? 'under 0.1' : String(Number(busyPercent.toPrecision(2)))} % of a shard`,
    seenPerSecond === null ? '' : `${numberText(Math.round(seenPerSecond))} events/s looked at`,
    matchedPerSecond === null ? '' : `${numberText(Math.round(matchedPerSecond))}/s match`,
    groups > 0 ? countText(groups, 'group') : '',
    bytesText(stateBytes),
    subscribers > 1 ? `shared by ${numberText(subscribers)} readers` : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
