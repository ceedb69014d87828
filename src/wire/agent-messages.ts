/**
 * Control messages between agents and the engine: JSON in WebSocket text frames, subprotocol
 * `squilla.v1`. Data travels in binary frames (`event-frame.ts`). `docs/protocol.md` describes both
 * byte by byte. Times are milliseconds since 1970 UTC.
 *
 * Conversation: agent `hello` → engine `welcome` (or `refuse`, then close) → engine `plans`
 * once, then `planChanges` whenever the set of queries on the agent's streams changes → agent
 * `plansAck` → agent event frames and `heartbeat`s; engine `ack`s. Either side may say `bye`.
 */
import type { AggregateStage, SourceStage } from '../ir/plan.ts';

export const SUBPROTOCOL = 'squilla.v1';
/** Both ends speak the lower of their two. */
export const PROTOCOL_VERSION = 2;
/** The oldest version that is understood. */
export const PROTOCOL_VERSION_MIN = 1;
/** From this version on agents may be asked for partials. */
export const PARTIALS_VERSION = 2;

export type AgentToEngine =
  | HelloMessage
  | PlansAckMessage
  | HeartbeatMessage
  | OfferMessage
  | ByeMessage;

export type EngineToAgent =
  | WelcomeMessage
  | RefuseMessage
  | PlansMessage
  | PlanChangesMessage
  | AckMessage
  | PulseMessage
  | MoveToMessage
  | ByeMessage;

/** First message of an agent. */
export interface HelloMessage {
  readonly type: 'hello';
  readonly version: number;
  readonly token: string | null;
  readonly agent: AgentIdentity;
  readonly streams: readonly StreamOffer[];
  /** Lowest frame sequence the agent still holds unacknowledged; null: none. */
  readonly resendFrom: number | null;
  /** Frame sequences given out so far, on whatever connection; older agents do not say. */
  readonly framesSent?: number | null;
}

