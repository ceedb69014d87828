/**
 * An engine for the page's tests: real HTTP and WebSocket on a loopback port, the built dashboard,
 * and results that the test scripts. It answers `query/check` with the real grammar and keeps what
 * it sent under ids, so that a resumed subscription goes on where it stopped.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { parse } from '../../../grammar/parse.ts';
import type { StreamView } from '../../../src/coordinator/views.ts';
import type { ResultMessage } from '../../../src/wire/results.ts';
import { sendFile } from './static-files.ts';
import { languageView } from '../../../src/plan/language-view.ts';

export interface Subscribed {
  readonly sub: string;
  readonly query: string;
  /** The last id the page saw, of a resumed subscription. */
  readonly resume: string | null;
  /** Under the next id; a resumed subscription counts on from where it stopped. */
  readonly send: (message: ResultMessage) => void;
}

/** What a test's engine does for a new subscription; returns what stops it. */
export type Script = (subscribed: Subscribed) => (() => void) | void;

export interface FakeEngineOptions {
  readonly files: string;
  readonly streams: readonly StreamView[];
  readonly script: Script;
  readonly demo?: boolean;
  /** Answers of further paths below `/api/`, as `v1/alerts`. */
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly token?: string;
  readonly port?: number;
}

export class FakeEngine {
  readonly #options: FakeEngineOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #stops = new Map<WebSocket, Map<string, () => void>>();
  /** Requests that were answered, as `METHOD path`. */
  readonly requests: string[] = [];
  readonly bodies: unknown[] = [];
  readonly subscriptions: { readonly query: string; readonly resume: string | null }[] = [];

  private constructor(options: FakeEngineOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    const live = new WebSocketServer({ server: this.#server, path: '/api/v1/live' });
    live.on('connection', (socket) => this.#converse(socket));
  }

  static async start(options: FakeEngineOptions): Promise<FakeEngine> {
    const engine = new FakeEngine(options);
    await new Promise<void>((resolve) => {
      engine.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return engine;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  async stop(): Promise<void> {
    for (const stops of this.#stops.values()) for (const stop of stops.values()) stop();
    this.#stops.clear();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://engine').pathname;
    this.requests.push(`${request.method ?? ''} ${path}`);
    if (!path.startsWith('/api/')) {
      sendFile(this.#options.files, path, response);
      return;
    }
    const body = await bodyOf(request);
    this.bodies.push(body);
    const known = (request.headers.cookie ?? '').includes('squilla=known');
    if (path === '/api/v1/session') {
      const right = (body as { token?: unknown } | null)?.token === this.#options.token;
      sendJson(response, right ? 200 : 401, {}, right ? { 'set-cookie': COOKIE } : {});
    } else if (this.#options.token !== undefined && !known) {
      sendJson(response, 401, { title: 'who are you', status: 401 });
    } else {
      this.#answerApi(path, body, response);
    }
  }

  #answerApi(path: string, body: unknown, response: ServerResponse): void {
    const { streams, demo = false, answers = {} } = this.#options;
    const answer = answers[path.replace('/api/', '')];
    if (answer !== undefined) return sendJson(response, 200, answer);
    switch (path) {
      case '/api/v1/streams':
        return sendJson(response, 200, { streams });
      case '/api/v1/status':
        return sendJson(response, 200, { version: '0.1.0', demo });
      case '/api/v1/language':
        return sendJson(response, 200, languageView());
      case '/api/v1/query/check': {
        const { query } = body as { query: string };
        const { diagnostics } = parse(query);
        return sendJson(response, 200, { canonical: null, columns: [], diagnostics });
      }
      case '/api/v1/demo/break':
      case '/api/v1/demo/heal':
        return sendJson(response, 200, { done: true });
      default:
        return sendJson(response, 404, { title: 'not found', status: 404 });
    }
  }

  #converse(socket: WebSocket): void {
    const stops = new Map<string, () => void>();
    this.#stops.set(socket, stops);
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as {
        type: string;
        sub: string;
        query: string;
        resume?: string;
      };
      if (message.type === 'unsubscribe') {
        stops.get(message.sub)?.();
        stops.delete(message.sub);
      }
      if (message.type !== 'subscribe') return;
      const { sub, query, resume = null } = message;
      this.subscriptions.push({ query, resume });
      let counter = resume === null ? 0 : Number(resume.split('-')[1]);
      const send = (result: ResultMessage): void => {
        counter++;
        socket.send(JSON.stringify({ sub, id: `fake-${counter}`, ...result }));
      };
      const stop = this.#options.script({ sub, query, resume, send });
      if (stop !== undefined) stops.set(sub, stop);
    });
    socket.on('close', () => {
      for (const stop of stops.values()) stop();
      this.#stops.delete(socket);
    });
  }
}

const COOKIE = 'squilla=known; HttpOnly; SameSite=Strict; Path=/';

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? null : JSON.parse(text);
}
