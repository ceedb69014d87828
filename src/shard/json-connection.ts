/**
 * A plain WebSocket that sends events as JSON text, for programs without an agent library:
 * `{"stream": "plays", "events": [{…}, …]}`. Where a token is needed, `{"token": "…"}` comes first.
 * Each message is answered: `{"accepted": n, "errors": [{"line", "message"}]}`.
 */
import type { Config } from '../config.ts';
import type { Event, Value } from '../model/value.ts';
import { isList, isObject } from '../model/value.ts';
import { CLOSE } from './effects.ts';
import type { Authorize, IngestGrant, ShardEffect } from './effects.ts';
import type { Ingest } from './ingest.ts';
import { faultOf } from './ingest-body.ts';
import { isReservedStream, isStreamName, STREAM_NAME_RULE } from '../wire/stream-name.ts';

export interface JsonConnectionPort {
  readonly config: Config;
  readonly ingest: Ingest;
  readonly authorize: Authorize;
  readonly emit: (effect: ShardEffect) => void;
}

export class JsonConnection {
  readonly #connection: number;
  readonly #port: JsonConnectionPort;
  #grant: IngestGrant | null;

  constructor(connection: number, port: JsonConnectionPort) {
    this.#connection = connection;
    this.#port = port;
    this.#grant = port.authorize(null);
  }

  text(text: string, nowMs: number): void {
    const message = parse(text);
    if (message === null) {
      this.#answerError('the message is not a JSON object');
      return;
    }
    const token = message['token'];
    if (typeof token === 'string') {
      this.#grant = this.#port.authorize(token);
      if (this.#grant !== null) return;
    }
    if (this.#grant === null) {
      this.#disconnect('ENGINE_UNAUTHORIZED: send {"token": "…"} first');
      return;
    }
    this.#events(message, nowMs);
  }

  binary(): void {
    this.#disconnect('WIRE_BAD_MESSAGE: binary frames need the subprotocol squilla.v1');
  }

  #events(message: { readonly [key: string]: Value }, nowMs: number): void {
    const { stream, events } = message;
    if (typeof stream !== 'string' || !isStreamName(stream)) {
      this.#answerError(`\`stream\`: ${STREAM_NAME_RULE}`);
      return;
    }
    if (isReservedStream(stream)) {
      this.#answerError("streams that begin with `squilla.` are the engine's own");
      return;
    }
    if (this.#grant?.mayIngest(stream) !== true) {
      this.#answerError(`the token does not cover the stream ${stream}`);
      return;
    }
    if (events === undefined || !isList(events)) {
      this.#answerError('`events` must be a list of objects');
      return;
    }
    const good: Event[] = [];
    const lines: number[] = [];
    const errors: { line: number; message: string }[] = [];
    for (const [index, event] of events.entries()) {
      const fault = faultOf(event, this.#port.config);
      if (fault === null) {
        good.push(event as Event);
        lines.push(index + 1);
      } else errors.push({ line: index + 1, message: fault });
    }
    const taken = this.#port.ingest.events(stream, { events: good, lines }, { field: null }, nowMs);
    const answer = { accepted: taken.accepted, errors: [...errors, ...taken.errors].slice(0, 20) };
    this.#send(answer);
  }

  #answerError(message: string): void {
    this.#send({ accepted: 0, errors: [{ line: 1, message }] });
  }

  #send(answer: object): void {
    const connection = this.#connection;
    this.#port.emit({ type: 'send', connection, text: JSON.stringify(answer) });
  }

  #disconnect(reason: string): void {
    const connection = this.#connection;
    this.#port.emit({ type: 'disconnect', connection, code: CLOSE.policy, reason });
  }
}

function parse(text: string): { readonly [key: string]: Value } | null {
  try {
    const value = JSON.parse(text) as Value;
    return isObject(value) ? value : null;
  } catch {
    // Not JSON: the caller says so to the peer.
    return null;
  }
}
