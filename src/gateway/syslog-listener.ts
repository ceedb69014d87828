/**
 * Syslog over UDP and TCP on one port number: a datagram is a message, a connection has them one
 * after the other. A connection that brings more than shards take waits, as TCP lets it.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Config } from '../config.ts';
import type { Logger } from '../observe/logger.ts';
import { syslogHead } from '../translate/syslog-frames.ts';
import { readUtf8 } from '../wire/utf8.ts';
import { BodyBatcher } from './body-batcher.ts';
import type { ListenerEngine } from './body-batcher.ts';
import { DatagramListener } from './datagram-listener.ts';
import { listenTcp } from './listen-tcp.ts';
import type { ListenerAddress, OpenListener } from './open-listener.ts';
import { SyslogSplitter } from './syslog-splitter.ts';

export const SYSLOG_STREAM = 'syslog';

const FILL_MAX = 0.5;
const PAUSE_MS = 10;
const HTTP_METHOD_BYTES = 8;
/** With port 0, a port that is free for TCP may be taken for UDP. */
const TRIES = 5;

/** @throws EngineError ENGINE_PORT_IN_USE */
export async function openSyslog(
  address: ListenerAddress,
  parts: SyslogParts,
): Promise<OpenListener> {
  const listener = new SyslogListener(parts);
  for (let left = address.port === 0 ? TRIES : 1; ; left--) {
    try {
      await listener.open(address);
      return listener;
    } catch (error) {
      if (left <= 1) throw error;
    }
  }
}

export interface SyslogParts {
  readonly engine: ListenerEngine;
  readonly config: Config;
  readonly log: Logger;
}

class SyslogListener implements OpenListener {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #batcher: BodyBatcher;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #datagrams: DatagramListener | null = null;

  constructor({ engine, config, log }: SyslogParts) {
    const format = { kind: 'syslog' } as const;
    const kind = { stream: SYSLOG_STREAM, format, timeField: null, slackMs: 0 } as const;
    this.#config = config;
    this.#log = log;
    this.#batcher = new BodyBatcher(kind, engine, config);
  }

  get port(): number {
    return this.#datagrams?.port ?? 0;
  }

  async open(address: ListenerAddress): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    const port = await listenTcp(server, address);
    try {
      this.#datagrams = await DatagramListener.open({
        ...{ ...address, port },
        onDatagram: (bytes, from) => this.#message(bytes, from.address),
        onOverflow: (datagrams) => this.#batcher.lost('udp', datagrams),
      });
    } catch (error) {
      server.close();
      throw error;
    }
    this.#server = server;
  }

  close(): void {
    this.#server?.close();
    this.#datagrams?.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#batcher.flush();
  }

  #accept(socket: Socket): void {
    const { syslogConnectionsMax } = this.#config;
    if (this.#sockets.size >= syslogConnectionsMax) {
      const code = 'LIMIT_CLIENTS';
      this.#log.warn(`more than ${syslogConnectionsMax} connections of syslog`, { code });
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    const peer = socket.remoteAddress ?? 'unknown';
    const splitter = new SyslogSplitter(this.#config.lineBytesMax);
    const tellRefused = (): void => {
      this.#batcher.lost('oversize', splitter.refused);
      splitter.refused = 0;
    };
    let isFirst = true;
    this.#watchIdle(socket, splitter);
    socket.on('data', (bytes) => {
      if (isFirst && isHttp(bytes)) {
        this.#batcher.lost('malformed', 1);
        socket.destroy();
        return;
      }
      isFirst = false;
      for (const message of splitter.push(bytes)) this.#message(Buffer.from(message), peer);
      tellRefused();
      socket.setTimeout(splitter.isBetween ? this.#config.syslogIdleMs : this.#config.requestMs);
      this.#holdBack(socket);
    });
    socket.on('end', () => {
      const last = splitter.end();
      if (last !== null) this.#message(Buffer.from(last), peer);
      tellRefused();
    });
    socket.on('close', () => this.#sockets.delete(socket));
    // `close` follows.
    socket.on('error', () => undefined);
  }

  /**
   * Senders keep a connection for their next message, for hours; one that says nothing at first, or
   * stops in the middle of a message, only takes the place of another. Dead peers are found by
   * TCP itself.
   */
  #watchIdle(socket: Socket, splitter: SyslogSplitter): void {
    socket.setKeepAlive(true, this.#config.requestMs);
    socket.setTimeout(this.#config.requestMs);
    socket.on('timeout', () => {
      // It is not its fault while nobody reads it.
      if (socket.isPaused()) return;
      if (!splitter.isBetween) this.#batcher.lost('malformed', 1);
      socket.destroy();
    });
  }

  #message(bytes: Buffer, peer: string): void {
    this.#batcher.add([syslogHead(peer, bytes.length), bytes]);
  }

  #holdBack(socket: Socket): void {
    if (this.#batcher.fill < FILL_MAX) return;
    socket.pause();
    const look = (): void => {
      if (this.#batcher.fill < FILL_MAX) socket.resume();
      else if (!socket.destroyed) setTimeout(look, PAUSE_MS).unref();
    };
    setTimeout(look, PAUSE_MS).unref();
  }
}

/**
 * A page in a browser on this machine can make it send HTTP to any port; its lines are no messages.
 */
function isHttp(bytes: Uint8Array): boolean {
  const head = readUtf8(bytes, 0, Math.min(bytes.length, HTTP_METHOD_BYTES));
  return /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE) /.test(head);
}
