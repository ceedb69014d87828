/**
 * A plain WebSocket that sends events as JSON text, for programs without an agent library
 * (docs/protocol.md, "JSON"): `{"token"}` first where one is needed, `{"watch"}` to hear which
 * streams some query reads, `{"stream", "events"}` answered by what became of them.
 */
import type { Config } from '../config.ts';
import type { Event, Value } from '../model/value.ts';
import { isList, isObject } from '../model/value.ts';
import { JsonBudget } from './json-budget.ts';
import { CLOSE } from './effects.ts';
import type { Authorize, IngestGrant, ShardEffect } from './effects.ts';
import type { Ingest } from './ingest.ts';
import type { LineError } from '../translate/translated.ts';
import { faultOf, INGEST_ERRORS_MAX } from './ingest-body.ts';
import { isReservedStream, isStreamName, STREAM_NAME_RULE } from '../wire/stream-name.ts';

export interface JsonConnectionPort {
  readonly config: Config;
  readonly ingest: Ingest;
  readonly authorize: Authorize;
  /** Whether some query reads the stream. */
  readonly isRead: (stream: string) => boolean;
  readonly emit: (effect: ShardEffect) => void;
  /** When it was opened. */
  readonly nowMs: number;
}

type Message = { readonly [key: string]: Value };

export class JsonConnection {
  readonly #connection: number;
  readonly #port: JsonConnectionPort;
  readonly #budget: JsonBudget;
  #grant: IngestGrant | null;
  #watched: readonly string[] | null = null;
  /** As it was told last. */
  #active = '';

  constructor(connection: number, port: JsonConnectionPort) {
    this.#connection = connection;
    this.#port = port;
    this.#grant = port.authorize(null);
    this.#budget = new JsonBudget(port.config);
  }

  text(text: string, nowMs: number): void {
    const amount = this.#budget.message(text, nowMs);
    // Read although it comes too late, so that what is left out is counted where it belongs.
    const message = parse(text);
    const events = message === null ? undefined : message['events'];
    const asked = events !== undefined && isList(events) ? events.length : 0;
    const admitted = this.#budget.events(asked, nowMs);
    if (message === null) this.#answerError('the message is not a JSON object');
    else this.#message(message, amount === 'whole' ? admitted : 0, nowMs);
    if (amount === 'flood') this.#disconnect(this.#budget.fault, CLOSE.tryAgainLater);
  }

  /** `room`: events that may be taken of it. */
  #message(message: Message, room: number, nowMs: number): void {
    const token = message['token'];
    if (typeof token === 'string') {
      this.#grant = this.#port.authorize(token);
      if (this.#grant !== null) return;
    }
    if (this.#grant === null) {
      this.#disconnect('ENGINE_UNAUTHORIZED: send {"token": "…"} first');
      return;
    }
    const { watch } = message;
    if (watch === undefined) this.#events(message, room, nowMs);
    else if (room === 0) this.#answerError(this.#budget.fault);
    else this.#watch(watch);
  }

  binary(): void {
    this.#disconnect('WIRE_BAD_MESSAGE: binary frames need the subprotocol squilla.v1');
  }

