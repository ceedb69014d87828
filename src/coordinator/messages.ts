/**
 * What goes into the coordinator and what it wants done. `engine.ts` is a pure state machine:
 * `handle(input, now) → effects`; sockets, threads and timers are thin shells around it.
 */
import type { Value } from '../model/value.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { ShardInput, ShardOutput } from '../shard/messages.ts';
import type { ResultMessage } from '../wire/results.ts';

export type CoordinatorInput =
  | SubscribeInput
  | { readonly type: 'unsubscribe'; readonly subscription: string }
  /** `DELETE /api/v1/queries/{id}`: ends the query for everybody. */
  | { readonly type: 'stop-query'; readonly query: string; readonly reason: string }
  | { readonly type: 'shard'; readonly shard: number; readonly message: ShardOutput }
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
  /** Last id the client saw; null: replay the newest windows. */
  readonly resume: string | null;
  /** The plan of a long text, made elsewhere; null: plan it here. */
  readonly planned: PlannedQuery | null;
}

export type CoordinatorEffect =
  | { readonly type: 'to-shard'; readonly shard: number; readonly message: ShardInput }
  | { readonly type: 'to-all-shards'; readonly message: ShardInput }
  | DeliverEffect
  /** The subscription is over (after an `end` or `error` was delivered). */
  | { readonly type: 'closed'; readonly subscription: string };

/** One message for some subscriptions. `body` is the JSON of `message`, encoded once for all. */
export interface DeliverEffect {
  readonly type: 'deliver';
  readonly subscriptions: readonly string[];
  readonly id: string | null;
  readonly message: ResultMessage;
  readonly body: string;
}
