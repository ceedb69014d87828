/**
 * One line for a Node.js service: its requests in and out, errors that nobody caught, its event
 * loop and its garbage collection as streams. Nothing of the service is changed; Node tells of all
 * this over `diagnostics_channel` and `perf_hooks`.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Agent } from '../agent.ts';
import { Demand } from './demand.ts';
import { watchHttpClient } from './http-client.ts';
import { serverWatchOf } from './http-server.ts';
import { watchHealth } from './process-health.ts';
import { watchErrors } from './uncaught-errors.ts';
import { watchUndici } from './undici-client.ts';

export interface InstrumentOptions {
  /** Requests that servers of this process answer: `http.server`. Default: true. */
  readonly server?: boolean;
  /** Requests that it makes, with node:http and fetch: `http.client`. Default: true. */
  readonly client?: boolean;
  /** Errors that nobody caught: `node.errors`. Default: true. */
  readonly errors?: boolean;
  /** `node.event_loop` and `node.gc`. Default: true. */
  readonly health?: boolean;
  /** Between two events of `node.event_loop`. Default: 1,000. */
  readonly intervalMs?: number;
}

export interface Instrumentation {
  /** Looks at nothing any more. */
  stop(): void;
}

const INTERVAL_MS = 1_000;

export function instrument(agent: Agent, options: InstrumentOptions = {}): Instrumentation {
  const stops: (() => void)[] = [];
  if (options.server !== false) stops.push(watchServers(agent));
  if (options.client !== false) {
    const demand = new Demand(agent.stream('http.client'));
    stops.push(watchHttpClient(demand), watchUndici(demand));
  }
  if (options.errors !== false) stops.push(watchErrors(agent));
  if (options.health !== false) stops.push(watchHealth(agent, options.intervalMs ?? INTERVAL_MS));
  return {
    stop: () => {
      for (const stop of stops.splice(0)) stop();
    },
  };
}

function watchServers(agent: Agent): () => void {
  const watch = serverWatchOf(agent);
  const started = (message: unknown): void => {
    const { request, response } = message as {
      request: IncomingMessage;
      response: ServerResponse;
    };
    watch.begin(request, response);
  };
  subscribe('http.server.request.start', started);
  return () => unsubscribe('http.server.request.start', started);
}
