/**
 * The engine's end of the agent protocol under virtual time, as far as a session's tests need it:
 * answers what it is told to answer, decodes what it gets, and keeps it for the test to look at.
 */
import { configWith } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import { VirtualClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import type { SourceStage } from '../../src/ir/plan.ts';
import type {
  AgentQuery,
  AgentToEngine,
  EngineToAgent,
  HeartbeatMessage,
  StreamPulse,
} from '../../src/wire/agent-messages.ts';
import type { EventDecoder } from '../../src/wire/event-decoder.ts';
import type { EventFrameHeader } from '../../src/wire/event-batch-header.ts';
import { decodeAgentMessage, encodeMessage } from '../../src/wire/message-codec.ts';
import { isPartialsFrame } from '../../src/wire/partials-frame.ts';
import type { Value } from '../../src/model/value.ts';
import { AgentSession } from '../../agents/session.ts';
import type { SessionEffect, SessionInput, SessionOptions } from '../../agents/session-contract.ts';
import type { AgentStatus } from '../../agents/status.ts';
import { decoded, newDecoder, rowsOf } from './wire-fixture.ts';

export interface ReceivedFrame {
  readonly header: EventFrameHeader;
  readonly times: readonly number[];
  readonly rows: readonly Record<string, Value>[];
}

export class FakeEngine {
  readonly clock: VirtualClock;
  readonly session: AgentSession;
  readonly messages: AgentToEngine[] = [];
  readonly frames: ReceivedFrame[] = [];
  /** As they came. */
  readonly partials: Uint8Array[] = [];
  /** Every frame, as it came. */
  readonly raw: Uint8Array[] = [];
  readonly connects: string[] = [];
  readonly disconnects: string[] = [];
  readonly statuses: AgentStatus[] = [];
  #decoder: EventDecoder = newDecoder();
  #working = false;
  #workDue = false;

  constructor(
    limits: Partial<Config> = {},
    startMs = 1_000_000,
    options: Partial<SessionOptions> = {},
  ) {
    this.clock = new VirtualClock(startMs);
    this.session = new AgentSession({
      url: 'ws://engine',
      token: null,
      identity: {
        id: 'checkout@web-1#1',
        incarnation: 1,
        service: 'checkout',
        host: 'web-1',
        library: 'test',
        tags: {},
      },
      limits: configWith(limits),
      clock: this.clock,
      rng: createRng(1),
      onWork: () => {
        if (this.#working) this.#workDue = true;
        else this.input({ type: 'tick' });
      },
      ...options,
    });
  }

  input(input: SessionInput): void {
    this.#working = true;
    this.session.socketBytes = 0;
    for (const effect of this.session.handle(input)) this.#apply(effect);
    this.#working = false;
    if (!this.#workDue) return;
    this.#workDue = false;
    this.input({ type: 'tick' });
  }

  /** Says something to the agent. */
  say(message: EngineToAgent): void {
    this.input({ type: 'text', text: encodeMessage(message) });
  }

  /** Connects and welcomes. */
  welcome(evaluatedSequence = 0): void {
    if (this.connects.length === 0) this.input({ type: 'start' });
    this.#decoder = newDecoder();
    this.input({ type: 'opened' });
    this.say({
      type: 'welcome',
      version: 1,
      agentKey: 1,
      nowMs: this.clock.now(),
      evaluatedSequence,
      heartbeatMs: 1_000,
    });
  }

  plans(epoch: number, queries: readonly AgentQuery[]): void {
    this.say({ type: 'plans', epoch, queries });
  }

  /** Lets time pass, waking the session when it asked to be. */
  advance(ms: number): void {
    const untilMs = this.clock.now() + ms;
    while (this.session.wakeAtMs <= untilMs) {
      this.clock.set(Math.max(this.clock.now(), this.session.wakeAtMs));
      this.input({ type: 'tick' });
    }
    this.clock.set(untilMs);
  }

  get heartbeats(): readonly HeartbeatMessage[] {
    return this.messages.filter((message) => message.type === 'heartbeat');
  }

  /** What the agent last said of a stream. */
  lastPulse(stream: string): StreamPulse {
    for (const { streams } of this.heartbeats.toReversed()) {
      const found = streams.find((pulse) => pulse.stream === stream);
      if (found !== undefined) return found;
    }
    throw new Error(`nothing said of ${stream}`);
  }

  #apply(effect: SessionEffect): void {
    switch (effect.type) {
      case 'connect':
        this.connects.push(effect.url);
        break;
      case 'disconnect':
        this.disconnects.push(effect.reason);
        break;
      case 'status':
        this.statuses.push(effect.status);
        break;
      case 'text': {
        const message = decodeAgentMessage(effect.text);
        if (!message.ok) throw new Error(message.error.detail);
        this.messages.push(message.value);
        break;
      }
      case 'frame': {
        this.raw.push(effect.bytes);
        if (isPartialsFrame(effect.bytes)) {
          this.partials.push(effect.bytes);
          break;
        }
        const batch = decoded(this.#decoder, effect.bytes);
        this.frames.push({ header: batch.header, times: [...batch.times], rows: rowsOf(batch) });
        break;
      }
    }
  }
}

export function sourceOf(
  names: readonly string[],
  where: SourceStage['where'] = null,
): SourceStage {
  return {
    sample: null,
    where,
    fields: names.map((name) => [{ by: 'name', name }]),
    allFields: false,
  };
}

export function queryOf(
  stream: string,
  source: SourceStage,
  options: Partial<Pick<AgentQuery, 'query' | 'paneMs' | 'aggregation'>> = {},
): AgentQuery {
  const { aggregation = null, paneMs = 0, query = 'q1' } = options;
  return { query, stream, source, paneMs, aggregation };
}
