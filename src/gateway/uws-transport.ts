/**
 * The ingest port over uWebSockets.js. Frames are borrowed: uWebSockets.js takes its memory back
 * when the handler returns. An app that is still open when its thread ends aborts the whole
 * process, so {@link IngestListener.close} must run first, and it closes everything at once.
 * Nothing may throw out of a handler either; callers guard theirs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpRequest, TemplatedApp, WebSocket, WebSocketBehavior } from 'uWebSockets.js';
import { SUBPROTOCOL } from '../wire/agent-messages.ts';
import { freePort } from './free-port.ts';
import { createHostPolicy } from './host-check.ts';
import { INGEST_CLOSE, judgeUpgrade } from './ingest-transport.ts';
import type {
  ConnectionKind,
  IngestHandlers,
  IngestListener,
  IngestListenOptions,
  UpgradeHeaders,
} from './ingest-transport.ts';
import { listenError } from './listen-error.ts';
import { PROBLEM_TYPE } from './problem.ts';
import { serveUws } from './uws-requests.ts';
import type { Uws } from './uws-binary.ts';

interface ConnectionData {
  readonly kind: ConnectionKind;
  connection: number;
}

type Socket = WebSocket<ConnectionData>;

/** Others may take a free port in the same moment. */
const FREE_PORT_TRIES = 5;
const EXCLUSIVE_PORT = 1;
const SHARED_PORT = 0;

export async function listenUws(
  uws: Uws,
  options: IngestListenOptions,
  handlers: IngestHandlers,
): Promise<IngestListener> {
  const listener = new UwsListener(uws, options, handlers);
  await listener.listen();
  return listener;
}

class UwsListener implements IngestListener {
  readonly #uws: Uws;
  readonly #options: IngestListenOptions;
  readonly #handlers: IngestHandlers;
  readonly #app: TemplatedApp;
  readonly #sockets = new Map<number, Socket>();
  /** Asked by a ping and not heard of since. */
  readonly #silent = new Set<number>();
  #nextConnection = 1;
  #pings: NodeJS.Timeout | null = null;
  #isClosed = false;
  #port = 0;

