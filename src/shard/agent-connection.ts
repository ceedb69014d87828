/**
 * One agent's session in a shard: hello → claim → welcome → plans, frames and heartbeats. A pure
 * state machine; frames of an agent that is not welcome, or that break the protocol, end the
 * session with a reason and touch nobody else.
 */
import type { ErrorCode } from '../core/errors.ts';
import { decodeAgentMessage, encodeMessage } from '../wire/message-codec.ts';
import type {
  ActiveQuery,
  EngineToAgent,
  HeartbeatMessage,
  HelloMessage,
  StreamOffer,
} from '../wire/agent-messages.ts';
import {
  PARTIALS_VERSION,
  PROTOCOL_VERSION,
  PROTOCOL_VERSION_MIN,
} from '../wire/agent-messages.ts';
import { AgentCost } from './agent-cost.ts';
import { AgentFrames, firstSequenceOf } from './agent-frames.ts';
import type { FramePort } from './agent-frames.ts';
import { AgentPlans } from './agent-plans.ts';
import { CLOSE } from './effects.ts';
import type { Authorize, IngestGrant, ShardEffect } from './effects.ts';
import type { ClaimVerdict, PlannedQuery } from './messages.ts';
import type { PlanNews } from './plan-set.ts';
import { isReservedStream } from '../wire/stream-name.ts';
import { knownDrops, pageReport, promise, streamPage } from './stream-page.ts';
import type { StreamPage } from './stream-page.ts';

export interface AgentConnectionPort extends FramePort {
  readonly authorize: Authorize;
  readonly emit: (effect: ShardEffect) => void;
  /** Of the plan set that `queriesOf` answers from. */
  readonly epoch: () => number;
  readonly queriesOf: (stream: string) => readonly PlannedQuery[];
}

/** What is kept of a hello. */
type Greeting = Pick<HelloMessage, 'agent' | 'resendFrom'> & {
  readonly framesSent: number | null;
};

function greetingOf({ agent, framesSent = null, resendFrom }: HelloMessage): Greeting {
  return { agent, framesSent, resendFrom };
}

type State = 'hello' | 'claiming' | 'live' | 'closed';

export class AgentConnection {
  readonly connection: number;
  readonly openedAtMs: number;
  readonly #port: AgentConnectionPort;
  readonly #streams = new Map<string, StreamPage>();
  #state: State = 'hello';
  #greeting: Greeting | null = null;
  #grant: IngestGrant | null = null;
  /** Null: not welcome yet. */
  #frames: AgentFrames | null = null;
  #version = PROTOCOL_VERSION_MIN;
  #agentKey = 0;
  #ackedSequence = 0;
  #offsetMs = 0;
  readonly #cost = new AgentCost();
  readonly #plans: AgentPlans;
  #reportDue = false;
  #heardAtMs: number;

  constructor(connection: number, port: AgentConnectionPort, nowMs: number) {
    this.connection = connection;
    this.#port = port;
    this.#plans = new AgentPlans((message) => this.#send(message));
    this.openedAtMs = nowMs;
    this.#heardAtMs = nowMs;
  }

  get isLive(): boolean {
    return this.#state === 'live';
  }

  /** Ids of strings this connection's dictionaries still use. */
  usedIds(): Iterable<number> {
    return this.#frames?.usedIds() ?? [];
  }

  text(text: string, nowMs: number): void {
    if (this.#state === 'closed') return;
    const decoded = decodeAgentMessage(text);
    if (!decoded.ok) {
      this.#refuse(
        this.#state === 'hello' ? 'WIRE_BAD_HELLO' : 'WIRE_BAD_MESSAGE',
        decoded.error.detail,
      );
      return;
    }
    this.#heardAtMs = nowMs;
    const message = decoded.value;
    if (message.type === 'hello') {
      this.#hello(message);
      return;
    }
    if (message.type === 'bye') {
      this.#leave(true);
      this.#disconnect(1000, 'bye');
      return;
    }
    if (this.#state !== 'live') {
      this.#refuse('WIRE_BAD_HELLO', `${message.type} came before hello was answered`);
      return;
    }
    switch (message.type) {
      case 'plansAck':
        this.#plansAck(message.epoch, message.active);
        break;
      case 'heartbeat':
        this.#heartbeat(message, nowMs);
        break;
      case 'offer':
        this.#offer(message.streams);
        break;
    }
  }

