/**
 * Messages between the coordinator and a shard. Structured-clone-safe: they cross a MessagePort, or
 * are handed over directly in the simulator.
 */
import type { QueryPlan } from '../ir/plan.ts';
import type { Event } from '../model/value.ts';
import type { StateSize } from '../operator/pane-contents.ts';
import type { GatheredBatch } from '../kernel/gather-columns.ts';
import type { HomeWindow, OpenCount, SessionsPartial } from '../window/home-partial.ts';
import type { TableData } from '../operator/table-columns.ts';
import type { PanePartial, SlotRow } from '../window/pane-partial.ts';
import type { DropReason } from '../telemetry/signals.ts';
import type { OtlpEncoding, OtlpSignal } from '../translate/otlp.ts';
import type { SampleKinds } from '../translate/translated.ts';
import type { StreamValues } from './value-watch.ts';
import type {
  AgentIdentity,
  StreamCounts,
  StreamOffer,
  TimePolicy,
} from '../wire/agent-messages.ts';

// ---- Coordinator → shard ------------------------------------------------------------------------

export type ShardInput =
  /** The whole set: for a shard that begins, or has lost step. */
  | { readonly type: 'plans'; readonly epoch: number; readonly plans: readonly PlannedQuery[] }
  | PlanChanges
  | ShedMessage
  | ClaimVerdict
  | CloseMessage
  /** Post copies of the open panes that start before `beforeMs`, without closing them. */
  | { readonly type: 'peek'; readonly pipeline: string; readonly beforeMs: number }
  /** From another shard, over the port between the two, in order. */
  | { readonly type: 'peer'; readonly from: number; readonly messages: readonly PeerMessage[] }
  /** Nothing more comes from that shard until it is started anew. */
  | { readonly type: 'peer-lost'; readonly shard: number }
  | { readonly type: 'table'; readonly table: TableData }
  | { readonly type: 'table-end'; readonly name: string }
  | IngestRequest
  | IngestLoss
  | ViewRows
  /** Nobody reads the view any more. */
  | { readonly type: 'view-end'; readonly stream: string }
  | { readonly type: 'evict'; readonly connection: number; readonly reason: string }
  /** Asks the agent to connect anew; `to`: the shard that should get it. */
  | { readonly type: 'move'; readonly connection: number; readonly to: number }
  | { readonly type: 'drain'; readonly reason: string }
  /**
   * All that arrived before `readMs` was handled; agents are judged by then. Without it: by now.
   */
  | { readonly type: 'tick'; readonly readMs?: number };

/** What leads from the set of epoch `base` to that of `epoch`. */
export interface PlanChanges {
  readonly type: 'plan-changes';
  readonly epoch: number;
  readonly base: number;
  readonly added: readonly PlannedQuery[];
  /** Pipelines. */
  readonly removed: readonly string[];
  /** Their home stages are at other shards than before, their samples were dealt anew, or they
   * began or ceased to stand. */
  readonly moved: readonly PlannedQuery[];
}

/**
 * Post the panes that end at or before `throughMs`; later events for them are late. Of a query with
 * a home stage, its home shard does, once all shards that it `awaits` have said that they sent what
 * they had; the others say so.
 */
export interface CloseMessage {
  readonly type: 'close';
  readonly pipeline: string;
  readonly throughMs: number;
  readonly awaits: readonly number[];
}

/** The queries that are not evaluated from here on; replaces those before. */
export interface ShedMessage {
  readonly type: 'shed';
  readonly queries: readonly ShedQuery[];
}

export interface ShedQuery {
  readonly pipeline: string;
  /** `shed`: the engine cannot keep up. `quota`: it is over a budget, and gives up its state. */
  readonly reason: 'shed' | 'quota';
}

export interface PlannedQuery {
  readonly pipeline: string;
  readonly plan: QueryPlan;
  /** The shard that runs the plan's home stage; null: it has none, or no shard is up. */
  readonly home: number | null;
  /** What one sender may take of a sample of so many events a second; null: there is none. */
  readonly share: number | null;
  /** Panes that end at or before this are closed from the start. */
  readonly closedThroughMs: number;
  /** Agents that can aggregate the query by themselves, and send partials. Absent: false. */
  readonly isEdge?: boolean;
  /** Agents leave others out before it. Absent: false. */
  readonly isStanding?: boolean;
}

