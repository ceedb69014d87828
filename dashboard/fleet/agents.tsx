/** Processes that send: those that live, those gone silent, those that left. */
import { useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import type { AgentView } from '../../src/coordinator/views.ts';
import { listOf } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import { agoText, countText, dateText, durationText, numberText, safeText } from '../format.ts';
import { LIST_SHOWN_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';
import { DropNote } from './drop-note.tsx';
import { ratesFrom } from './sent-rates.ts';
import type { SentMark } from './sent-rates.ts';

export function Agents({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { api, now } = dashboard;
  const marks = useRef(new Map<string, SentMark>());
  const agents = usePolled({
    api,
    path: 'agents',
    read: (body) => {
      const list = agentsFrom(body);
      marks.current = ratesFrom(list, marks.current, now());
      return list;
    },
    everyMs: SCREEN_POLL_MS,
  });
  const list = agents.value.value;
  return (
    <>
      <ListFrame
        list={list?.slice(0, LIST_SHOWN_MAX) ?? null}
        failure={agents.failure.value}
        columns={[
          'State',
          'Service',
          'Host',
          'Streams',
          '#Events/s',
          '#Sent',
          '#Lag',
          'Dropped',
          '#Shard',
          '#Connected',
          'Library',
        ]}
        empty={{
          title: 'No agents',
          text: (
            <>
              Start one: <code>squilla agent host</code> tells of this machine.
            </>
          ),
        }}
        row={(agent) => (
          <AgentRow
            key={agent.id}
            agent={agent}
            rate={marks.current.get(agent.id)?.perSecond ?? null}
            nowMs={now()}
          />
        )}
      />
      {list !== null && list.length > LIST_SHOWN_MAX && (
        <p class="panel-note">
          {countText(list.length - LIST_SHOWN_MAX, 'more agent')} not listed.
        </p>
      )}
    </>
  );
}

function AgentRow({
  agent,
  rate,
  nowMs,
}: {
  agent: AgentView;
  /** Events a second; null: not known yet. */
  rate: number | null;
  nowMs: number;
}): JSX.Element {
  return (
    <tr class={agent.state === 'gone' ? 'past' : ''}>
      <td>
        <span class={`agent-state agent-${agent.state}`}>
          <i class="dot" />
          {agent.state}
        </span>
      </td>
      <td class="cut">
        <bdi>{safeText(agent.service, 60)}</bdi>
      </td>
      <td class="cut">
        <bdi>{safeText(agent.host, 60)}</bdi>
      </td>
      <td class="cut" title={safeText(agent.streams.join(', '), 400)}>
        <bdi>{safeText(agent.streams.join(', '), 80)}</bdi>
      </td>
      <td class="number">{rate === null ? '–' : numberText(Math.round(rate))}</td>
      <td class="number">{numberText(agent.sent)}</td>
      <td class="number">{agent.lagMs === null ? '–' : durationText(agent.lagMs)}</td>
      <td>
        <DropNote dropped={agent.dropped} />
      </td>
      <td class="number">{agent.shard}</td>
      <td class="number faint" title={dateText(agent.connectedAt)}>
        {agoText(agent.connectedAt, nowMs)}
      </td>
      <td class="cut faint">{safeText(agent.library, 40)}</td>
    </tr>
  );
}

/** Those in trouble first. */
function agentsFrom(body: unknown): readonly AgentView[] {
  const rank = { silent: 0, live: 1, gone: 2 };
  return (listOf(body, 'agents') as readonly AgentView[]).toSorted(
    (a, b) =>
      rank[a.state] - rank[b.state] ||
      a.service.localeCompare(b.service) ||
      a.host.localeCompare(b.host),
  );
}