  binary(bytes: Uint8Array, nowMs: number): void {
    if (this.#state !== 'live' || this.#frames === null) {
      if (this.#state !== 'closed') this.#refuse('WIRE_BAD_HELLO', 'a frame came before welcome');
      return;
    }
    this.#heardAtMs = nowMs;
    const fault = this.#frames.take(bytes, nowMs);
    if (fault === null) this.#reportDue = true;
    else this.#refuse('WIRE_BAD_FRAME', fault);
  }

  verdict(verdict: ClaimVerdict, nowMs: number): void {
    if (this.#state !== 'claiming') return;
    if (!verdict.accepted) {
      this.#refuse((verdict.code ?? 'ENGINE_BUSY') as ErrorCode, verdict.detail ?? '');
      return;
    }
    const { agentKey, evaluatedSequence } = verdict;
    const hello = this.#greeting;
    this.#state = 'live';
    this.#agentKey = agentKey;
    this.#frames = new AgentFrames(this.#port, {
      agentId: hello?.agent.id ?? '',
      incarnation: hello?.agent.incarnation ?? 0,
      aggregates: this.#plans.aggregates,
      pages: this.#streams,
      evaluatedSequence,
      firstSequence: hello === null ? null : firstSequenceOf(hello, evaluatedSequence),
    });
    this.#ackedSequence = evaluatedSequence;
    this.#send({
      type: 'welcome',
      version: this.#version,
      agentKey,
      nowMs,
      evaluatedSequence,
      heartbeatMs: this.#port.config.heartbeatMs,
      packed: true,
    });
  }

  /** Sends the plans of this agent's streams, whatever it has. */
  allPlans(): void {
    if (this.#state !== 'live') return;
    const { epoch, queriesOf } = this.#port;
    this.#plans.sendAll(epoch(), this.#streams.keys(), queriesOf);
  }

  /** Sends what changed for this agent's streams, if anything did. */
  planNews(news: PlanNews): void {
    if (this.#state !== 'live') return;
    this.#plans.sendNews(news, this.#streams);
    if (this.#plans.isStuck) this.#refuse('WIRE_BAD_MESSAGE', 'plans were not acknowledged');
  }

  /** Tells the coordinator and the agent how far this session has come, if it has moved. */
  flush(): void {
    if (!this.#reportDue || this.#state !== 'live') return;
    this.#reportDue = false;
    this.#report();
    if (this.#evaluatedSequence > this.#ackedSequence) {
      this.#ackedSequence = this.#evaluatedSequence;
      this.#send({ type: 'ack', sequence: this.#evaluatedSequence });
    }
  }

  /** Closes sessions that had never said hello by then, or had said nothing for long. */
  tick(nowMs: number): void {
    const { handshakeMs, pingMs, leaseMs } = this.#port.config;
    if (this.#state === 'hello' && nowMs - this.openedAtMs > handshakeMs) {
      this.#refuse('WIRE_BAD_HELLO', `no hello within ${handshakeMs} ms`);
    } else if (nowMs - this.#heardAtMs > Math.max(pingMs, 2 * leaseMs)) {
      // A half-open socket: the agent is silent already and may be connecting anew.
      this.#leave(false);
      this.#disconnect(CLOSE.policy, 'silent');
    }
  }

  /** A newer session waits for what this one has come to. */
  evict(reason: string): void {
    this.#leave(false);
    this.#disconnect(CLOSE.policy, reason);
  }

  /** Another shard has room; the session goes on until the agent hangs up. */
  move(): void {
    if (this.#state === 'live') this.#send({ type: 'moveTo', url: null });
  }

  drain(reason: string): void {
    if (this.#state === 'live') this.#send({ type: 'bye', reason });
    this.#leave(true);
    this.#disconnect(CLOSE.goingAway, reason);
  }

  closed(): void {
    this.#leave(false);
  }

  #hello(message: HelloMessage): void {
    if (this.#state !== 'hello') {
      this.#refuse('WIRE_BAD_HELLO', 'a second hello');
      return;
    }
    if (message.version < PROTOCOL_VERSION_MIN) {
      const spoken = `this engine speaks ${PROTOCOL_VERSION}, the agent ${message.version}`;
      this.#refuse('WIRE_BAD_VERSION', spoken);
      return;
    }
    this.#grant = this.#port.authorize(message.token);
    if (this.#grant === null) {
      this.#refuse('ENGINE_UNAUTHORIZED', 'the token does not allow ingest');
      return;
    }
    if (!this.#mayOffer(message.streams)) return;
    this.#state = 'claiming';
    this.#greeting = greetingOf(message);
    // A newer agent speaks what this engine does.
    this.#version = Math.min(message.version, PROTOCOL_VERSION);
    this.#plans.aggregates = this.#version >= PARTIALS_VERSION;
    for (const { name } of message.streams) this.#streams.set(name, streamPage(name));
    const { connection } = this;
    const { agent, streams } = message;
    this.#tell({ type: 'claim', connection, agent, streams });
  }

  #plansAck(epoch: number, active: readonly ActiveQuery[]): void {
    this.#plans.acknowledged();
    this.#tell({
      type: 'agent-active',
      agentKey: this.#agentKey,
      epoch,
      active: active.map(({ query, stream, sinceMs }) => ({ pipeline: query, stream, sinceMs })),
    });
  }

  #heartbeat(message: HeartbeatMessage, nowMs: number): void {
    for (const pulse of message.streams) {
      const page = this.#streams.get(pulse.stream);
      if (page === undefined) continue;
      // Counts are cumulative since the agent's start; what came before this session is not news.
      const { aggregated, filtered, sampledOut } = pulse.counts;
      const leftOut = filtered + sampledOut + aggregated;
      const news = page.filtered === null ? 0 : leftOut - page.filtered;
      if (news > 0) this.#frames?.leftOut(pulse.stream, news, pulse.watermarkMs);
      page.filtered = leftOut;
      page.counts = { ...pulse.counts, dropped: knownDrops(pulse.counts.dropped) };
      promise(page, pulse.watermarkMs, nowMs);
    }
    this.#offsetMs = message.sentAtMs - nowMs;
    this.#cost.told(message.sentAtMs, message.busyMs ?? null);
    this.#reportDue = true;
    this.#send({
      type: 'pulse',
      engineSentMs: nowMs,
      heartbeatSentMs: message.sentAtMs,
      heartbeatReceivedMs: nowMs,
    });
  }

  get #evaluatedSequence(): number {
    return this.#frames?.evaluatedSequence ?? 0;
  }

  /** False, and the session is over, if a stream is reserved or not covered by the token. */
  #mayOffer(streams: readonly StreamOffer[]): boolean {
    const reserved = streams.find(({ name }) => isReservedStream(name));
    if (reserved !== undefined) {
      this.#refuse('ENGINE_FORBIDDEN', `the stream ${reserved.name} is the engine's own`);
      return false;
    }
    const foreign = streams.find(({ name }) => this.#grant?.mayIngest(name) !== true);
    if (foreign === undefined) return true;
    this.#refuse('ENGINE_FORBIDDEN', `the token does not cover the stream ${foreign.name}`);
    return false;
  }

  #offer(streams: readonly StreamOffer[]): void {
    if (!this.#mayOffer(streams)) return;
    const begun: string[] = [];
    for (const { name } of streams) {
      if (this.#streams.has(name)) continue;
      begun.push(name);
      if (this.#streams.size >= this.#port.config.streamsPerAgentMax) {
        this.#refuse('WIRE_BAD_MESSAGE', `more than ${this.#streams.size} streams`);
        return;
      }
      this.#streams.set(name, streamPage(name));
    }
    this.#tell({ type: 'agent-offer', agentKey: this.#agentKey, streams });
    // Somebody may have been asking for a stream of this name before anybody offered it.
    const asked = begun.some((name) => this.#port.queriesOf(name).length > 0);
    if (asked) this.allPlans();
  }

  #report(): void {
    this.#tell({
      type: 'agent-report',
      agentKey: this.#agentKey,
      evaluatedSequence: this.#evaluatedSequence,
      offsetMs: this.#offsetMs,
      cpuPercent: this.#cost.percent,
      streams: [...this.#streams.values()].map(pageReport),
    });
  }

  #leave(bye: boolean): void {
    if (this.#state === 'live') {
      this.#report();
      const { connection } = this;
      this.#tell({ type: 'agent-gone', agentKey: this.#agentKey, connection, bye });
    }
    this.#state = 'closed';
  }

  #refuse(code: ErrorCode, detail: string): void {
    const name = this.#greeting?.agent.id ?? `connection ${this.connection}`;
    this.#send({ type: 'refuse', code, detail, retryAfterMs: null });
    this.#leave(false);
    this.#disconnect(CLOSE.policy, `${code} (${name})`);
  }

  #send(message: EngineToAgent): void {
    const { connection } = this;
    this.#port.emit({ type: 'send', connection, text: encodeMessage(message) });
  }

  #tell(message: Extract<ShardEffect, { type: 'to-coordinator' }>['message']): void {
    this.#port.emit({ type: 'to-coordinator', message });
  }

  #disconnect(code: number, reason: string): void {
    const { connection } = this;
    this.#port.emit({ type: 'disconnect', connection, code, reason: reason.slice(0, 120) });
  }
}
