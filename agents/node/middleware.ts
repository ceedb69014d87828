/**
 * Requests with the routes that frameworks know. Works alone, and beside `instrument`, which then
 * tells of each request once. The types are those parts of the frameworks' that are used.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Agent } from '../agent.ts';
import { serverWatchOf } from './http-server.ts';

export type ExpressMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => void;

/** `app.use(expressMiddleware(agent))`, before the routes. */
export function expressMiddleware(agent: Agent): ExpressMiddleware {
  const watch = serverWatchOf(agent);
  return (request, response, next) => {
    watch.begin(request, response);
    next();
  };
}

interface FastifyRequestPart {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string | undefined };
}

interface FastifyPart {
  addHook(
    name: 'onRequest',
    hook: (
      request: FastifyRequestPart,
      reply: { readonly raw: ServerResponse },
      next: () => void,
    ) => void,
  ): unknown;
}

export type FastifyPlugin = (fastify: FastifyPart, options: unknown, done: () => void) => void;

/** `fastify.register(fastifyPlugin(agent))`, before the routes. */
export function fastifyPlugin(agent: Agent): FastifyPlugin {
  const watch = serverWatchOf(agent);
  const plugin: FastifyPlugin = (fastify, _options, done) => {
    fastify.addHook('onRequest', (request, reply, next) => {
      watch.begin(request.raw, reply.raw, () => request.routeOptions.url);
      next();
    });
    done();
  };
  // Fastify's word for a plugin that is meant for all routes and not for those below it.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}
