/**
 * The sockets of an agent, one after the other: opened, listened to, written to and hung up. A
 * socket that was given up is not listened to any more. Nothing here keeps the process alive.
 */
import WebSocket from 'ws';
import type { Config } from '../src/config.ts';
import { SUBPROTOCOL } from '../src/wire/agent-messages.ts';
import { PLANS_LENGTH_MAX } from '../src/wire/message-codec.ts';
import { FramePacker } from './frame-packer.ts';
import type { Compression } from './frame-packer.ts';
import { FrameQueue } from './frame-queue.ts';
import type { SessionInput } from './session-contract.ts';

/** Of close frames: the peer's answer is waited for no longer. */
const CLOSE_WAIT_MS = 500;

export interface AgentSocketOptions {
  readonly frameMask: 'zero' | 'random';
  readonly compression: Compression;
  readonly now: () => number;
  readonly hear: (input: SessionInput) => void;
  /** A connection that was hung up is closed at last. */
  readonly onGone: () => void;
}

interface Connection {
  readonly socket: WebSocket;
  readonly queue: FrameQueue;
}

export class AgentSocket {
  readonly #options: AgentSocketOptions;
  /** Null: not connected, nor about to be. */
  #connection: Connection | null = null;
  /** Those that were hung up and are not closed yet. */
  readonly #hangingUp = new Set<WebSocket>();

  constructor(options: AgentSocketOptions) {
    this.#options = options;
  }

  /** Bytes that were not written yet. */
  get bytes(): number {
    return this.#connection?.queue.bytes ?? 0;
  }

  get isGone(): boolean {
    return this.#connection === null && this.#hangingUp.size === 0;
  }

  connect(url: string, limits: Config): void {
    const { compression, frameMask, hear, now } = this.#options;
    const socket = openSocket(url, frameMask, limits);
    if (socket === null) {
      // Not within the call that asked for it: the session would connect again at once.
      setImmediate(() => hear({ type: 'closed', reason: `bad address ${url}` })).unref();
      return;
    }
    const queue = new FrameQueue(socket, FramePacker.for(compression, url), now);
    this.#connection = { socket, queue };
    let reason = 'connection closed';
    socket.on('open', () => this.#hear(socket, { type: 'opened' }));
    socket.on('message', (data, isBinary) => {
      const text = isBinary ? '' : (data as Buffer).toString('utf8');
      this.#hear(socket, { type: 'text', text });
    });
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => this.#hear(socket, { type: 'closed', reason }));
  }

  text(text: string): void {
    this.#connection?.queue.text(text);
  }

  /** `mayPack`: the engine takes packed frames. */
  frame(bytes: Uint8Array, mayPack: boolean): void {
    this.#connection?.queue.frame(bytes, mayPack);
  }

  /** `isLast`: the process may be kept for the goodbye. */
  disconnect(isAbrupt: boolean, isLast: boolean): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    const { queue, socket } = connection;
    this.#hangingUp.add(socket);
    socket.once('close', () => {
      this.#hangingUp.delete(socket);
      this.#options.onGone();
    });
    if (isAbrupt || socket.readyState !== WebSocket.OPEN) {
      socket.terminate();
      return;
    }
    queue.whenEmpty(() => socket.close(1000));
    const timer = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS);
    socket.once('close', () => clearTimeout(timer));
    if (!isLast) timer.unref();
  }

  #hear(socket: WebSocket, input: SessionInput): void {
    if (socket !== this.#connection?.socket) return;
    if (input.type === 'closed') this.#connection = null;
    this.#options.hear(input);
  }
}

/** Null: not an address. The socket is unreferenced before it can hold the process. */
function openSocket(url: string, mask: 'zero' | 'random', limits: Config): WebSocket | null {
  try {
    return new WebSocket(url, SUBPROTOCOL, {
      perMessageDeflate: false,
      handshakeTimeout: limits.handshakeMs,
      maxPayload: PLANS_LENGTH_MAX,
      finishRequest: (request) => {
        request.on('socket', (socket) => socket.unref());
        request.end();
      },
      // A zero key leaves the bytes as they are; see docs/protocol.md, "Masking".
      ...(mask === 'zero' ? { generateMask: () => undefined } : {}),
    });
  } catch {
    return null;
  }
}
