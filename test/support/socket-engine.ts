/**
 * A small engine on a real socket: welcomes agents, pushes plans, acknowledges, keeps what came.
 */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { DEFAULTS } from '../../src/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import type {
  AgentQuery,
  AgentToEngine,
  EngineToAgent,
  HelloMessage,
} from '../../src/wire/agent-messages.ts';
import { unpackedFrame } from '../../src/shard/packed-frame.ts';
import { SUBPROTOCOL } from '../../src/wire/agent-messages.ts';
import type { EventDecoder } from '../../src/wire/event-decoder.ts';
import { HEADER } from '../../src/wire/frame-layout.ts';
import { isPartialsFrame } from '../../src/wire/partials-frame.ts';
import { isPackedFrame } from '../../src/wire/packed-layout.ts';
import { decodeAgentMessage, encodeMessage } from '../../src/wire/message-codec.ts';
import type { ReceivedFrame } from './fake-engine.ts';
import { decoded, newDecoder, rowsOf } from './wire-fixture.ts';

export class SocketEngine {
  readonly #server: WebSocketServer;
  readonly hellos: HelloMessage[] = [];
  readonly messages: AgentToEngine[] = [];
  readonly frames: ReceivedFrame[] = [];
  readonly sockets = new Set<WebSocket>();
  queries: readonly AgentQuery[] = [];
  acknowledges = true;
  /** Whether it says that it takes packed frames. */
  takesPacked = false;
  /** Whether it may ask for partials, of which it counts the frames. */
  takesPartials = false;
  partials = 0;
  /** How far its clock is ahead of the true one: it may be set while agents are there. */
  clockAheadMs = 0;
  /** Frames that came packed. */
  packed = 0;
  /** Events that came behind a watermark that had been promised. */
  late = 0;
  readonly #promised = new Map<string, number>();
  #epoch = 1;
  #evaluated = 0;
  #waiting: (() => void)[] = [];

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async listen(port = 0): Promise<SocketEngine> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port,
      handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    await new Promise((resolve) => server.once('listening', resolve));
    return new SocketEngine(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  get rows(): readonly Record<string, unknown>[] {
    return this.frames.flatMap((frame) => frame.rows);
  }

  /** Resolves once the condition holds; looked at whenever something came in. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** From now on, and what came so far. */
  acknowledgeNow(): void {
    this.acknowledges = true;
    for (const socket of this.sockets) say(socket, { type: 'ack', sequence: this.#evaluated });
  }

  /** The last watermark of a stream. */
  promised(stream: string): number {
    return this.#promised.get(stream) ?? -Infinity;
  }

  pushPlans(queries: readonly AgentQuery[]): void {
    this.queries = queries;
    this.#epoch++;
    for (const socket of this.sockets) this.#sendPlans(socket);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: WebSocket): void {
    const decoder = newDecoder();
    this.sockets.add(socket);
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.#changed();
    });
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      if (isBinary) this.#takeFrame(socket, decoder, bytes);
      else this.#takeMessage(socket, bytes.toString('utf8'));
      this.#changed();
    });
  }

  #takeFrame(socket: WebSocket, decoder: EventDecoder, bytes: Buffer): void {
    const isPacked = isPackedFrame(bytes);
    if (isPacked) this.packed++;
    const plain = isPacked ? unpackedFrame(bytes, DEFAULTS) : null;
    if (plain?.ok === false) throw new Error(plain.error.detail);
    if (isPartialsFrame(bytes)) {
      this.partials++;
      const sequence = Number(bytes.readBigUInt64LE(HEADER.frameSequence));
      this.#evaluated = Math.max(this.#evaluated, sequence);
      if (this.acknowledges) say(socket, { type: 'ack', sequence: this.#evaluated });
      return;
    }
    const batch = decoded(decoder, plain?.value ?? bytes);
    const { header } = batch;
    this.frames.push({ header, times: [...batch.times], rows: rowsOf(batch) });
    for (const timeMs of batch.times) if (timeMs < this.promised(header.stream)) this.late++;
    this.#promised.set(header.stream, header.watermarkMs);
    this.#evaluated = Math.max(this.#evaluated, header.frameSequence);
    if (this.acknowledges) say(socket, { type: 'ack', sequence: this.#evaluated });
  }

  #takeMessage(socket: WebSocket, text: string): void {
    const decodedMessage = decodeAgentMessage(text);
    if (!decodedMessage.ok) throw new Error(decodedMessage.error.detail);
    const message = decodedMessage.value;
    this.messages.push(message);
    if (message.type === 'heartbeat') {
      for (const { stream, watermarkMs } of message.streams) {
        this.#promised.set(stream, watermarkMs);
      }
      const nowMs = this.#nowMs;
      const pulse = { heartbeatSentMs: message.sentAtMs, heartbeatReceivedMs: nowMs };
      say(socket, { type: 'pulse', engineSentMs: nowMs, ...pulse });
    }
    if (message.type !== 'hello') return;
    this.hellos.push(message);
    say(socket, {
      type: 'welcome',
      version: this.takesPartials ? 2 : 1,
      agentKey: 1,
      nowMs: this.#nowMs,
      evaluatedSequence: this.#evaluated,
      heartbeatMs: 50,
      packed: this.takesPacked,
    });
    this.#sendPlans(socket);
  }

  get #nowMs(): number {
    return systemClock.now() + this.clockAheadMs;
  }

  #sendPlans(socket: WebSocket): void {
    say(socket, { type: 'plans', epoch: this.#epoch, queries: this.queries });
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function say(socket: WebSocket, message: EngineToAgent): void {
  socket.send(encodeMessage(message));
}