export interface ClaimVerdict {
  readonly type: 'verdict';
  readonly connection: number;
  readonly accepted: boolean;
  readonly agentKey: number;
  readonly evaluatedSequence: number;
  /** Set if refused. */
  readonly code: string | null;
  readonly detail: string | null;
}

/** How a body is read. */
export type BodyFormat = 'ndjson' | 'json' | ForeignFormat;

/** What programs that know nothing of Squilla send. */
export type ForeignFormat =
  | { readonly kind: 'otlp'; readonly signal: OtlpSignal; readonly encoding: OtlpEncoding }
  | { readonly kind: 'remote-write'; readonly version: 1 | 2 }
  | { readonly kind: 'statsd' | 'syslog' };

/** A body of events for one stream, from any listener but those of agents. */
export interface IngestRequest {
  readonly type: 'ingest';
  readonly request: number;
  readonly stream: string;
  readonly format: BodyFormat;
  readonly body: Uint8Array;
  /** Read event time from this field instead of taking the arrival time. */
  readonly timeField: string | null;
  /** How late events may be; `learned`: as late as they prove to be. */
  readonly slackMs: number | 'learned';
}

/** What came to a listener and was lost there. */
export interface IngestLoss {
  readonly type: 'ingest-loss';
  readonly stream: string;
  readonly reason: DropReason;
  readonly count: number;
}

/** A window's rows of a view, for the queries that read it. */
export interface ViewRows {
  readonly type: 'view-rows';
  /** The view's inner stream. */
  readonly stream: string;
  /** The time of every event. */
  readonly timeMs: number;
  readonly events: readonly Event[];
}

// ---- Shard → coordinator ------------------------------------------------------------------------

export type ShardOutput =
  | AgentClaim
  | AgentGone
  | AgentOffer
  | AgentActive
  | AgentReport
  | PanesMessage
  | RowsOutput
  | HomeWindowsMessage
  | StageCountsMessage
  | IngestVerdict
  | TableHeld
  | StreamFieldsMessage
  | StreamValuesMessage
  | StreamTimeMessage
  | StreamViaMessage
  /** Changes came for another epoch than the shard is at: it needs the whole set. */
  | { readonly type: 'plans-wanted' }
  | LoadMessage
  | { readonly type: 'failed'; readonly detail: string };

/** A session ended; the agent may hold a newer one, which `connection` tells apart. */
export interface AgentGone {
  readonly type: 'agent-gone';
  readonly agentKey: number;
  readonly connection: number;
  readonly bye: boolean;
}

/** An agent said hello; the coordinator answers with a verdict and closes any older session. */
export interface AgentClaim {
  readonly type: 'claim';
  readonly connection: number;
  readonly agent: AgentIdentity;
  readonly streams: readonly StreamOffer[];
}

/** From here on events find this version of a table. */
export interface TableHeld {
  readonly type: 'table-held';
  readonly name: string;
  readonly version: number;
}

/** A stream has come by a way that it had not come by before. */
export interface StreamViaMessage {
  readonly type: 'stream-via';
  readonly stream: string;
  readonly via: IngestVia;
}

/** Ways of events that no agent sends. */
export type IngestVia = 'http' | 'websocket' | ForeignFormat['kind'];

/** Requests say how late their events may be; windows of the stream wait as long. */
export interface StreamTimeMessage {
  readonly type: 'stream-time';
  readonly stream: string;
  readonly time: TimePolicy;
  /** The slack is this shard's experience, which may shrink, and no request's wish. */
  readonly isLearned: boolean;
}

export interface AgentOffer {
  readonly type: 'agent-offer';
  readonly agentKey: number;
  readonly streams: readonly StreamOffer[];
}

/** Queries that an agent runs from now on, besides those it runs already. */
export interface AgentActive {
  readonly type: 'agent-active';
  readonly agentKey: number;
  readonly epoch: number;
  readonly active: readonly {
    readonly pipeline: string;
    readonly stream: string;
    readonly sinceMs: number;
  }[];
}

