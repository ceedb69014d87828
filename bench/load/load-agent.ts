/**
 * One agent of a load: a plain TCP socket that speaks WebSocket and the agent protocol. Sends
 * prepared frames, never more than can be sent without touching one that the engine has not
 * acknowledged, and counts by window what it sent.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { systemClock } from '../../src/core/clock.ts';
import { SUBPROTOCOL } from '../../src/wire/agent-messages.ts';
import type {
  AgentToEngine,
  PlanChangesMessage,
  PlansMessage,
} from '../../src/wire/agent-messages.ts';
import { encodeMessage } from '../../src/wire/message-codec.ts';
import { expectedMatches, FIELDS, STREAM } from '../workload.ts';
import type { RequestEvent } from '../workload.ts';
import { clientFrame, ServerMessages } from './client-frame.ts';
import type { LoadOrder, SentWindow } from './load-contract.ts';
import { columnFrames, jsonFrames } from './prepared-frames.ts';
import type { PreparedFrame, PreparedFrames } from './prepared-frames.ts';

/** The load ships events; from version 2 on it would be asked for partials. */
const SHIPPING_VERSION = 1;

const WINDOW_MS = 1_000;
/** Each batch is prepared this often: the more, the more the engine may leave unacknowledged. */
const COPIES = 4;

interface WindowTally {
  readonly startMs: number;
  events: number;
  readonly matches: number[];
  /** How often each batch was sent. */
  readonly batches: number[];
}

export class LoadAgent {
  sentFrames = 0;
  ackedFrames = 0;
  sentBytes = 0;
  onAck: () => void = () => undefined;
  readonly #order: LoadOrder;
  readonly #name: string;
  readonly #fail: (detail: string) => void;
  readonly #frames: PreparedFrames;
  readonly #expected: readonly (readonly number[])[];
  readonly #tallies = new Map<number, WindowTally>();
  readonly #messages = new ServerMessages();
  #socket: Socket | null = null;
  #epoch = 0;
  /** That the engine has told of. */
  #queries = 0;
  #ready: () => void = () => undefined;

  constructor(
    order: LoadOrder,
    name: string,
    batches: readonly (readonly RequestEvent[])[],
    fail: (detail: string) => void,
  ) {
    this.#order = order;
    this.#name = name;
    this.#fail = fail;
    this.#expected = batches.map(expectedMatches);
    const copies = Array.from({ length: COPIES }, () => batches).flat();
    this.#frames = order.codec === 'columns' ? columnFrames(copies) : jsonFrames(copies);
  }

