/**
 * Process entry of a small service under load: an Express app that publishes an event for each
 * request, and every few milliseconds some more, if it is told to. It tells how late its event loop
 * comes to its turns.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createAgent } from '../../agents/index.ts';
import type { AgentStream } from '../../agents/index.ts';
import { requestEvents } from '../workload.ts';

export interface ServiceOrder {
  readonly type: 'serve';
  /** Null: without an agent. */
  readonly url: string | null;
  readonly stream: string;
  /** Events that are published every millisecond, besides those of requests. */
  readonly eventsPerMs: number;
  /** Where events wait for the engine; absent: in memory. */
  readonly spool?: string;
}

export type DelayOrder = ServiceOrder | { readonly type: 'watch' | 'tell' };

export type ServiceToBench =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'delay'; readonly p99Ms: number };

const SEED = 17;
const EVENTS = 1_024;
const events = requestEvents(EVENTS, SEED);
const delay = monitorEventLoopDelay({ resolution: 1 });
let published = 0;

function tell(message: ServiceToBench): void {
  process.send?.(message);
}

function publishOne(stream: AgentStream | null): void {
  stream?.publish(events[published++ % EVENTS]!);
}

function serve({ eventsPerMs, spool, stream: name, url }: ServiceOrder): void {
  const options = { service: 'bench', ...(spool !== undefined && { spool }) };
  const agent = url === null ? null : createAgent({ url, ...options });
  const stream = agent?.stream(name) ?? null;
  const app = express();
  app.get('/items/:id', (request, response) => {
    response.json({ id: request.params.id, title: 'an item', price: 12.5 });
    publishOne(stream);
  });
  if (eventsPerMs > 0) {
    setInterval(() => {
      for (let i = 0; i < eventsPerMs; i++) publishOne(stream);
    }, 1);
  }
  const server = app.listen(0, '127.0.0.1', () => {
    tell({ type: 'ready', port: (server.address() as AddressInfo).port });
  });
}

process.on('message', (order: DelayOrder) => {
  if (order.type === 'serve') serve(order);
  else if (order.type === 'watch') {
    delay.enable();
    delay.reset();
  } else tell({ type: 'delay', p99Ms: delay.percentile(99) / 1e6 });
});
process.on('disconnect', () => process.exit(0));
