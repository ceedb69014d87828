/**
 * The client's side of the live socket, apart from sockets, timers and chance, which are given.
 * Waits between attempts double up to a bound and are jittered, so that a restarted engine is not
 * met by all clients at once. A link that stays silent although it was asked is dead.
 */
import { DEFAULTS } from '../config.ts';
import type { GapMessage, ResultMessage } from '../wire/results.ts';
import type { Client, ClientState, SubscribeOptions } from './contract.ts';
import { LiveSubscription } from './live-subscription.ts';

export interface LinkHost {
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Returns what cancels the call. */
  after(ms: number, call: () => void): () => void;
  open(events: SocketEvents): LinkSocket;
}

export interface SocketEvents {
  opened(): void;
  received(text: string): void;
  /** Once, also if the socket never opened. */
  closed(code: number, reason: string): void;
}

export interface LinkSocket {
  send(text: string): void;
  close(): void;
  /** Without waiting for the other side. */
  abort(): void;
}

const RESULT_TYPES: ReadonlySet<unknown> = new Set([
  ...['schema', 'rows', 'progress', 'completeness', 'gap', 'drop', 'error', 'end'],
]);

/** Close codes after which another attempt would be refused alike. */
const UNAUTHORIZED = 4401;

export class LiveLink implements Client {
  readonly #host: LinkHost;
  readonly #token: string | null;
  readonly #subscriptions = new Map<string, LiveSubscription>();
  readonly #listeners = new Set<(state: ClientState) => void>();
  #state: ClientState = { status: 'connecting', everConnected: false };
  #socket: LinkSocket | null = null;
  #attempt = 0;
  #nextSub = 1;
  #lostAtMs: number | null = null;
  #wasAsked = false;
  #cancelTimer: () => void = () => undefined;

  constructor(host: LinkHost, token: string | null) {
    this.#host = host;
    this.#token = token;
  }

  get state(): ClientState {
    return this.#state;
  }

  start(): void {
    let socket: LinkSocket | null = null;
    const isCurrent = (): boolean => socket === this.#socket;
    this.#setState({ status: 'connecting', everConnected: this.#state.everConnected });
    socket = this.#host.open({
      opened: () => {
        if (isCurrent()) this.#opened();
      },
      received: (text) => {
        if (isCurrent()) this.#received(text);
      },
      closed: (code, reason) => {
        if (isCurrent()) this.#lost(code, reason);
      },
    });
    this.#socket = socket;
  }

  subscribe(query: string, options: SubscribeOptions = {}): LiveSubscription {
    const sub = `s${this.#nextSub++}`;
    const subscription = new LiveSubscription({ sub, query }, options, () => {
      if (this.#subscriptions.delete(sub)) this.#send({ type: 'unsubscribe', sub });
    });
    if (this.#state.status === 'closed') {
      subscription.finish();
      return subscription;
    }
    this.#subscriptions.set(sub, subscription);
    if (this.#state.status === 'open') this.#send(subscription.request());
    return subscription;
  }

  onState(listener: (state: ClientState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    if (this.#state.status === 'closed') return;
    const socket = this.#socket;
    this.#socket = null;
    this.#cancelTimer();
    this.#setState({ status: 'closed', everConnected: this.#state.everConnected });
    socket?.close();
    this.#finishAll();
  }

  #opened(): void {
    this.#attempt = 0;
    this.#wasAsked = false;
    if (this.#token !== null) this.#send({ type: 'auth', token: this.#token });
    for (const subscription of this.#subscriptions.values()) {
      // What has an id is resumed, and the engine tells of a gap; without one nobody else would.
      if (this.#lostAtMs !== null && subscription.wasHeard && subscription.lastId === null) {
        subscription.take(gapMessage(this.#lostAtMs, this.#host.now()), null);
      }
      this.#send(subscription.request());
    }
    this.#lostAtMs = null;
    this.#setState({ status: 'open', everConnected: true });
    this.#watch();
  }

  #lost(code: number, text: string): void {
    this.#socket = null;
    this.#cancelTimer();
    const reason = text === '' ? `closed with ${code}` : text;
    if (code === UNAUTHORIZED) {
      this.#setState({ status: 'closed', everConnected: this.#state.everConnected });
      this.#finishAll();
      return;
    }
    this.#lostAtMs ??= this.#host.now();
    const { reconnectMinMs, reconnectMaxMs } = DEFAULTS;
    const ceilingMs = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(this.#attempt++, 20));
    const waitMs = ceilingMs * (0.5 + this.#host.random() / 2);
    // The timer stands before listeners hear of it: one of them may close the client.
    this.#cancelTimer = this.#host.after(waitMs, () => this.start());
    this.#setState({ status: 'waiting', everConnected: this.#state.everConnected, reason });
  }

  #received(text: string): void {
    this.#wasAsked = false;
    const parsed = messageFrom(text);
    if (parsed === null) return;
    const { sub, id, message } = parsed;
    if (sub === null) {
      if (message.type === 'error')
        for (const one of this.#subscriptions.values()) one.take(message, null);
      return;
    }
    const subscription = this.#subscriptions.get(sub);
    if (subscription === undefined) return;
    const isOver = message.type === 'end' || (message.type === 'error' && id === null);
    if (isOver) this.#subscriptions.delete(sub);
    subscription.take(message, id);
    if (isOver) subscription.finish();
  }

  #watch(): void {
    this.#cancelTimer = this.#host.after(DEFAULTS.pingMs / 2, () => {
      const socket = this.#socket;
      if (socket === null) return;
      if (this.#wasAsked) {
        this.#lost(1006, 'the engine does not answer');
        socket.abort();
        return;
      }
      this.#wasAsked = true;
      this.#send({ type: 'ping' });
      this.#watch();
    });
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #setState(state: ClientState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  #finishAll(): void {
    const subscriptions = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const subscription of subscriptions) subscription.finish();
  }
}

function gapMessage(fromTime: number, toTime: number): GapMessage {
  return {
    type: 'gap',
    fromId: null,
    toId: null,
    fromTime: Math.floor(fromTime),
    toTime: Math.ceil(toTime),
    reason: 'disconnected',
  };
}

interface Received {
  /** Null: about the connection. */
  readonly sub: string | null;
  readonly id: string | null;
  readonly message: ResultMessage;
}

function messageFrom(text: string): Received | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not ours; a link that only sends such is found dead by the next ping.
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { sub = null, id = null, ...message } = parsed as Record<string, unknown>;
  if (!RESULT_TYPES.has(message['type'])) return null;
  return {
    sub: typeof sub === 'string' ? sub : null,
    id: typeof id === 'string' ? id : null,
    message: message as unknown as ResultMessage,
  };
}
