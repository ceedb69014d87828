/**
 * What flows on some streams, all senders and all queries together, as agents and shards last said.
 */
import type { EngineLedger } from './ledger.ts';
import type { Roster } from './roster.ts';

/** Cumulative; only what was live all the time grows steadily. */
export interface StreamFlow {
  readonly offered: number;
  readonly sampledOut: number;
  /** Counted by agents and not sent. */
  readonly aggregated: number;
  readonly filtered: number;
  readonly sent: number;
  readonly received: number;
  readonly evaluated: number;
  /** Of frames, from agents that are connected. */
  readonly bytes: number;
  readonly agents: number;
}

export function streamFlow(
  { roster, ledger }: { readonly roster: Roster; readonly ledger: EngineLedger },
  streams: readonly string[],
): StreamFlow {
  const flow = {
    offered: 0,
    sampledOut: 0,
    aggregated: 0,
    filtered: 0,
    sent: 0,
    received: 0,
    evaluated: 0,
    bytes: 0,
  };
  const agents = new Set<number>();
  const pages = ledger.streams();
  for (const name of streams) {
    for (const agent of roster.ofStream(name)) {
      agents.add(agent.key);
      const { bytes, counts } = agent.streams.get(name) ?? NOTHING;
      flow.bytes += bytes;
      if (counts !== null) addAgent(flow, counts);
    }
    const page = pages[name];
    if (page === undefined) continue;
    flow.received += page.received;
    flow.evaluated += page.evaluated;
  }
  return { ...flow, agents: agents.size };
}

const NOTHING = { bytes: 0, counts: null } as const;

type AgentFlow = Pick<StreamFlow, 'offered' | 'sampledOut' | 'aggregated' | 'filtered' | 'sent'>;

function addAgent(flow: { -readonly [name in keyof AgentFlow]: number }, counts: AgentFlow): void {
  flow.offered += counts.offered;
  flow.sampledOut += counts.sampledOut;
  flow.aggregated += counts.aggregated;
  flow.filtered += counts.filtered;
  flow.sent += counts.sent;
}
