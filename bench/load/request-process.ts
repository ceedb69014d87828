/**
 * Process entry of a service at full load: Express apps, one for each stream it is told, that
 * publish an event for each request. It tells what CPU it has used.
 */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createAgent } from '../../agents/index.ts';
import type { AgentStream } from '../../agents/index.ts';
import { requestEvents } from '../workload.ts';

export interface AppsOrder {
  readonly type: 'serve';
  /** Null: without an agent. */
  readonly url: string | null;
  /** Of each app; null: it publishes nothing. */
  readonly streams: readonly (string | null)[];
}

export type AppsToBench =
  /** One for each app. */
  | { readonly type: 'ready'; readonly ports: readonly number[] }
  /** Of the process so far. */
  | { readonly type: 'cpu'; readonly us: number };

const SEED = 17;
const EVENTS = 1_024;
const events = requestEvents(EVENTS, SEED);
let published = 0;

function tell(message: AppsToBench): void {
  process.send?.(message);
}

async function serve({ streams, url }: AppsOrder): Promise<void> {
  const agent = url === null ? null : createAgent({ url, service: 'bench' });
  const ports = streams.map((name) => listen(name === null ? null : (agent?.stream(name) ?? null)));
  tell({ type: 'ready', ports: await Promise.all(ports) });
}

function listen(stream: AgentStream | null): Promise<number> {
  const app = express();
  app.get('/items/:id', (request, response) => {
    response.json({ id: request.params.id, title: 'an item', price: 12.5 });
    stream?.publish(events[published++ % EVENTS]!);
  });
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function usedUs(): number {
  const { system, user } = process.cpuUsage();
  return system + user;
}

process.on('message', (order: AppsOrder | { readonly type: 'cpu' }) => {
  if (order.type === 'serve') void serve(order);
  else tell({ type: 'cpu', us: usedUs() });
});
process.on('disconnect', () => process.exit(0));
