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
import { ratesFrom } from './agent-rates.ts';
import type { AgentMark } from './agent-rates.ts';

export function Agents({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { api, now } = dashboard;
  const marks = useRef(new Map<string, AgentMark>());
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
          '#Queries',
          '#Looked at/s',
          '#Sent/s',
          '#CPU',
          '#Lag',
          'Dropped',
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
  rate: AgentMark['perSecond'];
  nowMs: number;
}): JSX.Element {
  return (
    <tr class={agent.state === 'gone' ? 'past' : ''}>
      <td>
        <span class={`agent-state agent-${agent.state}`} title={`shard ${agent.shard}`}>
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
      {agent.queries === 0 ? (
        <>
          <td class="number">0</td>
          <td class="number faint" title="No query reads its streams, so it looks at no event.">
            not asked
          </td>
          <td class="number faint">not asked</td>
        </>
      ) : (
        <>
          <td class="number">{numberText(agent.queries)}</td>
          <td class="number">{rateText(rate?.offered)}</td>
          <td class="number" title={`${numberText(agent.aggregated)} counted there instead`}>
            {rateText(rate?.sent)}
          </td>
        </>
      )}
      <td class="number">
        <Cost percent={agent.cpuPercent} />
      </td>
      <td class="number">{agent.lagMs === null ? '–' : durationText(agent.lagMs)}</td>
      <td>
        <DropNote dropped={agent.dropped} />
      </td>
      <td class="number faint" title={dateText(agent.connectedAt)}>
        {agoText(agent.connectedAt, nowMs)}
      </td>
      <td class="cut faint">{safeText(agent.library, 40)}</td>
    </tr>
  );
}

/** What our queries take of the process that the agent lives in. */
function Cost({ percent }: { percent: number | null | undefined }): JSX.Element {
  if (percent == null) {
    return (
      <span class="faint" title="It does not measure, or has not for long enough.">
        –
      </span>
    );
  }
  return <span title="Of one core, for the queries that it runs">{costText(percent)}</span>;
}

function costText(percent: number): string {
  return percent > 0 && percent < 0.01 ? '< 0.01 %' : `${percent.toFixed(2)} %`;
}

function rateText(perSecond: number | undefined): string {
  return perSecond === undefined ? '–' : numberText(Math.round(perSecond));
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
