/**
 * A page's connection to the engine, the JSON form of the protocol (docs/protocol.md, "JSON"): it
 * names its streams, hears which of them are asked for, and sends those. What happens before it
 * first hears waits in a bounded queue; what is lost is counted and told.
 */
export interface LinkOptions {
  /** The engine's ingest address, `wss://…`. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly streams: readonly string[];
}

type Timer = ReturnType<typeof setTimeout>;

interface Waiting {
  readonly stream: string;
  readonly event: object;
}

/** Of events before the engine answers, and of a connection that does not keep up. */
const WAITING_MAX = 200;
const FLUSH_MS = 1_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** Bytes that the browser has not sent yet, above which nothing is added. */
const BUFFERED_MAX = 256 * 1_024;
/**
 * Of a page that has said a wrong token, or one that covers other streams: it does not come back.
 */
const POLICY_CLOSE = 1008;

export class JsonLink {
  readonly #options: LinkOptions;
  #socket: WebSocket | null = null;
  /** Streams that some query reads; null: not heard of yet. */
  #active: ReadonlySet<string> | null = null;
  #waiting: Waiting[] = [];
  readonly #lost = new Map<string, number>();
  #flushTimer: Timer | null = null;
  #retryTimer: Timer | null = null;
  #retryMs = RETRY_MIN_MS;
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Whether an event of the stream would be sent, now or as soon as the engine has answered. */
  wants(stream: string): boolean {
    if (this.#closed) return false;
    return this.#active?.has(stream) ?? true;
  }

  publish(stream: string, event: object): boolean {
    if (!this.wants(stream)) return false;
    if (this.#waiting.length >= WAITING_MAX) {
      const oldest = this.#waiting.shift();
      // Before the engine has answered nobody is known to miss it.
      if (oldest !== undefined && this.#active !== null) this.#lose(oldest.stream);
    }
    this.#waiting.push({ stream, event });
    if (this.#active !== null) this.#flushSoon();
    return true;
  }

  /** Sends what waits, at once: also the last thing that a page does. */
  flush(): void {
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
    const socket = this.#socket;
    if (this.#active === null || socket?.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > BUFFERED_MAX) {
      // Nothing else may come that would have it tried again.
      if (this.#waiting.length > 0 && !this.#closed) this.#flushSoon();
      return;
    }
    const byStream = new Map<string, object[]>();
    for (const { stream, event } of this.#waiting) {
      if (!this.#active.has(stream)) continue;
      const events = byStream.get(stream);
      if (events === undefined) byStream.set(stream, [event]);
      else events.push(event);
    }
    this.#waiting = [];
    for (const [stream, events] of byStream) {
      const lost = this.#lost.get(stream);
      this.#lost.delete(stream);
      this.#say({ stream, events, ...(lost === undefined ? {} : { lost }) });
    }
  }

  #flushSoon(): void {
    this.#flushTimer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  close(): void {
    this.flush();
    this.#closed = true;
    for (const timer of [this.#retryTimer, this.#flushTimer])
      if (timer !== null) clearTimeout(timer);
    this.#socket?.close(1000);
  }

  #connect(): void {
    const { url, token, streams } = this.#options;
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch {
      // Not an address, or forbidden by the page's own policy: there is nothing to retry.
      this.#closed = true;
      return;
    }
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (token !== undefined) this.#say({ token });
      this.#say({ watch: streams });
    });
    socket.addEventListener('message', ({ data }) => this.#heard(data));
    socket.addEventListener('close', ({ code }) => this.#ended(code));
  }

  #heard(data: unknown): void {
    const active = activeIn(data);
    if (active === null) return;
    this.#retryMs = RETRY_MIN_MS;
    this.#active = new Set(active);
    this.#waiting = this.#waiting.filter(({ stream }) => this.#active?.has(stream));
    if (this.#waiting.length > 0) this.flush();
  }

  #ended(code: number): void {
    this.#socket = null;
    if (code === POLICY_CLOSE) this.#closed = true;
    if (this.#closed) return;
    // Pages of a shop do not all come back in the same moment.
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
    this.#retryTimer = setTimeout(() => this.#connect(), this.#retryMs * (0.5 + random / 2 ** 33));
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }

  #say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #lose(stream: string): void {
    this.#lost.set(stream, (this.#lost.get(stream) ?? 0) + 1);
  }
}

/** Null: another message. */
function activeIn(data: unknown): readonly string[] | null {
  try {
    const message: unknown = typeof data === 'string' ? JSON.parse(data) : null;
    if (typeof message !== 'object' || message === null || !('active' in message)) return null;
    const { active } = message;
    const isNames = Array.isArray(active) && active.every((name) => typeof name === 'string');
    return isNames ? active : null;
  } catch {
    return null;
  }
}