  constructor(uws: Uws, options: IngestListenOptions, handlers: IngestHandlers) {
    this.#uws = uws;
    this.#options = options;
    this.#handlers = handlers;
    this.#app = createApp(uws, options.tls);
    this.#app.ws<ConnectionData>('/*', this.#behavior());
    this.#app.any('/*', (response, request) => {
      serveUws(response, request, (head, readBody) => handlers.request(head, readBody));
    });
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<void> {
    const { host, port, config } = this.#options;
    const tries = port === 0 ? FREE_PORT_TRIES : 1;
    for (let i = 0; i < tries && this.#port === 0; i++) {
      const wanted = port === 0 ? await freePort(host) : port;
      if (await this.#listenOn(wanted)) this.#port = wanted;
    }
    if (this.#port === 0) {
      this.#app.close();
      const cause = Object.assign(new Error('listen failed'), { code: 'EADDRINUSE' });
      throw listenError(cause, { host, port, flag: '--ingest-port' });
    }
    this.#pings = setInterval(() => this.#ping(), config.pingMs);
  }

  #listenOn(port: number): Promise<boolean> {
    const { host, shared } = this.#options;
    return new Promise((resolve) => {
      // The types forget that host and options may be given together.
      const listen = this.#app.listen.bind(this.#app) as unknown as ListenWithOptions;
      const how = shared ? SHARED_PORT : EXCLUSIVE_PORT;
      listen(host, port, how, (token) => resolve(token !== false));
    });
  }

  send(connection: number, data: string | Uint8Array): void {
    const socket = this.#sockets.get(connection);
    if (socket === undefined) return;
    socket.send(data, typeof data !== 'string');
    if (socket.getBufferedAmount() > this.#options.config.sendQueueBytesMax) socket.close();
  }

  disconnect(connection: number, code: number, reason: string): void {
    this.#sockets.get(connection)?.end(code, reason.slice(0, REASON_LENGTH_MAX));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#pings !== null) clearInterval(this.#pings);
    for (const socket of [...this.#sockets.values()]) {
      socket.end(INGEST_CLOSE.goingAway, 'ENGINE_STOPPING');
    }
    this.#app.close();
  }

  #behavior(): WebSocketBehavior<ConnectionData> {
    const { config } = this.#options;
    const policy = createHostPolicy({ ...this.#options, bindHost: this.#options.host });
    return {
      maxPayloadLength: config.frameBytesMax,
      maxBackpressure: config.sendQueueBytesMax * 2,
      compression: this.#uws.DISABLED,
      // Pings are sent here, as in the other adapter, so that both notice silence alike.
      idleTimeout: 0,
      sendPingsAutomatically: false,
      upgrade: (response, request, context) => {
        const headers = upgradeHeaders(request);
        const verdict = judgeUpgrade(headers, policy, this.connections, config);
        if (!verdict.ok) {
          const { status, title } = verdict.problem;
          response.writeStatus(`${status} ${title}`).writeHeader('Content-Type', PROBLEM_TYPE);
          response.end(JSON.stringify(verdict.problem), true);
          return;
        }
        response.upgrade<ConnectionData>(
          { kind: verdict.kind, connection: 0 },
          request.getHeader('sec-websocket-key'),
          verdict.kind === 'agent' ? SUBPROTOCOL : '',
          '',
          context,
        );
      },
      open: (socket) => this.#opened(socket),
      message: (socket, message, isBinary) => this.#received(socket, message, isBinary),
      pong: (socket) => this.#silent.delete(socket.getUserData().connection),
      close: (socket) => this.#ended(socket),
    };
  }

  #opened(socket: Socket): void {
    const data = socket.getUserData();
    data.connection = this.#nextConnection++;
    this.#sockets.set(data.connection, socket);
    this.#handlers.open(data.connection, data.kind);
  }

  #received(socket: Socket, message: ArrayBuffer, isBinary: boolean): void {
    const { connection } = socket.getUserData();
    this.#silent.delete(connection);
    if (isBinary) this.#handlers.binary(connection, new Uint8Array(message));
    else this.#handlers.text(connection, Buffer.from(message).toString('utf8'));
  }

  #ended(socket: Socket): void {
    const { connection } = socket.getUserData();
    this.#sockets.delete(connection);
    this.#silent.delete(connection);
    this.#handlers.closed(connection);
  }

  #ping(): void {
    for (const [connection, socket] of [...this.#sockets]) {
      if (this.#silent.has(connection)) socket.close();
      else {
        this.#silent.add(connection);
        socket.ping();
      }
    }
  }
}

type ListenWithOptions = (
  host: string,
  port: number,
  options: number,
  callback: (token: object | false) => void,
) => void;

/** RFC 6455 leaves 123 bytes. */
const REASON_LENGTH_MAX = 120;

function upgradeHeaders(request: HttpRequest): UpgradeHeaders {
  return {
    host: request.getHeader('host'),
    origin: request.getHeader('origin'),
    fetchSite: request.getHeader('sec-fetch-site'),
    fetchMode: request.getHeader('sec-fetch-mode'),
    isPage: false,
    protocols: request.getHeader('sec-websocket-protocol'),
  };
}

/** uWebSockets.js takes certificates from files only, and reads them here and now. */
function createApp(uws: Uws, tls: IngestListenOptions['tls']): TemplatedApp {
  if (tls === null) return uws.App();
  const folder = mkdtempSync(join(tmpdir(), 'squilla-tls-'));
  try {
    const certFile = join(folder, 'cert.pem');
    const keyFile = join(folder, 'key.pem');
    writeFileSync(certFile, tls.cert, { mode: 0o600 });
    writeFileSync(keyFile, tls.key, { mode: 0o600 });
    return uws.SSLApp({ cert_file_name: certFile, key_file_name: keyFile });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
