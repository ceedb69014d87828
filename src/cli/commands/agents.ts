/** `squilla agents`: who sends, where they stand, and what our queries cost them. */
import type { AgentView } from '../../coordinator/views.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { ClientFlags } from '../flags.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';

const STREAMS_SHOWN = 3;

export async function agentsCommand(flags: ClientFlags, context: CliContext): Promise<number> {
  const answer = await callApi(flags, '/api/v1/agents');
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const agents = agentsIn(answer.body);
  if (flags.json === true) {
    context.out(`${JSON.stringify(agents)}\n`);
    return 0;
  }
  if (agents.length === 0) {
    context.out('No agents yet. Start one: squilla agent host\n');
    return 0;
  }
  const header = ['state', 'service', 'host', 'queries', 'cpu', 'lag', 'sent', 'lost', 'streams'];
  const paint = createPaint(context.colors);
  context.out(renderTable(header, agents.map(cells), { columns: context.columns, paint }));
  return 0;
}

function cells(agent: AgentView): string[] {
  const lost = Object.values(agent.dropped).reduce((sum, count) => sum + count, 0);
  const more = agent.streams.length - STREAMS_SHOWN;
  const streams = agent.streams.slice(0, STREAMS_SHOWN).map(printable).join(', ');
  return [
    agent.state,
    printable(agent.service),
    printable(agent.host),
    String(agent.queries),
    agent.cpuPercent === null ? '–' : `${agent.cpuPercent.toFixed(2)} %`,
    agent.lagMs === null ? '–' : `${agent.lagMs} ms`,
    String(agent.sent),
    String(lost),
    more > 0 ? `${streams}, … ${more} more` : streams,
  ];
}

/** Those in trouble first. */
function agentsIn(body: unknown): readonly AgentView[] {
  const rank = { silent: 0, live: 1, gone: 2 };
  const { agents } = body as { readonly agents: readonly AgentView[] };
  return agents.toSorted(
    (a, b) => rank[a.state] - rank[b.state] || a.service.localeCompare(b.service),
  );
}
