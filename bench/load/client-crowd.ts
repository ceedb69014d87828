/**
 * Process entry of a crowd of live clients: plain TCP sockets that speak WebSocket, each with some
 * subscriptions. It looks only at what it needs of a message, so that thousands of clients fit into
 * one core: which window it is of, and whether that is the one after the last.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { clientFrame, ServerMessages } from './client-frame.ts';
import type { CrowdCommand, CrowdOrder, CrowdReport } from './crowd-contract.ts';

/** So many connections are opened at a time; the server's queue of new ones is short. */
const OPENING_MAX = 64;

class CrowdClient {
  readonly #order: CrowdOrder;
  readonly #index: number;
  readonly #messages = new ServerMessages();
  /** Start of the last window, by subscription. */
  readonly #lastMs: number[];
  #socket: Socket | null = null;
  #counting = false;
  #schemas = 0;
  #ready: () => void = () => undefined;
  results = 0;
  missed = 0;
  bytes = 0;

  constructor(order: CrowdOrder, index: number) {
    this.#order = order;
    this.#index = index;
    this.#lastMs = Array.from({ length: order.subscriptions }, () => 0);
  }

  async open(): Promise<void> {
    const { port, queries, subscriptions } = this.#order;
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket = socket;
    socket.on('error', (error) => fail(error.message));
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    await this.#upgrade(socket);
    const ready = new Promise<void>((resolve) => (this.#ready = resolve));
    const first = this.#order.same ? 0 : this.#index * subscriptions;
    for (let i = 0; i < subscriptions; i++) {
      const query = queries[(first + i) % queries.length];
      this.#say({ type: 'subscribe', sub: String(i), query, params: {}, resume: null });
    }
    await ready;
  }

  count(): void {
    this.#counting = true;
    this.results = 0;
    this.missed = 0;
    this.bytes = 0;
  }

  close(): void {
    this.#socket?.removeAllListeners('close');
    this.#socket?.destroy();
  }

  async #upgrade(socket: Socket): Promise<void> {
    const { port } = this.#order;
    const upgraded = new Promise<void>((resolve) => {
      socket.once('data', (chunk) => {
        const end = chunk.indexOf('\r\n\r\n') + 4;
        if (!chunk.toString('latin1').startsWith('HTTP/1.1 101'))
          fail(chunk.toString('latin1', 0, 300));
        socket.on('data', (data) => this.#receive(data));
        socket.on('close', () => fail(`client ${this.#index} was disconnected`));
        if (end < chunk.length) this.#receive(chunk.subarray(end));
        resolve();
      });
    });
    socket.write(
      `GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
        'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await upgraded;
  }

  #receive(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#messages.take(
      chunk,
      (text) => this.#take(text),
      (reason) => fail(`client ${this.#index} was closed: ${reason}`),
    );
  }

  #take(text: string): void {
    const type = between(text, '"type":"', '"');
    if (type === 'error' || type === 'drop') fail(text);
    if (type === 'schema' && ++this.#schemas === this.#order.subscriptions) this.#ready();
    if (type !== 'rows') return;
    const sub = Number(between(text, '"sub":"', '"'));
    const startMs = Number(between(text, '"windowStart":', ','));
    const lastMs = this.#lastMs[sub] as number;
    this.#lastMs[sub] = startMs;
    if (!this.#counting) return;
    this.results++;
    const gap = (startMs - lastMs) / this.#order.windowMs;
    if (lastMs !== 0 && gap !== 1) this.missed += Math.abs(gap - 1);
  }

  #say(message: object): void {
    this.#socket?.write(clientFrame('text', Buffer.from(JSON.stringify(message))).bytes);
  }
}

/** The text between the first `open` and the `close` after it. */
function between(text: string, open: string, close: string): string {
  const start = text.indexOf(open);
  if (start < 0) return '';
  return text.slice(start + open.length, text.indexOf(close, start + open.length));
}

let clients: readonly CrowdClient[] = [];

function tell(report: CrowdReport): void {
  if (process.connected) process.send?.(report);
}

function fail(detail: string): void {
  tell({ type: 'failed', detail });
}

async function obey(command: CrowdCommand): Promise<void> {
  if (command.type === 'open') {
    clients = Array.from(
      { length: command.clients },
      (_, index) => new CrowdClient(command, index),
    );
    for (let at = 0; at < clients.length; at += OPENING_MAX) {
      await Promise.all(clients.slice(at, at + OPENING_MAX).map((client) => client.open()));
    }
    tell({ type: 'opened' });
  } else if (command.type === 'count') {
    for (const client of clients) client.count();
    tell({ type: 'counting' });
  } else {
    const sum = (of: (client: CrowdClient) => number): number =>
      clients.reduce((total, client) => total + of(client), 0);
    tell({
      type: 'counted',
      results: sum((client) => client.results),
      least: Math.min(...clients.map((client) => client.results)),
      missed: sum((client) => client.missed),
      bytes: sum((client) => client.bytes),
    });
  }
}

process.on('message', (command: CrowdCommand) => {
  obey(command).catch((error: unknown) => fail(String(error)));
});
process.on('disconnect', () => {
  for (const client of clients) client.close();
  process.exit(0);
});
