/**
 * A part of a fleet, as a program: so many agents of one process, each publishing at a rate. Its
 * arguments are the engine's address and how many. `stop` over IPC ends publishing; the agents
 * stay.
 */
import { createAgent } from '../../agents/agent.ts';

const EVENT_MS = 50;

const [url = '', count = '1'] = process.argv.slice(2);
const agents = Array.from({ length: Number(count) }, (_none, i) =>
  createAgent({
    ...{ url, service: 'fleet', instance: String(i), handleSignals: false },
    limits: { reconnectMinMs: 20, reconnectMaxMs: 500, agentCpuPercent: 0 },
  }),
);
const streams = agents.map((agent) => agent.stream('beats'));
let beat = 0;
const timer = setInterval(() => {
  beat++;
  for (const [i, stream] of streams.entries())
    stream.publish({ beat, agent: i, even: i % 2 === 0 });
}, EVENT_MS);

process.on('message', () => {
  clearInterval(timer);
  process.send?.('stopped');
});
process.on('disconnect', () => process.exit(0));
