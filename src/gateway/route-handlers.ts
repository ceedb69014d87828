/** What each route of {@link ROUTES} does once the request has passed all checks. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { EngineError } from '../core/errors.ts';
import type { ValueObject } from '../model/value.ts';
import { PROMETHEUS_CONTENT_TYPE } from '../observe/prometheus-text.ts';
import { ALERTMANAGER_HANDLERS } from './alertmanager-handlers.ts';
import { BOARD_HANDLERS } from './board-handlers.ts';
import { EventStream } from './event-stream.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { DemoPort, SubscribeRequest } from './engine-port.ts';
import { header, readJsonObject, textMember } from './http-request.ts';
import type { GatewayRequest } from './http-request.ts';
import { INTAKE_HANDLERS } from './intake-handlers.ts';
import { json, NO_STORE } from './json-response.ts';
import { NOTIFY_HANDLERS } from './notify-handlers.ts';
import { problem, problemResponse } from './problem.ts';
import { paramsFromJson, paramsFromUrl } from './query-params.ts';
import type { RouteName } from './routes.ts';
import { RULE_HANDLERS } from './rule-handlers.ts';
import { removeSavedQuery, savedQueries, savedQuery, saveQuery } from './saved-handlers.ts';
import { readSeries } from './series-handlers.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { TABLE_HANDLERS } from './table-handlers.ts';

export type Handler = (
  request: GatewayRequest,
  context: GatewayContext,
) => Response | Promise<Response>;

export const HANDLERS: Readonly<Record<RouteName, Handler>> = {
  ...INTAKE_HANDLERS,
  check,
  formatQuery,
  liveStream,
  liveSocket: () => {
    throw new EngineError('ENGINE_BAD_REQUEST', 'This path speaks WebSocket.');
  },
  streams: (_, { engine }) => json({ streams: engine.streams() }),
  fields,
  agents: (_, { engine }) => json({ agents: engine.agents() }),
  queries: (request, { engine }) =>
    json({ queries: engine.queries(new URL(request.req.url).searchParams.get('id')) }),
  stopQuery,
  savedQueries,
  savedQuery,
  saveQuery,
  removeSavedQuery,
  series: readSeries,
  status: (_, { engine }) => json(engine.status()),
  ledger: (_, { engine }) => json(engine.ledger()),
  language: (_, { engine }) => json(engine.language()),
  openSession,
  closeSession,
  demoBreak: async (request, context) => {
    const demo = demoOf(context);
    return json(await demo.break((await readJsonObject(request, context)) as ValueObject));
  },
  demoHeal: async (_, context) => json(await demoOf(context).heal()),
  ...RULE_HANDLERS,
  ...NOTIFY_HANDLERS,
  ...ALERTMANAGER_HANDLERS,
  ...BOARD_HANDLERS,
  metrics: (_, { engine }) =>
    new Response(engine.metricsText(), {
      headers: { 'Content-Type': PROMETHEUS_CONTENT_TYPE, ...NO_STORE },
    }),
  ...TABLE_HANDLERS,
  healthy: () => json({ healthy: true }),
  ready: (_, { engine }) => {
    if (engine.ready()) return json({ ready: true });
    return problemResponse(problem('ENGINE_STARTING', 'Queries are not taken yet.'));
  },
  openapi: async () => {
    // zod costs a fifth of a second to load, so only who asks for the document pays.
    const { openApiDocument } = await import('./openapi.ts');
    return json(openApiDocument());
  },
};

async function check(request: GatewayRequest, context: GatewayContext): Promise<Response> {
  const body = await readJsonObject(request, context);
  const params = paramsFromJson(body['params'], context.config.depthMax);
  return json(await context.engine.check(textMember(body, 'query'), params));
}

async function formatQuery(request: GatewayRequest, context: GatewayContext): Promise<Response> {
  const body = await readJsonObject(request, context);
  return json(await context.engine.format(textMember(body, 'query')));
}

function liveStream(request: GatewayRequest, context: GatewayContext): Response {
  const search = new URL(request.req.url).searchParams;
  const asked = queryOf(search, context);
  const { incoming, outgoing } = request.env;
  const { remoteAddress = '', remotePort = 0 } = incoming.socket;
  const refusal = EventStream.open(
    context,
    outgoing,
    {
      client: context.clients.name('sse', `${remoteAddress}:${remotePort}`),
      ...asked,
      by: request.get('grant')?.name ?? 'nobody',
      resume: header(incoming.headers, 'last-event-id') || search.get('resume'),
    },
    SECURITY_HEADERS,
  );
  return refusal === null ? RESPONSE_ALREADY_SENT : problemResponse(refusal);
}

/** `q`, or `saved` with values that go over its own. @throws EngineError */
function queryOf(
  search: URLSearchParams,
  { engine }: GatewayContext,
): Pick<SubscribeRequest, 'query' | 'params'> {
  const params = paramsFromUrl(search);
  const query = search.get('q');
  if (query !== null) return { query, params };
  const name = search.get('saved');
  if (name === null) {
    const detail = '`q` (the text of the query) or `saved` (a name) is missing.';
    throw new EngineError('ENGINE_BAD_REQUEST', detail);
  }
  const saved = engine.saved.get(name);
  if (!saved.ok) throw saved.error;
  return { query: saved.value.text, params: { ...saved.value.params, ...params } };
}

function fields(request: GatewayRequest, { engine }: GatewayContext): Response {
  const name = request.req.query('stream');
  if (name === undefined) {
    throw new EngineError('ENGINE_BAD_REQUEST', '`stream` is missing: whose fields?');
  }
  const stream = engine.streams().find((candidate) => candidate.name === name);
  if (stream === undefined) {
    throw new EngineError('ENGINE_NOT_FOUND', `There is no stream ${JSON.stringify(name)}.`);
  }
  return json({ stream: name, fields: stream.fields });
}

function stopQuery(request: GatewayRequest, { engine }: GatewayContext): Response {
  const id = request.req.param('id') ?? '';
  const by = request.get('grant')?.name ?? 'nobody';
  if (engine.stopQuery(id, by)) return new Response(null, { status: 204 });
  throw new EngineError('ENGINE_NOT_FOUND', `There is no query ${JSON.stringify(id)}.`);
}

async function openSession(request: GatewayRequest, context: GatewayContext): Promise<Response> {
  const body = await readJsonObject(request, context);
  const grant = context.access.identifyToken(textMember(body, 'token'));
  const cookie = context.sessions.open(grant, portOf(request));
  return new Response(null, { status: 204, headers: { 'Set-Cookie': cookie, ...NO_STORE } });
}

function closeSession(request: GatewayRequest, { sessions }: GatewayContext): Response {
  const cookie = sessions.close(header(request.env.incoming.headers, 'cookie'), portOf(request));
  return new Response(null, { status: 204, headers: { 'Set-Cookie': cookie, ...NO_STORE } });
}

function portOf(request: GatewayRequest): number {
  return request.env.incoming.socket.localPort ?? 0;
}

function demoOf({ engine }: GatewayContext): DemoPort {
  if (engine.demo !== undefined) return engine.demo;
  throw new EngineError('ENGINE_NOT_FOUND', 'No demo runs here; start with `squilla up --demo`.');
}
