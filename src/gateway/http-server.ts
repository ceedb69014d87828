/**
 * Port 7070 as sockets: one node:http (or https) server that carries the Hono app and the live
 * WebSocket. Upgrades pass the same checks as requests before a WebSocket exists.
 */
import { createServer, ServerResponse } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import type { Problem } from '../wire/results.ts';
import { Access } from './access.ts';
import type { TlsPem } from './bind-check.ts';
import { BodyBudget } from './body-budget.ts';
import { FlushRound } from './client-outlet.ts';
import type { EnginePort } from './engine-port.ts';
import type { GatewayContext, GatewayCounters } from './gateway-context.ts';
import { checkOrigin, createHostPolicy } from './host-check.ts';
import { createHttpApp } from './http-app.ts';
import { credentialsOf, originOf } from './http-request.ts';
import { LiveClients } from './live-clients.ts';
import { LiveSockets } from './live-socket.ts';
import { listenError } from './listen-error.ts';
import { problem, problemOfThrown, rawResponse } from './problem.ts';
import { ROUTES } from './routes.ts';
import { Sessions } from './sessions.ts';
import { StaticFiles } from './static-files.ts';
import { TokenStore } from './tokens.ts';
import type { StoredToken, TokenGrant } from './tokens.ts';

export interface HttpServerOptions {
  readonly engine: EnginePort;
  readonly config: Config;
  readonly clock: Clock;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: TlsPem | null;
  readonly tokens: readonly StoredToken[];
  /** False: loopback without tokens. */
  readonly needsToken: boolean;
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  /** Folder of the built dashboard; null: none. */
  readonly dashboardFolder: string | null;
  /** Anything thrown that is a defect of ours. */
  onDefect(error: unknown): void;
}

export interface HttpServer {
  readonly port: number;
  readonly counters: Readonly<GatewayCounters>;
  /** Open event streams and live sockets. */
  readonly clientCount: number;
  readonly bodyBytesInFlight: number;
  /** Sends clients what waits for them, says goodbye, and frees the port within `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** @throws EngineError ENGINE_PORT_IN_USE */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const context = createContext(options);
  const app = createHttpApp(context);
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createNodeServer(
    options,
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  const live = new LiveSockets(context);
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until ws takes over nobody else listens, and an unheard error would end the process.
    socket.on('error', () => socket.destroy());
    if (isForWebSocket(incoming)) upgrade(context, live, { incoming, socket, head });
    else serveWithout(incoming, socket as Socket, listener);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (socket.writable) socket.end(rawResponse(malformed(error)));
  });
  server.maxConnections = options.config.connectionsMax;
  server.on('drop', () => context.counters.refusedConnections++);
  await listen(server, options);
  // A connection that cannot be taken, for want of descriptors, is the loss of whoever came.
  server.on('error', (error) => options.onDefect(error));
  return {
    port: (server.address() as AddressInfo).port,
    counters: context.counters,
    get clientCount() {
      return context.clients.size;
    },
    get bodyBytesInFlight() {
      return context.bodies.bytesInFlight;
    },
    close: (graceMs) => close(server, context, graceMs),
  };
}

function createContext(options: HttpServerOptions): GatewayContext {
  const { engine, config, clock, needsToken } = options;
  const { sessionMs, sessionsMax } = config;
  const sessions = new Sessions({ sessionMs, sessionsMax, clock, secure: options.tls !== null });
  return {
    engine,
    config,
    clock,
    hosts: createHostPolicy({
      bindHost: options.host,
      allowedHosts: options.allowedHosts ?? [],
      allowedOrigins: options.allowedOrigins ?? [],
    }),
    access: new Access({ tokens: new TokenStore(options.tokens), sessions, needsToken }),
    sessions,
    bodies: new BodyBudget(config.bodiesInFlightMax),
    flushes: new FlushRound(),
    counters: { conflated: 0, dropped: 0, slowClients: 0, refusedConnections: 0 },
    clients: new LiveClients(config.clientsMax),
    files: options.dashboardFolder === null ? null : StaticFiles.list(options.dashboardFolder),
    onDefect: (error) => options.onDefect(error),
  };
}

function createNodeServer(
  { tls, config }: HttpServerOptions,
  listener: Parameters<typeof createServer>[1] & {},
): Server {
  const { requestMs, handshakeMs } = config;
  const timeouts = {
    requestTimeout: requestMs,
    headersTimeout: Math.min(handshakeMs, requestMs),
    noDelay: true,
  };
  if (tls === null) return createServer(timeouts, listener);
  return createTlsServer({ ...timeouts, ...tls, minVersion: 'TLSv1.2' }, listener);
}

function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(listenError(error, { host, port, flag: '--port' }));
    };
    server.once('error', failed);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

interface UpgradeRequest {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function malformed(error: NodeJS.ErrnoException): Problem {
  if (error.code !== 'HPE_HEADER_OVERFLOW') return problem('ENGINE_BAD_REQUEST', 'Not HTTP.');
  return problem('ENGINE_HEAD_TOO_LARGE', 'Address and headers are over 16 KB.');
}

function isForWebSocket(incoming: IncomingMessage): boolean {
  return (incoming.headers.upgrade ?? '').toLowerCase() === 'websocket';
}

/**
 * Clients may offer an upgrade (`h2c`) and must take an answer without one. node:http has given up
 * such a connection, so the answer is its last; a body could not be read any more.
 */
function serveWithout(
  incoming: IncomingMessage,
  socket: Socket,
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = incoming.headers;
  if (length !== '0' || encoding !== undefined) {
    const detail = 'A request with a body must not offer an upgrade.';
    socket.end(rawResponse(problem('ENGINE_BAD_REQUEST', detail)));
    return;
  }
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.once('finish', () => socket.end());
  void listener(incoming, outgoing);
}

function upgrade(context: GatewayContext, live: LiveSockets, request: UpgradeRequest): void {
  const { incoming, socket, head } = request;
  try {
    const grant = admitUpgrade(context, incoming);
    live.upgrade(incoming, socket, head, grant);
  } catch (error) {
    if (!(error instanceof EngineError)) context.onDefect(error);
    socket.end(rawResponse(problemOfThrown(error)));
  }
}

function admitUpgrade(context: GatewayContext, incoming: IncomingMessage): TokenGrant | null {
  const refusal = checkOrigin(context.hosts, originOf(incoming.headers, false));
  if (refusal !== null) throw new EngineError(refusal.code, refusal.detail);
  const path = (incoming.url ?? '').split('?', 1)[0] ?? '';
  if (path !== ROUTES.liveSocket.path) {
    throw new EngineError('ENGINE_NOT_FOUND', `The live socket is at ${ROUTES.liveSocket.path}.`);
  }
  context.clients.assertRoom();
  const port = incoming.socket.localPort ?? 0;
  return context.access.identify(credentialsOf(incoming.headers, port));
}

async function close(server: Server, context: GatewayContext, graceMs: number): Promise<void> {
  context.clients.goAway();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(late);
}
