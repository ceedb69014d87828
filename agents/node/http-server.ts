/**
 * Requests that a server of this process answers, one event each, on `http.server`: seen from the
 * moment their headers are here until the answer is sent or the connection broke. Whatever goes
 * wrong in here stays in here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../../src/core/clock.ts';
import type { Agent } from '../agent.ts';
import { Demand } from './demand.ts';
import { lengthOf, pathOf, traceIdOf } from './request-facts.ts';

/** The pattern that matched, e.g. `/orders/:id`; null or undefined: none did. */
export type RouteReader = () => string | null | undefined;

interface Watched {
  readonly beganMs: number;
  readonly path: string | null;
  readonly writtenBefore: number;
  route: RouteReader;
}

/** What Express puts onto a request. */
interface RoutedRequest extends IncomingMessage {
  readonly originalUrl?: unknown;
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown };
}

const watches = new WeakMap<Agent, HttpServerWatch>();

/** The one of this agent, so that a request which two places tell of is one event. */
export function serverWatchOf(agent: Agent): HttpServerWatch {
  let watch = watches.get(agent);
  if (watch === undefined) watches.set(agent, (watch = new HttpServerWatch(agent)));
  return watch;
}

export class HttpServerWatch {
  readonly #demand: Demand;
  readonly #watched = new WeakMap<IncomingMessage, Watched>();

  constructor(agent: Agent) {
    this.#demand = new Demand(agent.stream('http.server'));
  }

  /** `route` is asked when the answer is there; by default it is read as Express leaves it. */
  begin(request: IncomingMessage, response: ServerResponse, route?: RouteReader): void {
    try {
      const known = this.#watched.get(request);
      if (known !== undefined) {
        if (route !== undefined) known.route = route;
        return;
      }
      if (!this.#demand.take()) return;
      const watched: Watched = {
        beganMs: systemClock.now(),
        path: pathOf((request as RoutedRequest).originalUrl ?? request.url),
        writtenBefore: request.socket.bytesWritten,
        route: route ?? (() => expressRoute(request)),
      };
      this.#watched.set(request, watched);
      response.once('close', () => this.#end(watched, request, response));
    } catch {
      // A request that cannot be looked at is still answered.
    }
  }

  #end(watched: Watched, request: IncomingMessage, response: ServerResponse): void {
    try {
      const { beganMs, path, writtenBefore, route } = watched;
      const { headers, method, socket } = request;
      this.#demand.stream.publish({
        method,
        route: route() ?? null,
        path,
        status: response.headersSent ? response.statusCode : null,
        duration_ms: systemClock.now() - beganMs,
        request_bytes: lengthOf(headers['content-length']),
        // Head and body, as they went out.
        response_bytes: socket.bytesWritten - writtenBefore,
        trace_id: traceIdOf(headers['traceparent']),
        aborted: !response.writableFinished,
      });
    } catch {
      // The answer is out; that it is not told of harms nobody.
    }
  }
}

function expressRoute(request: RoutedRequest): string | null {
  const path = request.route?.path;
  if (path === undefined) return null;
  const base = typeof request.baseUrl === 'string' ? request.baseUrl : '';
  // An array or a pattern, too, is known by how it is written.
  return `${base}${String(path)}`;
}
