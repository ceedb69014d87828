/** An agent for tests without sockets and coordinators: what it sends, a shard has. */
import { AgentSession } from '../../agents/session.ts';
import type { StreamState } from '../../agents/stream-state.ts';
import type { Config } from '../../src/config.ts';
import { VirtualClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { Event } from '../../src/model/value.ts';
import type { PulseMessage } from '../../src/wire/agent-messages.ts';
import type { Shard } from '../../src/shard/shard.ts';

export const STREAM = 'stream';
/** Named beside it in FROM by queries that read two. */
export const OTHER = 'other';
/** Holds the event time of everything that is fed. */
export const TIME_FIELD = 'ts';

/** Slack of the streams, and as much as agents spread what they say. */
const PASSED_MS = 100;

export interface SocketlessAgentParts {
  readonly sender: number;
  readonly id: string;
  readonly options: {
    readonly config: Config;
    readonly nowMs: number;
    readonly breaks?: boolean;
    readonly streams: readonly string[];
  };
  readonly toShard: (input: Parameters<Shard['handle']>[0]) => void;
}

/** An agent session whose socket is a function call; its connection number is its sender's. */
export class SocketlessAgent {
  readonly #sender: number;
  readonly #config: Config;
  readonly #clock: VirtualClock;
  readonly #session: AgentSession;
  readonly #streams: ReadonlyMap<string, StreamState>;
  readonly #toShard: (input: Parameters<Shard['handle']>[0]) => void;
  /** Null: its connection holds. */
  readonly #breaks: Rng | null;

  constructor({ sender, id, options, toShard }: SocketlessAgentParts) {
    const { config, nowMs } = options;
    this.#sender = sender;
    this.#config = config;
    this.#toShard = toShard;
    this.#breaks = options.breaks === true ? createRng(sender) : null;
    this.#clock = new VirtualClock(nowMs);
    this.#session = new AgentSession({
      url: 'ws://shard/',
      token: null,
      identity: { id, incarnation: 1, service: id, host: 'test', library: 'test', tags: {} },
      limits: config,
      clock: this.#clock,
      rng: createRng(sender),
      onWork: () => undefined,
    });
    const policy = { kind: 'field', field: TIME_FIELD, slackMs: 50 } as const;
    this.#streams = new Map(
      options.streams.map((name) => [name, this.#session.stream(name, policy)!]),
    );
  }

  start(): void {
    this.#carryOut({ type: 'start' });
    this.#expectPlans('the agent was given no plan');
  }

  publish(events: readonly { readonly event: Event; readonly stream: string }[]): void {
    for (const { event, stream } of events) this.#streams.get(stream)!.publish(event);
    this.#clock.advance(this.#config.agentFlushMs);
    this.#carryOut({ type: 'tick' });
    if (this.#breaks !== null && this.#breaks.next() < 0.4) this.#break();
  }

  /** The shard is told first, as of a socket that was closed behind the last frame. */
  #break(): void {
    this.#toShard({ type: 'closed', connection: this.#sender });
    this.#carryOut({ type: 'closed', reason: 'broken' });
    this.#clock.advance(this.#config.reconnectMaxMs);
    this.#carryOut({ type: 'tick' });
    this.#expectPlans('the agent did not come back');
  }

  #expectPlans(otherwise: string): void {
    for (const stream of this.#streams.values()) if (!stream.active) throw new Error(otherwise);
  }

  /** The engine's clock, as the agent knows it, has passed a pane's end: what it counted leaves. */
  pass(timeMs: number): void {
    const correctedMs = this.#clock.now() + this.#session.offsetMs;
    this.#clock.advance(Math.max(0, timeMs + PASSED_MS - correctedMs));
    this.#carryOut({ type: 'tick' });
  }

  heartbeat(): void {
    this.#clock.advance(this.#config.heartbeatMs);
    this.#carryOut({ type: 'tick' });
  }

  receive(text: string): void {
    const isLost = this.#breaks !== null && this.#breaks.next() < 0.5;
    if (isLost && text.startsWith('{"type":"ack"')) return;
    this.#carryOut({ type: 'text', text: this.#inStep(text) });
  }

  /** The shard's clock stands still. A clock that does not go with the agent's was set. */
  #inStep(text: string): string {
    if (!text.startsWith('{"type":"pulse"')) return text;
    const pulse = JSON.parse(text) as PulseMessage;
    const engineMs = pulse.heartbeatSentMs + this.#session.offsetMs;
    const times = { engineSentMs: engineMs, heartbeatReceivedMs: engineMs };
    return JSON.stringify({ ...pulse, ...times });
  }

  #carryOut(input: Parameters<AgentSession['handle']>[0]): void {
    const connection = this.#sender;
    for (const effect of this.#session.handle(input)) {
      if (effect.type === 'connect') {
        this.#toShard({ type: 'open', connection, kind: 'agent' });
        this.#carryOut({ type: 'opened' });
      } else if (effect.type === 'text') {
        this.#toShard({ type: 'text', connection, text: effect.text });
      } else if (effect.type === 'frame') {
        this.#session.socketBytes = 0;
        this.#toShard({ type: 'binary', connection, bytes: effect.bytes.slice() });
      } else if (effect.type === 'disconnect') {
        throw new Error(`the agent hung up: ${effect.reason}`);
      }
    }
  }
}
