/**
 * What the gateway asks of the engine. Every call is synchronous but `ingest`, none throws for what
 * a user sent: a refused subscription hears `error` and then `closed` through its sink. The main
 * module implements it over the coordinator; tests over a few arrays.
 */
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import type { BoardPort } from './board-port.ts';
import type { TablePort } from './table-port.ts';
import type { Formatted } from '../../grammar/format.ts';
import type { QueryFileMistake } from '../store/query-file.ts';
import type { DeliverEffect, SubscribeInput } from '../coordinator/messages.ts';
import type { AlertService } from '../alert/alert-service.ts';
import type { RulesCheck } from '../alert/check-rules.ts';
import type { RuleScope } from '../alert/rule-scope.ts';
import type { SavedQueryInput, SavedQueryView } from '../coordinator/saved-desk.ts';
import type { StandingQuery } from '../coordinator/standing-queries.ts';
import type { AgentView, LedgerView, QueryView, StreamView } from '../coordinator/views.ts';
import type { EngineError } from '../core/errors.ts';
import type { Result } from '../core/result.ts';
import type { Value } from '../model/value.ts';
import type { BacktestPort } from './backtest-handler.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { IngestRequest, IngestVerdict } from '../shard/messages.ts';
import type { DropReason } from '../telemetry/signals.ts';
import type { SavedQuery } from '../store/saved-queries.ts';
import type { ResultColumn, RowsMessage } from '../wire/results.ts';
import type { NotifyPort } from './notify-port.ts';
import type { SeriesPort } from './series-handlers.ts';

export interface EnginePort {
  /** May call the sink before it returns. After `closed` the sink is never called again. */
  subscribe(input: SubscribeRequest, sink: ResultSink): void;
  /** Unknown ids are ignored. The sink is not called any more. */
  unsubscribe(subscription: string): void;
  /** False: no such query. */
  stopQuery(query: string, by: string): boolean;
  readonly saved: SavedPort;
  /** Long texts are worked on elsewhere, hence the promise. */
  check(query: string, params: Readonly<Record<string, Value>>): QueryCheck | Promise<QueryCheck>;
  /** Long texts are worked on elsewhere, hence the promise. */
  format(query: string): Formatted | Promise<Formatted>;
  /** Set once the tables of joins are known. */
  readonly tables?: TablePort;
  /** Resolves when a shard has taken or refused every event of the body. */
  ingest(request: IngestBody): Promise<IngestVerdict>;
  /** Says what came to a listener and was lost there, for the ledger. */
  lost(stream: string, reason: DropReason, count: number): void;
  streams(): readonly StreamView[];
  agents(): readonly AgentView[];
  /** All that run, or the one with this id; null: all. */
  queries(id: string | null): readonly QueryView[];
  ledger(): LedgerView;
  /** JSON-safe. */
  status(): object;
  /** Prometheus text format 0.0.4. */
  metricsText(): string;
  /** Functions and signatures of the query language, JSON-safe. */
  language(): object;
  /** Whether queries and events are being taken. */
  ready(): boolean;
  /** Who is told of alerts; unset until it is up. */
  readonly notify?: NotifyPort;
  /** Boards and annotations; unset until they are read. */
  readonly boards?: BoardPort;
  /** Kept series; unset where nothing is kept. */
  readonly series?: SeriesPort;
  /** Saved queries that run for themselves; unset where nothing is kept. */
  readonly standing?: StandingPort;
  /** Set if this engine runs the demo. */
  readonly demo?: DemoPort;
  /** Has long texts planned off this thread, for {@link plan} to find; others cost nothing. */
  prepare(queries: readonly string[]): Promise<void>;
  /** Plans a query against what is known of streams now. */
  plan(query: string): PlannedQuery;
  /** Where rules are checked. */
  readonly rules: RulesPort;
  /** Recent results of a running query, oldest first; none: it does not run. */
  recent(query: string): readonly RowsMessage[];
  /** Set if this engine runs rules over the past. */
  readonly backtests?: BacktestPort;
  /** Set if this engine evaluates alert rules. */
  readonly alerts?: AlertService;
}

export interface StandingPort {
  list(): readonly StandingQuery[];
}

export type SubscribeRequest = Omit<SubscribeInput, 'type' | 'planned'>;

/** A message for one subscription, or the news that there will be no more. */
export type SubscriptionEffect =
  | DeliverEffect
  | { readonly type: 'closed'; readonly subscription: string };

export type ResultSink = (effect: SubscriptionEffect) => void;

/** `body` is handed over: the engine may transfer it to a shard. */
export type IngestBody = Omit<IngestRequest, 'type' | 'request'>;

export interface RulesPort {
  /** What rules are checked against now. */
  scope(): RuleScope;
  /** What is to be said of long rules, from off this thread; null: check them here. */
  checkElsewhere(text: string): Promise<RulesCheck | null>;
}

/** Saved queries. Every change says who asks for it. */
export interface SavedPort {
  /** Of the files that define saved queries. */
  mistakes(): readonly QueryFileMistake[];
  list(): readonly SavedQueryView[];
  get(name: string): Result<SavedQueryView, EngineError>;
  /** `version`: what the change was made from; null: the query is new. */
  put(
    input: SavedQueryInput,
    version: number | null,
    by: string,
  ): Result<SavedQueryView, EngineError>;
  remove(name: string, version: number | null, by: string): Result<SavedQuery, EngineError>;
}

export interface QueryCheck {
  /** Null if there are errors. */
  readonly canonical: string | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly columns: readonly ResultColumn[];
  readonly explain?: string;
  /** Names of the query's `$parameters`, in order of first use. */
  readonly parameters: readonly string[];
}

export interface DemoPort {
  /** What to break; the demo judges it. Resolves to what was done, JSON-safe. */
  break(incident: Readonly<Record<string, Value>>): Promise<object>;
  heal(): Promise<object>;
}
