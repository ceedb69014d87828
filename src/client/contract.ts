/** What a program sees of a connection to an engine. */
import type { ValueObject } from '../model/value.ts';
import type { IdentifiedResult, ResultMessage } from '../wire/results.ts';

export interface SubscribeOptions {
  readonly params?: ValueObject;
  /** Id of the last message seen in an earlier life. */
  readonly resume?: string;
  /**
   * Whether the newest windows of a query that runs already come first, as `replay`. Default: true.
   */
  readonly kept?: boolean;
  /** Called for each message; without it, iterate over the subscription. */
  readonly onMessage?: (message: ResultMessage, id: string | null) => void;
}

/** Iterates over messages; ends after `end`, a refused query, or `close`. */
export interface ClientSubscription extends AsyncIterable<IdentifiedResult> {
  /** Of the last message that had one; to resume with. */
  readonly lastId: string | null;
  close(): void;
}

export type ClientState =
  | { readonly status: 'connecting' | 'open' | 'closed'; readonly everConnected: boolean }
  /** The engine cannot be reached, or was lost; another attempt follows. */
  | { readonly status: 'waiting'; readonly everConnected: boolean; readonly reason: string };

export interface Client {
  subscribe(query: string, options?: SubscribeOptions): ClientSubscription;
  readonly state: ClientState;
  /** Hears of every change from now on; returns what stops it. */
  onState(listener: (state: ClientState) => void): () => void;
  /** Ends every subscription and the connection. */
  close(): void;
}