export interface AgentIdentity {
  /** Stable across reconnects of one process, e.g. `checkout@web-1#4711`. */
  readonly id: string;
  /** New with each process: ms since 1970 of its start, then sequences begin anew. */
  readonly incarnation: number;
  readonly service: string;
  readonly host: string;
  /** Version of the agent library. */
  readonly library: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A stream an agent offers. Only names and types leave unasked, never values. */
export interface StreamOffer {
  readonly name: string;
  readonly time: TimePolicy;
  readonly fields: readonly OfferedField[];
}

export interface TimePolicy {
  /** How event time is known: when published, when it arrived, or read from a field. */
  readonly kind: 'publish' | 'arrival' | 'field';
  readonly field: string | null;
  /** How far behind the clock events may run. */
  readonly slackMs: number;
}

export interface OfferedField {
  readonly name: string;
  readonly type: 'number' | 'string' | 'boolean' | 'list' | 'object' | 'mixed' | 'denied';
}

export interface WelcomeMessage {
  readonly type: 'welcome';
  readonly version: number;
  /** Small number that names this agent in this engine run. */
  readonly agentKey: number;
  /** The engine's clock when this was sent. */
  readonly nowMs: number;
  /** Frames up to here were evaluated before; the agent resends from the next. 0: none. */
  readonly evaluatedSequence: number;
  readonly heartbeatMs: number;
  /** Packed frames are taken. Default: false. */
  readonly packed?: boolean;
}

export interface RefuseMessage {
  readonly type: 'refuse';
  /** Code of core/errors.ts. */
  readonly code: string;
  readonly detail: string;
  readonly retryAfterMs: number | null;
}

/** The whole set of plans for this agent's streams; replaces the previous set. */
export interface PlansMessage {
  readonly type: 'plans';
  readonly epoch: number;
  readonly queries: readonly AgentQuery[];
}

/**
 * What changed of the set since the message before, whose epoch is `base`. An agent at another
 * epoch has missed something and connects anew.
 */
export interface PlanChangesMessage {
  readonly type: 'planChanges';
  readonly epoch: number;
  readonly base: number;
  readonly added: readonly AgentQuery[];
  readonly removed: readonly RemovedQuery[];
}

export interface RemovedQuery {
  readonly query: string;
  readonly stream: string;
}

export interface AgentQuery {
  /** Names the pipeline. */
  readonly query: string;
  /** One of the streams the agent offers (globs are resolved by the engine). */
  readonly stream: string;
  readonly source: SourceStage;
  /** Batches are flushed at multiples of this; 0: as soon as may be (unwindowed). */
  readonly paneMs: number;
  /** Partials are wanted and not events; null: events are. */
  readonly aggregation: Aggregation | null;
  /**
   * An alert rule or a view is fed by it: an agent beyond its budget of CPU leaves it out last. May
   * change while the query runs; it is then added again. Default: false.
   */
  readonly standing?: boolean;
}

export interface Aggregation {
  readonly stage: AggregateStage;
  /** Partials of open panes are wanted this often; 0: not before the pane ends. */
  readonly emitEveryMs: number;
}

/** What became of the queries of one `plans` or `planChanges`. */
export interface PlansAckMessage {
  readonly type: 'plansAck';
  readonly epoch: number;
  readonly active: readonly ActiveQuery[];
  readonly refused: readonly { readonly query: string; readonly code: string }[];
}

export interface ActiveQuery {
  readonly query: string;
  readonly stream: string;
  /** Events from this event time on were evaluated for the query (corrected clock). */
  readonly sinceMs: number;
}

/**
 * Sent when idle every `heartbeatMs` and at window ends: the source is alive, with or without data.
 */
export interface HeartbeatMessage {
  readonly type: 'heartbeat';
  /** Agent's own clock when sent. */
  readonly sentAtMs: number;
  /** `sentAtMs` of the last pulse received, and when it came (agent's clock); for the offset. */
  readonly pulse: { readonly engineSentMs: number; readonly receivedMs: number } | null;
  readonly streams: readonly StreamPulse[];
  /**
   * What the engine's queries took of this process so far, in ms of a core, about. Null: the agent
   * does not measure it. Default: null.
   */
  readonly busyMs?: number | null;
}

export interface StreamPulse {
  readonly stream: string;
  /** No event before this time will come any more (corrected clock − slack, or oldest unsent). */
  readonly watermarkMs: number;
  /** Cumulative since the agent's start: the agent's page of the ledger. */
  readonly counts: StreamCounts;
}

export interface StreamCounts {
  /** `publish` calls while some query was active. */
  readonly offered: number;
  /** Looked at and wanted by no query. */
  readonly filtered: number;
  /** Left out by the samples of all queries; no condition was asked. */
  readonly sampledOut: number;
  /** Counted for some query that aggregates here, and not to be shipped for any other. */
  readonly aggregated: number;
  /** Put into frames. */
  readonly sent: number;
  readonly dropped: Readonly<Record<string, number>>;
  /**
   * Looked at for standing queries only, for want of CPU: what became of them there is told above,
   * and to all other queries they are lost as `agent_shed`. Default: 0.
   */
  readonly shedAdHoc?: number;
}

/** Streams or fields that appeared after hello. */
export interface OfferMessage {
  readonly type: 'offer';
  readonly streams: readonly StreamOffer[];
}

/** Frames up to `sequence` were evaluated; the agent may forget them. */
export interface AckMessage {
  readonly type: 'ack';
  readonly sequence: number;
}

/** The engine's clock; answers each heartbeat. */
export interface PulseMessage {
  readonly type: 'pulse';
  readonly engineSentMs: number;
  /** `sentAtMs` of the heartbeat that is answered, and when it came in (engine's clock). */
  readonly heartbeatSentMs: number;
  readonly heartbeatReceivedMs: number;
}

/** Please reconnect there; null: to the address in use, behind which another shard has room. */
export interface MoveToMessage {
  readonly type: 'moveTo';
  readonly url: string | null;
}

export interface ByeMessage {
  readonly type: 'bye';
  readonly reason: string;
}
