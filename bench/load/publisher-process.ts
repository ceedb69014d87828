/**
 * Process entry of a load made by the agent library itself: publishes at a rate, an open loop, each
 * event with the moment at which it was due in `dueMs` and its agent. One in `everyth` is an error.
 */
import { createAgent } from '../../agents/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { requestEvents, STREAM } from '../workload.ts';

export interface PublishOrder {
  readonly type: 'prepare';
  readonly url: string;
  readonly agents: number;
  readonly eventsPerSecond: number;
  readonly everyth: number;
  /** How long an agent lets an event wait for company. */
  readonly flushMs: number;
}

/** No more events; the agents stay. */
export interface StopOrder {
  readonly type: 'stop';
}

export type PublisherReport =
  | { readonly type: 'ready' }
  | { readonly type: 'stopped'; readonly published: number };

const EVENTS = 4_096;
const SEED = 11;
const TURN_MS = 1;

let stop: (() => void) | null = null;

function start({ url, agents: count, eventsPerSecond, everyth, flushMs }: PublishOrder): void {
  const agents = Array.from({ length: count }, (_none, i) =>
    createAgent({
      url,
      service: 'load',
      instance: String(i),
      streams: [STREAM],
      limits: { agentFlushMs: flushMs, agentCpuPercent: 0 },
    }),
  );
  const streams = agents.map((agent) => agent.stream(STREAM));
  const events = requestEvents(EVENTS, SEED);
  const names = agents.map((_agent, i) => `${process.pid}/${i}`);
  const periodMs = 1_000 / eventsPerSecond;
  let startMs = 0;
  let due = 0;
  const turn = (): void => {
    if (startMs === 0) {
      if (!agents.every((agent) => agent.planned)) return;
      startMs = systemClock.now();
      process.send?.({ type: 'ready' });
    }
    const nowMs = systemClock.now();
    for (; startMs + due * periodMs <= nowMs; due++) {
      const event = events[due % EVENTS] as (typeof events)[number];
      const status = due % everyth === 0 ? 500 : 200;
      const at = { dueMs: startMs + due * periodMs, agent: names[due % count] };
      streams[due % count]?.publish({ ...event, status, ...at });
    }
  };
  const timer = setInterval(turn, TURN_MS);
  stop = () => {
    clearInterval(timer);
    process.send?.({ type: 'stopped', published: due });
  };
}

process.on('message', (order: PublishOrder | StopOrder) => {
  if (order.type === 'prepare') start(order);
  else stop?.();
});
process.on('disconnect', () => process.exit(0));
