/**
 * `connect(url)`: subscriptions to a running engine from a program. One WebSocket carries them all;
 * when it breaks it is opened again and every subscription goes on from the last result it saw, or
 * is told of the gap.
 */
import { WebSocket } from 'ws';
import { createRng, randomSeed } from '../core/rng.ts';
import type { Value } from '../model/value.ts';
import type { ResultMessage } from '../wire/results.ts';

export interface ConnectOptions {
  /** Token with scope `read`; none is needed on loopback. */
  readonly token?: string;
  /** Shortest and longest wait before another attempt, ms. */
  readonly reconnectMinMs?: number;
  readonly reconnectMaxMs?: number;
}

export interface SubscribeOptions {
  readonly params?: Readonly<Record<string, Value>>;
  /** Id of the last result seen in an earlier life. */
  readonly resume?: string;
  /** Called for every message, in order. `id` is null for messages that cannot be resumed from. */
  readonly onMessage: (message: ResultMessage, id: string | null) => void;
}

export type ClientState =
  | { readonly status: 'open' }
  /** The connection is gone; another attempt follows. */
  | { readonly status: 'waiting'; readonly reason: string; readonly everConnected: boolean }
  | { readonly status: 'closed' };

export interface Client {
  /** Ends when the engine says so, or at `unsubscribe`. */
  subscribe(query: string, options: SubscribeOptions): ClientSubscription;
  onState(listener: (state: ClientState) => void): void;
  close(): void;
}

export interface ClientSubscription {
  unsubscribe(): void;
}

/** `url` is the engine's address, e.g. `http://127.0.0.1:7070`. */
export function connect(url: string, options: ConnectOptions = {}): Client {
  return new LiveClient(url, options);
}

interface OpenSubscription {
  readonly query: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly onMessage: SubscribeOptions['onMessage'];
  lastId: string | null;
}

class LiveClient implements Client {
  readonly #url: URL;
  readonly #options: Required<Omit<ConnectOptions, 'token'>> & { readonly token: string | null };
  readonly #subscriptions = new Map<string, OpenSubscription>();
  readonly #listeners: ((state: ClientState) => void)[] = [];
  readonly #rng = createRng(randomSeed());
  #socket: WebSocket | null = null;
  #retry: NodeJS.Timeout | null = null;
  #attempts = 0;
  #everConnected = false;
  #closed = false;
  #nextSub = 1;

  constructor(url: string, options: ConnectOptions) {
    const { token = null, reconnectMinMs = 100, reconnectMaxMs = 5_000 } = options;
    this.#options = { token, reconnectMinMs, reconnectMaxMs };
    this.#url = new URL('/api/v1/live', url);
    this.#url.protocol = this.#url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#open();
  }

  subscribe(query: string, options: SubscribeOptions): ClientSubscription {
    const sub = `s${this.#nextSub++}`;
    const { params = {}, resume = null, onMessage } = options;
    this.#subscriptions.set(sub, { query, params, onMessage, lastId: resume });
    this.#ask(sub);
    return {
      unsubscribe: () => {
        if (this.#subscriptions.delete(sub)) this.#send({ type: 'unsubscribe', sub });
      },
    };
  }

  onState(listener: (state: ClientState) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#subscriptions.clear();
    this.#socket?.close(1000);
    this.#tell({ status: 'closed' });
  }

  #open(): void {
    const socket = new WebSocket(this.#url, { perMessageDeflate: false });
    this.#socket = socket;
    let reason = 'the connection was closed';
    socket.on('open', () => {
      this.#attempts = 0;
      this.#everConnected = true;
      if (this.#options.token !== null) this.#send({ type: 'auth', token: this.#options.token });
      this.#tell({ status: 'open' });
      for (const sub of this.#subscriptions.keys()) this.#ask(sub);
    });
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('error', (error) => (reason = error.message || error.name));
    socket.on('close', (_code, said) => {
      this.#socket = null;
      if (this.#closed) return;
      if (said.length > 0) reason = String(said);
      this.#tell({ status: 'waiting', reason, everConnected: this.#everConnected });
      this.#retryLater();
    });
  }

  #retryLater(): void {
    if (this.#closed) return;
    const { reconnectMinMs, reconnectMaxMs } = this.#options;
    const ceiling = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(this.#attempts++, 16));
    // Full jitter, so that a thousand clients of a restarted engine do not come at once.
    const delayMs = reconnectMinMs + this.#rng.next() * (ceiling - reconnectMinMs);
    this.#retry = setTimeout(() => this.#open(), delayMs);
  }

  #ask(sub: string): void {
    const subscription = this.#subscriptions.get(sub);
    if (subscription === undefined) return;
    const { query, params, lastId } = subscription;
    this.#send({ type: 'subscribe', sub, query, params, resume: lastId });
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #receive(text: string): void {
    const envelope = JSON.parse(text) as {
      sub?: string | null;
      id?: string | null;
    } & ResultMessage;
    const { sub, id = null, ...rest } = envelope;
    const subscription = typeof sub === 'string' ? this.#subscriptions.get(sub) : undefined;
    if (subscription === undefined) {
      if (rest.type === 'error') this.#refused(rest);
      return;
    }
    if (id !== null) subscription.lastId = id;
    if (rest.type === 'end' || rest.type === 'error') this.#subscriptions.delete(sub as string);
    subscription.onMessage(rest as ResultMessage, id);
  }

  /** Nothing on this connection is allowed: every subscription hears why, and is over. */
  #refused(message: ResultMessage): void {
    const all = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const { onMessage } of all) onMessage(message, null);
  }

  #tell(state: ClientState): void {
    for (const listener of this.#listeners) listener(state);
  }
}
