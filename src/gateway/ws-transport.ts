/**
 * The ingest port over the npm package ws: runs everywhere. Frames are handed on where they lie,
 * but for those that do not start at a multiple of 8, which go through a scratch buffer so that
 * receivers can put typed arrays on them. Sharing a port needs Node 22.12 or newer (`reusePort`).
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, ListenOptions } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { SUBPROTOCOL } from '../wire/agent-messages.ts';
import { createHostPolicy } from './host-check.ts';
import type { HostPolicy } from './host-check.ts';
import { header, originOf } from './http-request.ts';
import { INGEST_CLOSE, judgeUpgrade } from './ingest-transport.ts';
import type {
  ConnectionKind,
  IngestHandlers,
  IngestListener,
  IngestListenOptions,
} from './ingest-transport.ts';
import { listenError } from './listen-error.ts';
import { serveNode } from './node-requests.ts';
import { rawResponse } from './problem.ts';

export async function listenWs(
  options: IngestListenOptions,
  handlers: IngestHandlers,
): Promise<IngestListener> {
  const listener = new WsListener(options, handlers);
  await listener.listen();
  return listener;
}

class WsListener implements IngestListener {
  readonly #options: IngestListenOptions;
  readonly #handlers: IngestHandlers;
  readonly #policy: HostPolicy;
  readonly #http: Server;
  readonly #server: WebSocketServer;
  readonly #sockets = new Map<number, WebSocket>();
  readonly #silent = new Set<number>();
  #nextConnection = 1;
  #pings: NodeJS.Timeout | null = null;
  #scratch = new Uint8Array(64 * 1024);

  constructor(options: IngestListenOptions, handlers: IngestHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#policy = createHostPolicy({ ...options, bindHost: options.host });
    this.#http = createHttp(options, handlers);
    this.#http.on('upgrade', (incoming, socket, head) => this.#upgrade(incoming, socket, head));
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      clientTracking: false,
      maxPayload: options.config.frameBytesMax,
      handleProtocols: (names) => (names.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
  }

  get port(): number {
    return (this.#http.address() as AddressInfo | null)?.port ?? 0;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  listen(): Promise<void> {
    const { host, port, shared, config } = this.#options;
    const target: ListenOptions & { reusePort: boolean } = {
      host,
      port,
      exclusive: true,
      reusePort: shared,
    };
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(listenError(error, { host, port, flag: '--ingest-port' }));
      this.#http.once('error', failed);
      this.#http.listen(target, () => {
        this.#http.off('error', failed);
        // A connection that cannot be taken, for want of descriptors, comes again by itself.
        this.#http.on('error', () => undefined);
        this.#pings = setInterval(() => this.#ping(), config.pingMs);
        resolve();
      });
    });
  }

  send(connection: number, data: string | Uint8Array): void {
    const socket = this.#sockets.get(connection);
    if (socket === undefined || socket.readyState !== socket.OPEN) return;
    // ws keeps what it cannot send at once, and the caller's bytes are only borrowed.
    socket.send(typeof data === 'string' ? data : Buffer.from(data));
    if (socket.bufferedAmount > this.#options.config.sendQueueBytesMax) socket.terminate();
  }

  disconnect(connection: number, code: number, reason: string): void {
    const socket = this.#sockets.get(connection);
    if (socket === undefined) return;
    socket.close(code, reason.slice(0, REASON_LENGTH_MAX));
    const late = setTimeout(() => socket.terminate(), this.#options.config.handshakeMs);
    late.unref();
    socket.once('close', () => clearTimeout(late));
  }

  close(): void {
    if (this.#pings !== null) clearInterval(this.#pings);
    this.#http.close();
    for (const connection of [...this.#sockets.keys()]) {
      this.disconnect(connection, INGEST_CLOSE.goingAway, 'ENGINE_STOPPING');
    }
    this.#http.closeIdleConnections();
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until ws takes over nobody else listens, and an unheard error would end the process.
    socket.on('error', () => socket.destroy());
    const headers = {
      ...originOf(incoming.headers, false),
      protocols: header(incoming.headers, 'sec-websocket-protocol'),
    };
    const verdict = judgeUpgrade(headers, this.#policy, this.connections, this.#options.config);
    if (!verdict.ok) {
      socket.end(rawResponse(verdict.problem));
      return;
    }
    this.#server.handleUpgrade(incoming, socket, head, (webSocket) =>
      this.#opened(webSocket, verdict.kind),
    );
  }

  #opened(socket: WebSocket, kind: ConnectionKind): void {
    const connection = this.#nextConnection++;
    this.#sockets.set(connection, socket);
    socket.on('message', (data, isBinary) => this.#received(connection, data, isBinary));
    socket.on('pong', () => this.#silent.delete(connection));
    socket.on('close', () => {
      this.#sockets.delete(connection);
      this.#silent.delete(connection);
      this.#handlers.closed(connection);
    });
    // `close` follows every error; ws has already sent the fitting close code.
    socket.on('error', () => this.#silent.add(connection));
    this.#handlers.open(connection, kind);
  }

  #received(connection: number, data: RawData, isBinary: boolean): void {
    this.#silent.delete(connection);
    const socket = this.#sockets.get(connection);
    if (socket === undefined || socket.readyState !== socket.OPEN) return;
    const bytes = data as Buffer;
    if (isBinary) this.#handlers.binary(connection, this.#aligned(bytes));
    else this.#handlers.text(connection, bytes.toString('utf8'));
  }

  #aligned(bytes: Buffer): Uint8Array {
    if (bytes.byteOffset % 8 === 0) return bytes;
    if (bytes.length > this.#scratch.length) this.#scratch = new Uint8Array(bytes.length);
    this.#scratch.set(bytes);
    return this.#scratch.subarray(0, bytes.length);
  }

  #ping(): void {
    for (const [connection, socket] of this.#sockets) {
      if (this.#silent.has(connection)) socket.terminate();
      else {
        this.#silent.add(connection);
        socket.ping();
      }
    }
  }
}

/** RFC 6455 leaves 123 bytes. */
const REASON_LENGTH_MAX = 120;

function createHttp({ tls, config }: IngestListenOptions, handlers: IngestHandlers): Server {
  const timeouts = { requestTimeout: config.requestMs, headersTimeout: config.handshakeMs };
  const server = tls === null ? createServer(timeouts) : createTlsServer({ ...timeouts, ...tls });
  server.on('request', (incoming, outgoing) => {
    void serveNode(incoming, outgoing, (head, readBody) => handlers.request(head, readBody));
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}
