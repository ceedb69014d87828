/**
 * Two shards over real sockets, one of which has all the talkative agents: some of those are asked
 * to move, and every event is counted once all the same.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { createAgent } from '../../agents/agent.ts';
import type { Agent } from '../../agents/agent.ts';
import type { ShardView } from '../../src/coordinator/views.ts';
import { loadUws } from '../../src/gateway/uws-binary.ts';
import { endAll, squilla, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { firstOf, readEvents, windowsOf } from '../support/result-reader.ts';

const TALKATIVE = 6;
const EVENTS_A_TURN = 200;
const TURN_MS = 5;
/** Any work is much here, so that it takes no busy machine; more is still not moved. */
const SETTINGS = {
  ...{ moveBusyPercent: 1, moveAfterMs: 100, edgeQueriesMax: 0, agentsMax: 100 },
  // What a busy machine brings late is not to be late for a window.
  ...{ closeWaitMs: 10_000, leaseMs: 10_000 },
};

let stop = (): void => undefined;
const agents: Agent[] = [];

afterEach(async () => {
  stop();
  for (const agent of agents.splice(0)) agent.abandon();
  await endAll();
});

async function shardsOf(engine: EngineProcess): Promise<readonly ShardView[]> {
  const { shards } = (await engine.get('/api/v1/status')) as { shards: readonly ShardView[] };
  return shards;
}

/** Agents of one shard only: those that another got hang up and try again. */
async function onShard(engine: EngineProcess, shard: number): Promise<void> {
  for (let i = 0; agents.length < TALKATIVE; i++) {
    const service = `talker-${i}`;
    const agent = createAgent({
      ...{ url: engine.ingestUrl, service, streams: ['talk'], handleSignals: false },
      limits: { agentQueueEvents: 1_000_000, agentCpuPercent: 0 },
    });
    const own = await until(async () => {
      const { agents: views } = (await engine.get('/api/v1/agents')) as {
        agents: { service: string; shard: number; state: string }[];
      };
      return views.find((view) => view.service === service && view.state === 'live');
    }, `${service} is there`);
    if (own.shard === shard) agents.push(agent);
    else await agent.close();
  }
}

const TRANSPORTS = [
  { transport: 'ws', skip: false },
  { transport: 'uws', skip: !loadUws().ok },
];

describe.each(TRANSPORTS)('two shards over $transport', ({ transport, skip }) => {
  test.skipIf(skip)('agents move to the idle one, and every event is counted once', async () => {
    const flags = ['--shards', '2', '--transport', transport];
    const engine = await startEngine({ settings: SETTINGS, flags });
    await onShard(engine, 0);
    const query = 'select count(*) as n from talk window 250ms';
    const reader = await readEvents(engine.url, query);
    await firstOf(reader, 'rows', ({ completeness }) => completeness.status === 'complete');
    let accepted = 0;
    const timer = setInterval(() => {
      for (const agent of agents) {
        const stream = agent.stream('talk');
        for (let i = 0; i < EVENTS_A_TURN; i++) {
          if (stream.publish({ i, text: 'the same for all' }) === 'accepted') accepted++;
        }
      }
    }, TURN_MS);
    stop = () => clearInterval(timer);
    await until(async () => ((await shardsOf(engine))[1]?.agents ?? 0) > 0, 'an agent moved');
    stop();
    const counted = (): number =>
      windowsOf(reader).reduce((sum, { rows }) => sum + Number(rows[0]?.['n'] ?? 0), 0);
    const atLeast = accepted;
    await until(() => counted() >= atLeast, 'every event is counted');
    expect(counted()).toBe(accepted);
    await until(async () => {
      const shards = await shardsOf(engine);
      return shards.reduce((sum, shard) => sum + shard.agents, 0) === TALKATIVE;
    }, 'nobody was lost on the way');
    expect((await shardsOf(engine))[0]?.sentAway).toBeGreaterThan(0);
    const { out } = await squilla(['status', '--url', engine.url]);
    expect(out).toContain('moved');
    const ledger = (await engine.get('/api/v1/ledger')) as { closes: boolean };
    expect(ledger.closes).toBe(true);
    reader.close();
  });
});
