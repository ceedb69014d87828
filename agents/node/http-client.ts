/**
 * Requests that this process makes with node:http and node:https, one event each on `http.client`,
 * until the answer is read whole or it failed.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { systemClock } from '../../src/core/clock.ts';
import type { Demand } from './demand.ts';
import { errorName, lengthOf, pathOf, traceIdOf } from './request-facts.ts';

interface Watched {
  readonly beganMs: number;
  status: number | null;
  responseBytes: number | null;
  error: string | null;
}

/** Channels report what a listener throws as an uncaught error of the process, so none may. */
export function watchHttpClient(demand: Demand): () => void {
  const watched = new WeakMap<object, Watched>();
  const started = (message: unknown): void => {
    try {
      const { request } = message as { request: ClientRequest };
      // An upgrade is a connection, of the agent itself for one, and no request with an answer.
      if (request.getHeader('upgrade') !== undefined || !demand.take()) return;
      const watch = { beganMs: systemClock.now(), status: null, responseBytes: null, error: null };
      watched.set(request, watch);
      request.once('close', () => tell(demand, request, watch));
    } catch {
      // Not seen; the request goes on.
    }
  };
  const answered = (message: unknown): void => {
    const { request, response } = message as { request: object; response: IncomingMessage };
    const watch = watched.get(request);
    if (watch === undefined) return;
    watch.status = response.statusCode ?? null;
    watch.responseBytes = lengthOf(response.headers['content-length']);
  };
  const failed = (message: unknown): void => {
    const { request, error } = message as { request: object; error: unknown };
    const watch = watched.get(request);
    if (watch !== undefined) watch.error = errorName(error);
  };
  const channels = [
    ['http.client.request.start', started],
    ['http.client.response.finish', answered],
    ['http.client.request.error', failed],
  ] as const;
  for (const [name, listener] of channels) subscribe(name, listener);
  return () => {
    for (const [name, listener] of channels) unsubscribe(name, listener);
  };
}

function tell(demand: Demand, request: ClientRequest, watch: Watched): void {
  try {
    demand.stream.publish({
      library: 'http',
      method: request.method,
      host: request.getHeader('host'),
      path: pathOf(request.path),
      status: watch.status,
      duration_ms: systemClock.now() - watch.beganMs,
      error: watch.error ?? (watch.status === null ? 'aborted' : null),
      request_bytes: lengthOf(request.getHeader('content-length')),
      response_bytes: watch.responseBytes,
      trace_id: traceIdOf(request.getHeader('traceparent')),
    });
  } catch {
    // The request is over; that it is not told of harms nobody.
  }
}