  get bytesPerEvent(): number {
    const { repeated } = this.#frames;
    const bytes = repeated.reduce((sum, frame) => sum + frame.bytes.length, 0);
    return bytes / (repeated.length * this.#order.rowsPerFrame);
  }

  get windows(): Iterable<SentWindow> {
    return this.#tallies.values();
  }

  /** Resolves when the engine has said which queries it has. */
  async open(): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: this.#order.port, noDelay: true });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', resolve);
    });
    socket.on('error', (error) => this.#fail(`${this.#name}: ${error.message}`));
    socket.on('close', () => this.#fail(`${this.#name}: the connection was closed`));
    await this.#upgrade(socket);
    if (this.#order.codec === 'json') return;
    const ready = new Promise<void>((resolve) => (this.#ready = resolve));
    this.#hello();
    await ready;
  }

  get canSend(): boolean {
    return this.sentFrames - this.ackedFrames < this.#frames.repeated.length;
  }

  get isAcknowledged(): boolean {
    return this.sentFrames === this.ackedFrames;
  }

  /** Sends the next frame, all of its events at `timeMs`. */
  send(timeMs: number): void {
    const { opening, repeated } = this.#frames;
    const at = this.sentFrames++;
    const frame = (
      at < opening.length ? opening[at] : repeated[at % repeated.length]
    ) as PreparedFrame;
    frame.stamp({
      sequence: this.sentFrames,
      timeMs,
      watermarkMs: timeMs - this.#order.slackMs,
      epoch: this.#epoch,
    });
    this.#socket?.write(frame.bytes);
    this.sentBytes += frame.bytes.length;
    this.#count(timeMs, at);
  }

  /** Time goes on for this agent whether it has events or not. */
  heartbeat(nowMs: number): void {
    if (this.#order.codec === 'json') return;
    const sent = this.sentFrames * this.#order.rowsPerFrame;
    this.#say({
      type: 'heartbeat',
      sentAtMs: nowMs,
      pulse: null,
      streams: [
        {
          stream: STREAM,
          watermarkMs: nowMs - this.#order.slackMs,
          counts: { offered: sent, filtered: 0, sampledOut: 0, aggregated: 0, sent, dropped: {} },
        },
      ],
    });
  }

  /** In good order: an agent that vanishes would leave its mark on windows to come. */
  close(): void {
    this.#socket?.removeAllListeners('close');
    if (this.#order.codec === 'columns') this.#say({ type: 'bye', reason: 'the load is over' });
    this.#socket?.end();
  }

  #count(timeMs: number, frame: number): void {
    const startMs = Math.floor(timeMs / WINDOW_MS) * WINDOW_MS;
    const expected = this.#expected[frame % this.#expected.length] as readonly number[];
    let tally = this.#tallies.get(startMs);
    if (tally === undefined) {
      tally = {
        startMs,
        events: 0,
        matches: expected.map(() => 0),
        batches: this.#expected.map(() => 0),
      };
      this.#tallies.set(startMs, tally);
    }
    tally.events += this.#order.rowsPerFrame;
    tally.batches[frame % this.#expected.length]! += 1;
    for (let query = 0; query < expected.length; query++) {
      tally.matches[query] = (tally.matches[query] as number) + (expected[query] as number);
    }
  }

  async #upgrade(socket: Socket): Promise<void> {
    const upgraded = new Promise<void>((resolve, reject) => {
      socket.once('data', (chunk) => {
        const head = chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n') + 4;
        if (!head.startsWith('HTTP/1.1 101')) {
          reject(new Error(`${this.#name}: ${head.slice(0, head.indexOf('\r\n'))}`));
          return;
        }
        socket.on('data', (data) => this.#receive(data));
        if (end < chunk.length) this.#receive(chunk.subarray(end));
        resolve();
      });
    });
    socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${this.#order.port}\r\n` +
        'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
        `Sec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
    );
    await upgraded;
  }

  #hello(): void {
    const { slackMs } = this.#order;
    this.#say({
      type: 'hello',
      version: SHIPPING_VERSION,
      token: null,
      agent: {
        id: this.#name,
        incarnation: Math.floor(systemClock.now()),
        service: 'load',
        host: 'loopback',
        library: 'squilla-load',
        tags: {},
      },
      streams: [{ name: STREAM, time: { kind: 'publish', field: null, slackMs }, fields: FIELDS }],
      resendFrom: null,
    });
  }

  #receive(chunk: Buffer): void {
    this.#messages.take(
      chunk,
      (text) => this.#handle(JSON.parse(text) as { readonly type: string }),
      (reason) => this.#fail(`${this.#name}: closed by the engine: ${reason}`),
    );
  }

  #handle(message: { readonly type: string }): void {
    switch (message.type) {
      case 'ack':
        this.ackedFrames = (message as unknown as { readonly sequence: number }).sequence;
        this.onAck();
        break;
      case 'plans':
        this.#queries = 0;
        this.#plans(message as PlansMessage);
        break;
      case 'planChanges': {
        const { epoch, added: queries, removed } = message as PlanChangesMessage;
        this.#queries -= removed.length;
        this.#plans({ epoch, queries });
        break;
      }
      case 'refuse':
        this.#fail(`${this.#name}: ${JSON.stringify(message)}`);
        break;
    }
  }

  #plans({ epoch, queries }: Pick<PlansMessage, 'epoch' | 'queries'>): void {
    this.#epoch = epoch;
    const sinceMs = systemClock.now();
    const active = queries.map(({ query, stream }) => ({ query, stream, sinceMs }));
    this.#say({ type: 'plansAck', epoch, active, refused: [] });
    this.#queries += queries.length;
    if (this.#queries >= this.#order.queries) this.#ready();
  }

  #say(message: AgentToEngine): void {
    this.#socket?.write(clientFrame('text', Buffer.from(encodeMessage(message))).bytes);
  }
}
