/**
 * The live WebSocket as sockets: frames in and out, pings, and one write per client and turn of the
 * event loop.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { ClientOutlet } from './client-outlet.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { LiveClient } from './live-clients.ts';
import { LIVE_CLOSE, LiveSession } from './live-session.ts';
import { FRAGMENT_BYTES_MIN, JoinedFrames, LiveFrames, textFrame } from './result-frames.ts';
import type { TokenGrant } from './tokens.ts';

/** Of all clients, which are told and written to one after the other. */
const FRAMES = new LiveFrames();
const JOINED = new JoinedFrames();

export class LiveSockets {
  readonly #context: GatewayContext;
  readonly #server: WebSocketServer;

  constructor(context: GatewayContext) {
    this.#context = context;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      clientTracking: false,
      // One message a turn of the event loop: five hundred subscriptions fit into what a socket is
      // read at once, and each may take a plan.
      allowSynchronousEvents: false,
      maxPayload: context.config.controlBytesMax,
    });
  }

  /** Takes over a socket that has passed all checks. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, grant: TokenGrant | null): void {
    this.#server.handleUpgrade(incoming, socket, head, (webSocket) => {
      const { remoteAddress = '', remotePort = 0 } = incoming.socket;
      const client = this.#context.clients.name('live', `${remoteAddress}:${remotePort}`);
      new LiveSocket(this.#context, webSocket, socket, client).start(grant);
    });
  }
}

class LiveSocket implements LiveClient {
  readonly #context: GatewayContext;
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #client: string;
  readonly #outlet: ClientOutlet;
  #session: LiveSession | null = null;
  #timers: NodeJS.Timeout[] = [];
  #isAlive = true;

  constructor(context: GatewayContext, webSocket: WebSocket, socket: Duplex, client: string) {
    this.#context = context;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#client = client;
    this.#outlet = new ClientOutlet({
      bytesMax: context.config.sendQueueBytesMax,
      slowMs: context.config.slowClientMs,
      counters: context.counters,
      clock: context.clock,
      flushes: context.flushes,
      encode: (frames, sub, effect) => FRAMES.append(frames, sub, effect),
      encodeDrop,
      write: (frames) => this.#write(frames),
      giveUp: () => this.#abandon(LIVE_CLOSE.slowClient, 'LIMIT_SLOW_CLIENT'),
    });
  }

  start(grant: TokenGrant | null): void {
    const session = new LiveSession({
      context: this.#context,
      client: this.#client,
      grant,
      outlet: this.#outlet,
      reply: (text) => this.#reply(text),
      close: (code, reason) => this.#webSocket.close(code, reason),
    });
    this.#session = session;
    this.#context.clients.add(this);
    this.#socket.on('drain', () => this.#outlet.drained());
    this.#webSocket.on('message', (data, isBinary) => this.#received(session, data, isBinary));
    this.#webSocket.on('pong', () => (this.#isAlive = true));
    this.#webSocket.on('close', () => this.#ended(session));
    // `close` follows every error; ws has already sent the fitting close code.
    this.#webSocket.on('error', () => this.#outlet.close());
    this.#startTimers(session);
  }

  goAway(): void {
    this.#outlet.finish();
    this.#session?.end();
    this.#webSocket.close(LIVE_CLOSE.goingAway, 'ENGINE_STOPPING');
  }

  #startTimers(session: LiveSession): void {
    const { handshakeMs, pingMs } = this.#context.config;
    const late = setTimeout(() => {
      if (!session.isKnown) this.#abandon(LIVE_CLOSE.unauthorized, 'ENGINE_UNAUTHORIZED');
    }, handshakeMs);
    this.#timers = [late, setInterval(() => this.#ping(), pingMs)];
  }

  #received(session: LiveSession, data: RawData, isBinary: boolean): void {
    this.#isAlive = true;
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    if (isBinary) this.#webSocket.close(LIVE_CLOSE.binary, 'WIRE_BAD_MESSAGE');
    else session.receive((data as Buffer).toString('utf8'));
  }

  #ping(): void {
    if (!this.#isAlive) {
      this.#webSocket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#webSocket.ping();
  }

  /** Pongs and refusals do not queue: who asks without reading is cut off. */
  #reply(text: string): void {
    if (this.#socket.writableLength > this.#context.config.sendQueueBytesMax) {
      this.#abandon(LIVE_CLOSE.slowClient, 'LIMIT_SLOW_CLIENT');
    } else {
      this.#webSocket.send(text);
    }
  }

  /**
   * Frames pass by ws, which would encode them anew for every client; it never masks nor deflates.
   * Short ones go out as one buffer, whose copy costs less than a vector of them.
   */
  #write(frames: readonly Buffer[]): boolean {
    const socket = this.#socket;
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return false;
    if (!frames.some(isLong)) {
      socket.write(JOINED.of(frames));
      return !socket.writableNeedDrain;
    }
    socket.cork();
    for (const frame of frames) socket.write(frame);
    socket.uncork();
    return !socket.writableNeedDrain;
  }

  /** Closes with a code that may never arrive, and does not wait for an answer. */
  #abandon(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
    const { handshakeMs } = this.#context.config;
    this.#timers.push(setTimeout(() => this.#webSocket.terminate(), handshakeMs));
  }

  #ended(session: LiveSession): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#outlet.close();
    this.#context.clients.delete(this);
    session.end();
  }
}

function isLong(frame: Buffer): boolean {
  return frame.length >= FRAGMENT_BYTES_MIN;
}

function encodeDrop(frames: Buffer[], sub: string, count: number): void {
  const message = { sub, id: null, type: 'drop', reason: 'slow_client', count };
  frames.push(textFrame(JSON.stringify(message)));
}
