/**
 * One WebSocket to the engine for everything live. It reconnects by itself with growing, jittered
 * waits and resumes every subscription after the last id it saw, so a result goes on without a hole
 * or with the gap the engine tells. A result that ends as its link closes ended because the engine
 * was stopped; it goes on with the engine that comes next. A link that says nothing while something
 * runs is dead and is closed. Sockets, timers and chance are given, so tests drive it without a
 * network.
 */
import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { ResultMessage } from '../src/wire/results.ts';
import type { ValueObject } from '../src/model/value.ts';
import {
  LINK_CHECK_MS,
  LINK_SILENCE_MS,
  RECONNECT_MAX_MS,
  RECONNECT_MIN_MS,
  STOP_MS,
} from './limits.ts';

export type Link =
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'open' }
  | { readonly state: 'away'; readonly attempt: number; readonly since: number };

/** The part of WebSocket that is used. */
export interface Socket {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface ConnectionHost {
  openSocket(): Socket;
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Returns what cancels the call. */
  after(ms: number, call: () => void): () => void;
}

export type ResultListener = (message: ResultMessage) => void;

export interface Subscription {
  readonly close: () => void;
}

interface Entry {
  readonly sub: string;
  readonly query: string;
  readonly params: ValueObject;
  readonly listener: ResultListener;
  lastId: string | null;
  /** When the engine said `end`; null while it has not. */
  endedAt: number | null;
}

const RESULT_TYPES: ReadonlySet<unknown> = new Set([
  'schema',
  'rows',
  'progress',
  'completeness',
  'gap',
  'drop',
  'error',
  'end',
]);

/** Reasons of an `end` after which there is nothing more to come. */
const WHOLE_RESULTS: ReadonlySet<string> = new Set(['limit', 'explained']);

const OPEN = 1;

export class Connection {
  readonly #host: ConnectionHost;
  readonly #link = signal<Link>({ state: 'connecting', attempt: 0 });
  readonly #entries = new Map<string, Entry>();
  #socket: Socket | null = null;
  #attempt = 0;
  #nextSub = 1;
  #heardAt = 0;
  #checkedAt = 0;
  #cancelRetry: (() => void) | null = null;
  #awaySince: number | null = null;

  constructor(host: ConnectionHost) {
    this.#host = host;
  }

  get link(): ReadonlySignal<Link> {
    return this.#link;
  }

  start(): void {
    this.#connect();
    this.#watch();
  }

  /** Skips the wait before the next attempt. */
  retryNow(): void {
    if (this.#socket !== null) return;
    this.#cancelRetry?.();
    this.#connect();
  }

  /** A new socket, so that it carries a cookie that came after the old one was opened. */
  restart(): void {
    const socket = this.#socket;
    if (socket !== null) {
      socket.close();
      this.#closed(socket);
    }
    this.retryNow();
  }

  subscribe(query: string, params: ValueObject, listener: ResultListener): Subscription {
    const sub = `s${this.#nextSub++}`;
    const entry: Entry = { sub, query, params, listener, lastId: null, endedAt: null };
    this.#entries.set(sub, entry);
    this.#sendSubscribe(entry);
    return {
      close: () => {
        if (this.#entries.delete(sub)) this.#send({ type: 'unsubscribe', sub });
      },
    };
  }

  #connect(): void {
    this.#cancelRetry = null;
    const socket = this.#host.openSocket();
    this.#socket = socket;
    this.#heardAt = this.#host.now();
    if (this.#awaySince === null)
      this.#link.value = { state: 'connecting', attempt: this.#attempt };
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#received(event.data);
    };
    socket.onclose = () => this.#closed(socket);
  }

  #opened(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#attempt = 0;
    this.#awaySince = null;
    this.#heardAt = this.#host.now();
    this.#link.value = { state: 'open' };
    for (const entry of this.#live()) this.#sendSubscribe(entry);
  }

  #closed(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#settleEnded();
    this.#attempt++;
    this.#awaySince ??= this.#host.now();
    this.#link.value = { state: 'away', attempt: this.#attempt, since: this.#awaySince };
    const ceiling = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** Math.min(this.#attempt, 10));
    const waitMs = ceiling * (0.5 + this.#host.random() / 2);
    this.#cancelRetry = this.#host.after(waitMs, () => this.#connect());
  }

  #received(data: unknown): void {
    this.#heardAt = this.#host.now();
    const message = typeof data === 'string' ? messageFrom(data) : null;
    if (message === null) return;
    const entry = this.#entries.get(message.sub);
    if (entry === undefined) return;
    if (message.id !== null) entry.lastId = message.id;
    if (message.result.type === 'end') {
      if (WHOLE_RESULTS.has(message.result.reason)) this.#entries.delete(entry.sub);
      else entry.endedAt = this.#heardAt;
    }
    if (message.result.type === 'error' && isRefusal(message.result.problem.status)) {
      this.#entries.delete(entry.sub);
    }
    entry.listener(message.result);
  }

  #live(): readonly Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.endedAt === null);
  }

  #settleEnded(): void {
    for (const entry of this.#entries.values()) {
      if (entry.endedAt === null) continue;
      if (this.#host.now() - entry.endedAt > STOP_MS) this.#entries.delete(entry.sub);
      else entry.endedAt = null;
    }
  }

  #sendSubscribe(entry: Entry): void {
    const { sub, query, params, lastId } = entry;
    this.#send({
      type: 'subscribe',
      sub,
      query,
      params,
      ...(lastId === null ? {} : { resume: lastId }),
    });
  }

  #send(message: object): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** A laptop that slept wakes with late timers; only time the page was awake counts as silence. */
  #watch(): void {
    const now = this.#host.now();
    const sleptMs = this.#checkedAt === 0 ? 0 : now - this.#checkedAt - LINK_CHECK_MS;
    if (sleptMs > LINK_CHECK_MS) this.#heardAt = now;
    this.#checkedAt = now;
    const socket = this.#socket;
    if (socket !== null && this.#live().length > 0 && now - this.#heardAt > LINK_SILENCE_MS) {
      socket.close();
      this.#closed(socket);
    } else {
      this.#send({ type: 'ping' });
    }
    this.#host.after(LINK_CHECK_MS, () => this.#watch());
  }
}

/** A mistake of the query or the client: asking again would get the same answer. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

interface LiveMessage {
  readonly sub: string;
  readonly id: string | null;
  readonly result: ResultMessage;
}

function messageFrom(text: string): LiveMessage | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not ours; the silence check closes a link that sends nothing sensible.
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { sub, id, type } = parsed as { sub?: unknown; id?: unknown; type?: unknown };
  if (typeof sub !== 'string' || !RESULT_TYPES.has(type)) return null;
  return { sub, id: typeof id === 'string' ? id : null, result: parsed as ResultMessage };
}
