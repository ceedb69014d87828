/**
 * The conversation on one live WebSocket, apart from the socket: who is there, which subscriptions
 * are open, what the client's messages ask for. Client → engine: `auth {token}` (first, where a
 * token is needed), `subscribe {sub, query or saved, params, resume, kept}`, `unsubscribe {sub}`,
 * `ping`. A message that is JSON but not understood is answered and nothing ends; anything else
 * closes the socket.
 */
import { EngineError } from '../core/errors.ts';
import type { Problem } from '../wire/results.ts';
import { requireScope } from './access.ts';
import type { ClientOutlet } from './client-outlet.ts';
import type { SubscribeRequest, SubscriptionEffect } from './engine-port.ts';
import type { GatewayContext } from './gateway-context.ts';
import { problem, problemOfThrown } from './problem.ts';
import { paramsFromJson } from './query-params.ts';
import type { TokenGrant } from './tokens.ts';

/** WebSocket close codes of the live socket; 4xxx as RFC 6455 leaves to applications. */
export const LIVE_CLOSE = {
  goingAway: 1001,
  binary: 1003,
  badMessage: 4400,
  unauthorized: 4401,
  slowClient: 4408,
} as const;

const SUB_LENGTH_MAX = 64;
const RESUME_LENGTH_MAX = 200;
const SAVED_LENGTH_MAX = 200;

export interface LiveSessionOptions {
  readonly context: GatewayContext;
  /** Unique; for lists and limits. */
  readonly client: string;
  /** Null: `auth` has to come first. */
  readonly grant: TokenGrant | null;
  readonly outlet: Pick<ClientOutlet, 'deliver' | 'forget'>;
  /** Sends a message that is no result. */
  reply(text: string): void;
  close(code: number, reason: string): void;
}

type LiveMessage = Readonly<Record<string, unknown>>;

interface OpenSubscription {
  readonly sub: string;
  /** The engine's name. */
  readonly id: string;
  /** What is still on its way to it is for nobody. */
  isOver: boolean;
}

export class LiveSession {
  readonly #options: LiveSessionOptions;
  /** By the client's name. */
  readonly #subscriptions = new Map<string, OpenSubscription>();
  #grant: TokenGrant | null;
  #nextNumber = 1;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
    this.#grant = options.grant;
  }

  get isKnown(): boolean {
    return this.#grant !== null;
  }

  receive(text: string): void {
    const message = messageFrom(text);
    if (message === null) {
      this.#refuse(null, problem('WIRE_BAD_MESSAGE', 'A message is a JSON object.'));
      this.#options.close(LIVE_CLOSE.badMessage, 'WIRE_BAD_MESSAGE');
      return;
    }
    try {
      this.#handle(message);
    } catch (error) {
      if (!(error instanceof EngineError)) this.#options.context.onDefect(error);
      this.#refuse(subOf(message), problemOfThrown(error));
      if (this.#grant === null) {
        this.#options.close(LIVE_CLOSE.unauthorized, 'ENGINE_UNAUTHORIZED');
      }
    }
  }

  /** The socket is gone. */
  end(): void {
    const subscriptions = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const open of subscriptions) this.#unsubscribed(open);
  }

  #handle(message: LiveMessage): void {
    switch (message['type']) {
      case 'auth':
        this.#grant = this.#options.context.access.identifyToken(textOf(message, 'token', 1_000));
        return;
      case 'subscribe':
        this.#subscribe(message);
        return;
      case 'unsubscribe':
        this.#unsubscribe(textOf(message, 'sub', SUB_LENGTH_MAX));
        return;
      case 'ping':
        this.#options.reply('{"type":"pong"}');
        return;
      default: {
        const detail = '`type` is auth, subscribe, unsubscribe or ping.';
        throw new EngineError('WIRE_BAD_MESSAGE', detail);
      }
    }
  }

  #subscribe(message: LiveMessage): void {
    const { name: by } = requireScope(this.#grant, 'read');
    const { context, client } = this.#options;
    const sub = textOf(message, 'sub', SUB_LENGTH_MAX);
    const { query, params } = this.#queryOf(message);
    const resume = resumeOf(message);
    this.#assertRoom(sub);
    const open = { sub, id: `${client}/${this.#nextNumber++}`, isOver: false };
    this.#subscriptions.set(sub, open);
    const kept = message['kept'] !== false;
    const request = { subscription: open.id, client, by, query, params, resume, kept };
    context.engine.subscribe(request, (effect) => this.#take(open, effect));
  }

  /** The text, or the name of a saved query, whose own values the message's go over. */
  #queryOf(message: LiveMessage): Pick<SubscribeRequest, 'query' | 'params'> {
    const { config, engine } = this.#options.context;
    const params = paramsFromJson(message['params'], config.depthMax);
    if (message['saved'] === undefined) {
      return { query: textOf(message, 'query', config.controlBytesMax), params };
    }
    const saved = engine.saved.get(textOf(message, 'saved', SAVED_LENGTH_MAX));
    if (!saved.ok) throw saved.error;
    return { query: saved.value.text, params: { ...saved.value.params, ...params } };
  }

  #assertRoom(sub: string): void {
    if (this.#subscriptions.has(sub)) {
      throw new EngineError('WIRE_BAD_MESSAGE', `The subscription ${sub} is open already.`);
    }
    const limit = this.#options.context.config.subscriptionsPerClientMax;
    if (this.#subscriptions.size < limit) return;
    const detail = `One connection may hold ${limit}.`;
    throw new EngineError('LIMIT_SUBSCRIPTIONS', detail, { data: { limit } });
  }

  #unsubscribe(sub: string): void {
    const open = this.#subscriptions.get(sub);
    if (open === undefined) return;
    this.#subscriptions.delete(sub);
    this.#unsubscribed(open);
    this.#options.outlet.forget(sub);
  }

  #unsubscribed(open: OpenSubscription): void {
    open.isOver = true;
    this.#options.context.engine.unsubscribe(open.id);
  }

  #take(open: OpenSubscription, effect: SubscriptionEffect): void {
    if (open.isOver) return;
    if (effect.type === 'deliver') {
      this.#options.outlet.deliver(open.sub, effect);
      return;
    }
    open.isOver = true;
    this.#subscriptions.delete(open.sub);
  }

  #refuse(sub: string | null, document: Problem): void {
    this.#options.reply(JSON.stringify({ sub, id: null, type: 'error', problem: document }));
  }
}

function messageFrom(text: string): LiveMessage | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    return parsed as LiveMessage;
  } catch {
    // Not JSON is the caller's case.
    return null;
  }
}

function subOf(message: LiveMessage): string | null {
  const sub = message['sub'];
  return typeof sub === 'string' && sub.length <= SUB_LENGTH_MAX ? sub : null;
}

function textOf(message: LiveMessage, name: string, lengthMax: number): string {
  const value = message[name];
  if (typeof value === 'string' && value !== '' && value.length <= lengthMax) return value;
  const detail = `\`${name}\` must be a text of 1 to ${lengthMax} characters.`;
  throw new EngineError('WIRE_BAD_MESSAGE', detail, { data: { member: name } });
}

function resumeOf(message: LiveMessage): string | null {
  const resume = message['resume'];
  if (resume === undefined || resume === null) return null;
  return textOf(message, 'resume', RESUME_LENGTH_MAX);
}
