/**
 * Port 7070 as a function from request to response. In this order: is the request for us (`Host`),
 * is it from a page of ours (`Origin`), who is it, does the path exist, may they, is the content
 * type one that a form cannot send; then the route. Whatever fails is a problem document.
 */
import { Hono } from 'hono';
import { EngineError } from '../core/errors.ts';
import { requireScope } from './access.ts';
import type { GatewayContext } from './gateway-context.ts';
import { checkOrigin } from './host-check.ts';
import { credentialsOf, header, originOf, requireJson } from './http-request.ts';
import type { GatewayEnv, GatewayRequest } from './http-request.ts';
import { problem, problemOfThrown, problemResponse } from './problem.ts';
import { HANDLERS } from './route-handlers.ts';
import { methodsOf, ROUTE_NAMES, ROUTES } from './routes.ts';
import type { RouteName } from './routes.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export function createHttpApp(context: GatewayContext): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  app.use('*', async (request, next) => {
    admit(request, context);
    await next();
    addHeaders(request);
  });
  for (const name of ROUTE_NAMES) {
    const { method, path } = ROUTES[name];
    app.on(method, path, (request) => serve(name, request, context));
  }
  app.notFound((request) => unrouted(request, context));
  app.onError((error, request) => failed(error, request, context));
  return app;
}

function admit(request: GatewayRequest, context: GatewayContext): void {
  // Pages of others show these pictures, under whatever name they reach us; the address says it
  // all.
  if (request.req.path.startsWith('/trend/')) return;
  const { incoming } = request.env;
  const isPage = incoming.method === 'GET' && !isMachinePath(request.req.path);
  const refusal = checkOrigin(context.hosts, originOf(incoming.headers, isPage));
  if (refusal !== null) throw new EngineError(refusal.code, refusal.detail);
  const port = incoming.socket.localPort ?? 0;
  request.set('grant', context.access.identify(credentialsOf(incoming.headers, port)));
}

function serve(
  name: RouteName,
  request: GatewayRequest,
  context: GatewayContext,
): Response | Promise<Response> {
  const { method, scope } = ROUTES[name];
  if (name === 'liveStream' && request.env.incoming.method === 'HEAD') {
    throw new EngineError('ENGINE_BAD_METHOD', 'An event stream has no end to measure.');
  }
  if (scope !== null) requireScope(request.get('grant'), scope);
  if (method === 'POST' || method === 'PUT') requireJson(request.env.incoming.headers);
  return HANDLERS[name](request, context);
}

/** A method the path does not know, a file of the dashboard, or nothing. */
function unrouted(request: GatewayRequest, context: GatewayContext): Response {
  const { path, method } = request.req;
  const methods = methodsOf(path);
  if (methods.length > 0) {
    const document = problem('ENGINE_BAD_METHOD', `${method} is not spoken at ${path}.`);
    return problemResponse(document, { Allow: methods.join(', ') });
  }
  const isRead = method === 'GET' || method === 'HEAD';
  const { headers } = request.env.incoming;
  const file = isRead && !isMachinePath(path) ? fileAt(path, headers, context) : null;
  return file ?? problemResponse(problem('ENGINE_NOT_FOUND', `There is nothing at ${path}.`));
}

function fileAt(
  path: string,
  headers: Parameters<typeof header>[0],
  { files }: GatewayContext,
): Response | null {
  if (files === null) return null;
  return files.answer({
    path: decoded(path),
    acceptEncoding: header(headers, 'accept-encoding'),
    ifNoneMatch: header(headers, 'if-none-match'),
  });
}

function failed(error: Error, request: GatewayRequest, context: GatewayContext): Response {
  if (!(error instanceof EngineError)) context.onDefect(error);
  const { incoming } = request.env;
  // A body that nobody read would be taken for the next request of the connection.
  const headers: Record<string, string> = incoming.complete ? {} : { Connection: 'close' };
  return problemResponse(problemOfThrown(error), { ...SECURITY_HEADERS, ...headers });
}

function addHeaders(request: GatewayRequest): void {
  const { headers } = request.res;
  if (headers.has('x-hono-already-sent')) return;
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    if (!headers.has(name)) headers.set(name, value);
  }
}

function isMachinePath(path: string): boolean {
  return (
    /^\/(?:api|v1|prometheus|-)(?:\/|$)/.test(path) ||
    path === '/metrics' ||
    path === '/openapi.json'
  );
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A stray % names no file.
    return path;
  }
}