  /** Who shows no token, where one is needed, does not stay. */
  tick(nowMs: number): void {
    const { config, nowMs: openedMs } = this.#port;
    if (this.#grant !== null || nowMs - openedMs <= config.handshakeMs) return;
    this.#disconnect(`ENGINE_UNAUTHORIZED: no token within ${config.handshakeMs} ms`);
  }

  /** Tells of watched streams that some query reads now, if they are others than before. */
  plansChanged(): void {
    if (this.#watched === null) return;
    const active = this.#watched.filter(this.#port.isRead);
    const told = active.join('\n');
    if (told === this.#active) return;
    this.#active = told;
    this.#send({ active });
  }

  #watch(watch: Value): void {
    const { streamsPerAgentMax } = this.#port.config;
    if (!isList(watch) || watch.length > streamsPerAgentMax) {
      this.#answerError(`\`watch\` is a list of at most ${streamsPerAgentMax} streams`);
      return;
    }
    for (const stream of watch) {
      const fault = this.#streamFault(stream);
      if (fault === null) continue;
      this.#answerError(fault);
      return;
    }
    this.#watched = [...new Set(watch as readonly string[])];
    for (const stream of this.#watched) this.#port.ingest.offer(stream);
    const active = this.#watched.filter(this.#port.isRead);
    this.#active = active.join('\n');
    this.#send({ active });
  }

  #events(message: Message, room: number, nowMs: number): void {
    const { stream, events } = message;
    const fault =
      this.#streamFault(stream) ?? listFault(events) ?? extrasFault(message, this.#port);
    if (fault !== null) {
      this.#answerError(fault);
      return;
    }
    const list = events as readonly Value[];
    const { good, lines, errors } = judged(list.slice(0, room), this.#port.config);
    const late = Math.max(0, list.length - room);
    const name = stream as string;
    const { ingest } = this.#port;
    const field = (message['time'] ?? null) as string | null;
    const slackMs = (message['slackMs'] ?? 0) as number;
    if (field !== null || slackMs > 0)
      ingest.announceTime({ stream: name, timeField: field, slackMs }, good, nowMs);
    const lost = (message['lost'] ?? 0) as number;
    if (lost > 0) ingest.lost(name, lost);
    ingest.came(name, 'websocket');
    // What is no event came all the same, and the ledger has it, as of a body.
    const count = errors.length;
    ingest.take({ type: 'ingest-loss', stream: name, reason: 'malformed', count }, nowMs);
    const tooFast = { stream: name, reason: 'rate_limit', count: late } as const;
    ingest.take({ type: 'ingest-loss', ...tooFast }, nowMs);
    const taken = ingest.events(name, { events: good, lines }, { field }, nowMs);
    // First, for it speaks of many events where the others speak of one each.
    const beyond = late > 0 ? [{ line: room + 1, message: this.#budget.fault }] : [];
    const all = [...beyond, ...errors, ...taken.errors].slice(0, INGEST_ERRORS_MAX);
    this.#send({ accepted: taken.accepted, errors: all });
  }

  /** Why the bearer cannot send to it; null: it can. */
  #streamFault(stream: Value | undefined): string | null {
    if (typeof stream !== 'string' || !isStreamName(stream))
      return `\`stream\`: ${STREAM_NAME_RULE}`;
    if (isReservedStream(stream)) return "streams that begin with `squilla.` are the engine's own";
    const isCovered = this.#grant?.mayIngest(stream) === true;
    return isCovered ? null : `the token does not cover the stream ${stream}`;
  }

  #answerError(message: string): void {
    this.#send({ accepted: 0, errors: [{ line: 1, message }] });
  }

  #send(answer: object): void {
    const connection = this.#connection;
    this.#port.emit({ type: 'send', connection, text: JSON.stringify(answer) });
  }

  #disconnect(reason: string, code: number = CLOSE.policy): void {
    const connection = this.#connection;
    this.#port.emit({ type: 'disconnect', connection, code, reason });
  }
}

interface Judged {
  readonly good: readonly Event[];
  /** Where each stood in its list, from 1. */
  readonly lines: readonly number[];
  readonly errors: readonly LineError[];
}

function judged(list: readonly Value[], config: Config): Judged {
  const good: Event[] = [];
  const lines: number[] = [];
  const errors: LineError[] = [];
  for (const [index, event] of list.entries()) {
    const wrong = faultOf(event, config);
    if (wrong === null) {
      good.push(event as Event);
      lines.push(index + 1);
    } else errors.push({ line: index + 1, message: wrong });
  }
  return { good, lines, errors };
}

function listFault(events: Value | undefined): string | null {
  const isGood = events !== undefined && isList(events);
  return isGood ? null : '`events` must be a list of objects';
}

/** What is wrong with the members that may be left out. */
function extrasFault(
  { time, slackMs, lost }: Message,
  { config }: JsonConnectionPort,
): string | null {
  const isField =
    typeof time === 'string' && time !== '' && time.length <= config.fieldNameBytesMax;
  if (time !== undefined && !isField) return '`time` names the field that holds the event time';
  if (slackMs !== undefined && !isBetween(slackMs, config.latenessMsMax)) {
    return `\`slackMs\` is from 0 to ${config.latenessMsMax}`;
  }
  if (lost === undefined || (isBetween(lost, LOST_MAX) && Number.isInteger(lost))) return null;
  return `\`lost\` is a whole number, at most ${LOST_MAX}`;
}

/** So that no sender makes a sum that is no whole number any more. */
const LOST_MAX = 1e9;

function isBetween(value: Value, max: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= max;
}

function parse(text: string): Message | null {
  try {
    const value = JSON.parse(text) as Value;
    return isObject(value) ? value : null;
  } catch {
    // Not JSON: the caller says so to the peer.
    return null;
  }
}
