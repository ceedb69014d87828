/** What comes into a shard from its sockets, and what it wants done. */
import type { PeerMessage, ShardInput, ShardOutput } from './messages.ts';

export type ConnectionInput =
  /** `agent`: subprotocol squilla.v1; `json`: a plain WebSocket that sends events as JSON text. */
  | { readonly type: 'open'; readonly connection: number; readonly kind: 'agent' | 'json' }
  | { readonly type: 'text'; readonly connection: number; readonly text: string }
  /** `bytes` are borrowed until the call returns. */
  | { readonly type: 'binary'; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly type: 'closed'; readonly connection: number };

const CONNECTION_TYPES: ReadonlySet<string> = new Set<ConnectionInput['type']>([
  'open',
  'text',
  'binary',
  'closed',
]);

/** Whether a socket brought it, or the coordinator or another shard said it. */
export function isOfConnection(input: ShardInput | ConnectionInput): input is ConnectionInput {
  return CONNECTION_TYPES.has(input.type);
}

export type ShardEffect =
  | { readonly type: 'to-coordinator'; readonly message: ShardOutput }
  /** Buffers of gathered batches in the message are given away with it. */
  | { readonly type: 'to-peer'; readonly shard: number; readonly message: PeerMessage }
  | { readonly type: 'send'; readonly connection: number; readonly text: string }
  | {
      readonly type: 'disconnect';
      readonly connection: number;
      /** WebSocket close code. */
      readonly code: number;
      readonly reason: string;
    };

export const CLOSE = {
  goingAway: 1001,
  policy: 1008,
  tryAgainLater: 1013,
} as const;

/** What a token allows its bearer to send. */
export interface IngestGrant {
  mayIngest(stream: string): boolean;
}

/** Null: the token, or its absence, allows nothing. */
export type Authorize = (token: string | null) => IngestGrant | null;
