/** Requests of `fetch` and of undici, on `http.client` like those of node:http. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { systemClock } from '../../src/core/clock.ts';
import type { Demand } from './demand.ts';
import { errorName, lengthOf, pathOf, traceIdOf } from './request-facts.ts';

/** The parts of undici's request that are read. */
interface UndiciRequest {
  readonly method: string;
  readonly origin: unknown;
  readonly path: string;
  /** Names and values in turn, or lines, by version. */
  readonly headers: readonly unknown[] | string | null;
  readonly contentLength?: number | null;
}

interface UndiciResponse {
  readonly statusCode: number;
  readonly headers: readonly unknown[];
}

interface Watched {
  readonly beganMs: number;
  status: number | null;
  responseBytes: number | null;
}

export function watchUndici(demand: Demand): () => void {
  const watched = new WeakMap<object, Watched>();
  const over = (request: UndiciRequest, error: string | null): void => {
    const watch = watched.get(request);
    if (watch === undefined) return;
    watched.delete(request);
    demand.stream.publish({
      library: 'undici',
      method: request.method,
      host: URL.canParse(String(request.origin)) ? new URL(String(request.origin)).host : null,
      path: pathOf(request.path),
      status: watch.status,
      duration_ms: systemClock.now() - watch.beganMs,
      error,
      request_bytes: request.contentLength ?? null,
      response_bytes: watch.responseBytes,
      trace_id: traceIdOf(headerIn(request.headers, 'traceparent')),
    });
  };
  const channels = [
    channel('undici:request:create', ({ request }) => {
      if (!demand.take()) return;
      watched.set(request, { beganMs: systemClock.now(), status: null, responseBytes: null });
    }),
    channel('undici:request:headers', ({ request, response }) => {
      const watch = watched.get(request);
      if (watch === undefined) return;
      watch.status = response.statusCode;
      watch.responseBytes = lengthOf(headerIn(response.headers, 'content-length'));
    }),
    channel('undici:request:trailers', ({ request }) => over(request, null)),
    channel('undici:request:error', ({ request, error }) => over(request, errorName(error))),
  ];
  for (const [name, listener] of channels) subscribe(name, listener);
  return () => {
    for (const [name, listener] of channels) unsubscribe(name, listener);
  };
}

interface UndiciMessage {
  readonly request: UndiciRequest;
  readonly response: UndiciResponse;
  readonly error: unknown;
}

type Listener = (message: unknown) => void;

/** Channels report what a listener throws as an uncaught error of the process, so none may. */
function channel(name: string, take: (message: UndiciMessage) => void): [string, Listener] {
  const listener: Listener = (message) => {
    try {
      take(message as UndiciMessage);
    } catch {
      // Not seen; the request goes on.
    }
  };
  return [name, listener];
}

/** Names come as texts or bytes. */
function headerIn(headers: UndiciRequest['headers'], wanted: string): string | null {
  if (typeof headers === 'string') {
    return new RegExp(`^${wanted}: *(.*?)\r?$`, 'im').exec(headers)?.[1] ?? null;
  }
  const list = headers ?? [];
  for (let i = 0; i + 1 < list.length; i += 2) {
    if (String(list[i]).toLowerCase() === wanted) return String(list[i + 1]);
  }
  return null;
}