/** Where an agent stands; at most one a tick and agent, and before any panes it bears on. */
export interface AgentReport {
  readonly type: 'agent-report';
  readonly agentKey: number;
  readonly evaluatedSequence: number;
  readonly offsetMs: number;
  /** What its process spends for our queries, in percent of a core; null: not told. */
  readonly cpuPercent?: number | null;
  readonly streams: readonly {
    readonly stream: string;
    readonly watermarkMs: number;
    /** As the agent last said; null until it has. */
    readonly counts: StreamCounts | null;
    /** This shard's own page of the ledger, cumulative for this connection. */
    readonly received: number;
    /** Of the frames it came in, cumulative for this connection. */
    readonly bytes?: number;
    readonly evaluated: number;
    readonly dropped: Readonly<Record<string, number>>;
  }[];
}

/** Answer to `close` (closed: true) and `peek`. */
export interface PanesMessage {
  readonly type: 'panes';
  readonly pipeline: string;
  readonly closed: boolean;
  /** As asked: `throughMs` of close, `beforeMs` of peek. */
  readonly throughMs: number;
  readonly panes: readonly PanePartial[];
  /** Sessions that ended; of session windows only. */
  readonly sessions?: SessionsPartial;
  /** Cumulative for this pipeline in this shard. */
  readonly late: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** Rows of an unwindowed plain select, as they come. */
export interface RowsOutput {
  readonly type: 'rows';
  readonly pipeline: string;
  readonly rows: readonly SlotRow[];
  readonly seen: number;
  readonly matched: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** Windows of a number of events that have ended; from the home shard. */
export interface HomeWindowsMessage {
  readonly type: 'home-windows';
  readonly pipeline: string;
  /** In the order in which they ended. */
  readonly windows: readonly HomeWindow[];
  /** The window that fills now. */
  readonly open: OpenCount;
}

/** What a shard lost of a query with a home stage; when that has changed. */
export interface StageCountsMessage {
  readonly type: 'stage-counts';
  readonly pipeline: string;
  /** Cumulative for this pipeline in this shard. */
  readonly late: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** Shards say this often how they fare. */
export const LOAD_MS = 1_000;

export interface LoadMessage extends ShardLoad {
  readonly type: 'load';
}

export interface ShardLoad {
  /** Share of the time since the last report in which the thread worked, 0 … 1. */
  readonly busy: number;
  /** Age of the events that were evaluated soonest after they happened; 0: nothing came. */
  readonly lagMs: number;
  /** Shares of the work by query, the costliest first. */
  readonly costs: readonly { readonly pipeline: string; readonly share: number }[];
  /** Queries whose open panes take more than a little, and what they take. */
  readonly states: readonly QueryState[];
}

export interface QueryState extends StateSize {
  readonly pipeline: string;
}

export interface IngestVerdict {
  readonly type: 'ingested';
  readonly request: number;
  readonly accepted: number;
  readonly rejected: number;
  /** At most 20. */
  readonly errors: readonly { readonly line: number; readonly message: string }[];
  /** The shard ended while it read the body, which may be sent again. Absent: false. */
  readonly isLost?: boolean;
  /** What was taken of each kind; absent: the protocol has none. */
  readonly kinds?: SampleKinds;
}

/** Values to suggest, of fields that have new ones since the last such message. */
export interface StreamValuesMessage extends StreamValues {
  readonly type: 'stream-values';
}

/** Fields met on a stream since the last such message. */
export interface StreamFieldsMessage {
  readonly type: 'stream-fields';
  readonly stream: string;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
}

// ---- Shard → shard ------------------------------------------------------------------------------

/** On the way to a query's home shard, and back. */
export type PeerMessage =
  | ExchangedRows
  | ExchangeMark
  /** So many bytes of exchanged rows were evaluated or thrown away. */
  | { readonly type: 'taken'; readonly bytes: number };

export interface ExchangedRows {
  readonly type: 'exchanged';
  readonly pipeline: string;
  /** Of the sender's plan set: the receiver may still have to hear of it. */
  readonly epoch: number;
  readonly batch: GatheredBatch;
  /** What the batch counts for in `exchangeBytesMax`. */
  readonly bytes: number;
  /** When the events were taken in. */
  readonly ingestMs: number;
}

/** Everything that the sender had was sent before. */
export interface ExchangeMark {
  readonly type: 'mark';
  readonly pipeline: string;
  readonly epoch: number;
  /** The sender evaluates nothing any more that ends at or before this. */
  readonly throughMs: number;
  /** Events since the last mark that did not pass, and the time of the earliest of them. */
  readonly filtered: number;
  readonly filteredMs: number;
}
