/**
 * What goes into the coordinator and what it wants done. `engine.ts` is a pure state machine:
 * `handle(input, now) → effects`; sockets, threads and timers are thin shells around it.
 */
import type { QueryPlan } from '../ir/plan.ts';
import type { Value } from '../model/value.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { ShardInput, ShardOutput } from '../shard/messages.ts';
import type { Completeness, ResultMessage } from '../wire/results.ts';
import type { GroupKeys } from './listeners.ts';
import type { TableInput } from './table-desk.ts';
import type { ToldWindow } from './window-cycle.ts';

export type CoordinatorInput =
  | SubscribeInput
  | { readonly type: 'unsubscribe'; readonly subscription: string }
  | ListenInput
  | { readonly type: 'unlisten'; readonly listener: string }
  /** Replaces the groups that emit zeros for as long as the listener holds them. */
  | { readonly type: 'hold-groups'; readonly listener: string; readonly groups: GroupKeys }
  /** `DELETE /api/v1/queries/{id}`: ends the query for everybody. */
  | { readonly type: 'stop-query'; readonly query: string; readonly reason: string }
  | { readonly type: 'shard'; readonly shard: number; readonly message: ShardOutput }
  | TableInput
  | { readonly type: 'shard-up'; readonly shard: number }
  | { readonly type: 'shard-down'; readonly shard: number; readonly reason: string }
  | { readonly type: 'tick' }
  /** Ends every subscription and tells agents bye; nothing is accepted afterwards. */
  | { readonly type: 'drain'; readonly reason: string };

export interface SubscribeInput {
  readonly type: 'subscribe';
  /** Unique among open subscriptions; chosen by the gateway. */
  readonly subscription: string;
  /** Who asks, for lists and limits: a connection's name. */
  readonly client: string;
  readonly query: string;
  readonly params: Readonly<Record<string, Value>>;
  /** Who asks, for the audit trail: the name of a token. Absent: the engine itself. */
  readonly by?: string;
  /** Last id the client saw; null: replay the newest windows. */
  readonly resume: string | null;
  /** False: without `resume` nothing is replayed, and it begins with what comes now. */
  readonly kept?: boolean;
  /** The plan of a long text, made elsewhere; null: plan it here. */
  readonly planned: PlannedQuery | null;
}

/** Closed windows of a windowed query, as values, for a reader inside the engine. */
export interface ListenInput {
  readonly type: 'listen';
  /** Unique among listeners; chosen by whoever listens. */
  readonly listener: string;
  readonly query: string;
  readonly params: Readonly<Record<string, Value>>;
}

export type CoordinatorEffect =
  | { readonly type: 'to-shard'; readonly shard: number; readonly message: ShardInput }
  | { readonly type: 'to-all-shards'; readonly message: ShardInput }
  | DeliverEffect
  | ListenerEffect
  /** The subscription is over (after an `end` or `error` was delivered). */
  | { readonly type: 'closed'; readonly subscription: string };

/** For readers inside the engine. */
export type ListenerEffect =
  | WindowEffect
  | { readonly type: 'listening'; readonly listener: string; readonly plan: QueryPlan }
  /** The listener hears nothing (more): its query was refused, or was stopped. */
  | { readonly type: 'deaf'; readonly listener: string; readonly reason: string }
  /** About once a second: how the sources of the listeners' query are. */
  | {
      readonly type: 'source';
      readonly listeners: readonly string[];
      readonly completeness: Completeness;
    };

/** A window closed. Each comes once to each listener, revisions aside, in order. */
export interface WindowEffect {
  readonly type: 'window';
  readonly listeners: readonly string[];
  readonly window: ToldWindow;
  /** Texts (`groupKey`) of remembered groups that had no event in the window. */
  readonly quiet: ReadonlySet<string>;
}

/** One message for some subscriptions. `body` is the JSON of `message`, encoded once for all. */
export interface DeliverEffect {
  readonly type: 'deliver';
  readonly subscriptions: readonly string[];
  readonly id: string | null;
  readonly message: ResultMessage;
  readonly body: string;
}
