/**
 * Process entry of a load made by the agent library itself: publishes at a rate, an open loop, each
 * event with the moment at which it was due in `dueMs` and its agent, or, where nobody asks for
 * those, as it is. One in `everyth` is an error.
 */
import { createAgent } from '../../agents/index.ts';
import type { Agent } from '../../agents/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { requestEvents, STREAM } from '../workload.ts';

export interface PublishOrder {
  readonly type: 'prepare';
  readonly url: string;
  readonly agents: number;
  readonly eventsPerSecond: number;
  readonly everyth: number;
  /**
   * Events bear `dueMs`, `agent` and their share of errors. An object made for each costs several
   * times what publishing it does; without, a load of this size has room on a core.
   */
  readonly marked: boolean;
  /** How long an agent lets an event wait for company. */
  readonly flushMs: number;
}

/** No more events; the agents stay. */
export interface StopOrder {
  readonly type: 'stop';
}

export type PublisherReport =
  | { readonly type: 'ready' }
  | {
      readonly type: 'stopped';
      readonly published: number;
      /** Of those, while the agent knew of no query on the stream: nobody looked at them. */
      readonly unasked: number;
      /** The longest that an event waited beyond the moment it was due. */
      readonly worstDelayMs: number;
    };

const EVENTS = 4_096;
const SEED = 11;
const TURN_MS = 1;
/** A process that publishes goes back to its sockets this soon, however much is due. */
const STRETCH_EVENTS = 2_048;

let stop: (() => void) | null = null;

function start(order: PublishOrder): void {
  const { agents: count, eventsPerSecond } = order;
  const agents = agentsOf(order);
  const publish = publisher(order, agents);
  const periodMs = 1_000 / eventsPerSecond;
  let startMs = 0;
  let due = 0;
  let unasked = 0;
  let worstDelayMs = 0;
  const turn = (): void => {
    if (startMs === 0) {
      if (!agents.every((agent) => agent.planned)) return;
      startMs = systemClock.now();
      process.send?.({ type: 'ready' });
    }
    const nowMs = systemClock.now();
    worstDelayMs = Math.max(worstDelayMs, nowMs - startMs - due * periodMs);
    const end = Math.min(due + STRETCH_EVENTS, Math.ceil((nowMs - startMs) / periodMs));
    for (; due < end; due++) {
      if (publish(due, due % count, startMs + due * periodMs) === 'skipped') unasked++;
    }
  };
  const timer = setInterval(turn, TURN_MS);
  stop = () => {
    clearInterval(timer);
    process.send?.({ type: 'stopped', published: due, unasked, worstDelayMs });
  };
}

function agentsOf({ url, agents, flushMs }: PublishOrder): readonly Agent[] {
  return Array.from({ length: agents }, (_none, i) =>
    createAgent({
      url,
      service: 'load',
      instance: String(i),
      streams: [STREAM],
      limits: { agentFlushMs: flushMs, agentCpuPercent: 0 },
    }),
  );
}

/** Publishes event number `due`, which is due at `dueMs`, through an agent. */
function publisher(
  { everyth, marked }: PublishOrder,
  agents: readonly Agent[],
): (due: number, agent: number, dueMs: number) => string {
  const streams = agents.map((agent) => agent.stream(STREAM));
  const names = agents.map((_agent, i) => `${process.pid}/${i}`);
  const events = requestEvents(EVENTS, SEED);
  return (due, agent, dueMs) => {
    const event = events[due % EVENTS] as (typeof events)[number];
    const stream = streams[agent] as (typeof streams)[number];
    if (!marked) return stream.publish(event);
    const status = due % everyth === 0 ? 500 : 200;
    return stream.publish({ ...event, status, dueMs, agent: names[agent] });
  };
}

process.on('message', (order: PublishOrder | StopOrder) => {
  if (order.type === 'prepare') start(order);
  else stop?.();
});
process.on('disconnect', () => process.exit(0));
