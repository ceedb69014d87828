/**
 * The ingest port as a port in the other sense: agents and JSON clients over WebSocket and events
 * over HTTP, whatever carries them. Both adapters pass
 * test/integration/transport-conformance.test.ts. Connections are numbers that are never used twice
 * by one listener.
 */
import type { Config } from '../config.ts';
import type { TlsPem } from './bind-check.ts';
import { checkOrigin } from './host-check.ts';
import type { HostPolicy, RequestOrigin } from './host-check.ts';
import type { HttpHead, ReadBody } from './ingest-app.ts';
import type { HttpReply } from './intake.ts';
import { problem } from './problem.ts';
import type { Problem } from '../wire/results.ts';
import { SUBPROTOCOL } from '../wire/agent-messages.ts';

export interface IngestTransport {
  readonly name: 'uws' | 'ws';
  /** Why this one, for the log and `/api/v1/status`. */
  readonly reason: string;
  /** @throws EngineError ENGINE_PORT_IN_USE */
  listen(options: IngestListenOptions, handlers: IngestHandlers): Promise<IngestListener>;
}

export interface IngestListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Several threads listen on this port; the kernel spreads connections over them. */
  readonly shared: boolean;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins?: readonly string[];
  /** Null: plain. */
  readonly tls: TlsPem | null;
  readonly config: Config;
}

/** `agent`: subprotocol squilla.v1; `json`: a WebSocket that asked for no subprotocol. */
export type ConnectionKind = 'agent' | 'json';

export interface IngestHandlers {
  open(connection: number, kind: ConnectionKind): void;
  text(connection: number, text: string): void;
  /** `bytes` are borrowed until the call returns; their offset is a multiple of 8. */
  binary(connection: number, bytes: Uint8Array): void;
  /** Once for every open, whoever closed; `send` to it does nothing from here on. */
  closed(connection: number): void;
  /** A request that does not upgrade. Never rejects. */
  request(head: HttpHead, readBody: ReadBody): Promise<HttpReply>;
}

export interface IngestListener {
  readonly port: number;
  readonly connections: number;
  /**
   * Text or binary; bytes are copied before the call returns. A connection that lets more than
   * `sendQueueBytesMax` pile up is closed. Unknown connections are ignored.
   */
  send(connection: number, data: string | Uint8Array): void;
  /** Says why, then closes. A peer that does not answer is cut off. */
  disconnect(connection: number, code: number, reason: string): void;
  /** Frees the port and closes every connection with 1001. Must run before its thread ends. */
  close(): void;
}

/** Peers hear this when the listener closes, and when they are too slow or silent. */
export const INGEST_CLOSE = { goingAway: 1001, tryAgainLater: 1013 } as const;

/** Room that the adapter reads of an upgrade request; missing headers are empty strings. */
export interface UpgradeHeaders extends RequestOrigin {
  /** `Sec-WebSocket-Protocol`: names, separated by commas. */
  readonly protocols: string;
}

export type UpgradeVerdict =
  | { readonly ok: true; readonly kind: ConnectionKind }
  | { readonly ok: false; readonly problem: Problem };

/** The checks that every upgrade passes, on either adapter. */
export function judgeUpgrade(
  headers: UpgradeHeaders,
  policy: HostPolicy,
  connections: number,
  config: Config,
): UpgradeVerdict {
  const refusal = checkOrigin(policy, headers);
  if (refusal !== null) return { ok: false, problem: problem(refusal.code, refusal.detail) };
  if (connections >= config.agentsMax) {
    const detail = `${config.agentsMax} agents are connected.`;
    return { ok: false, problem: problem('LIMIT_AGENTS', detail, { limit: config.agentsMax }) };
  }
  if (headers.protocols === '') return { ok: true, kind: 'json' };
  const names = headers.protocols.split(',').map((name) => name.trim());
  if (names.includes(SUBPROTOCOL)) return { ok: true, kind: 'agent' };
  const detail = `The subprotocol is ${SUBPROTOCOL}, or none for JSON.`;
  return { ok: false, problem: problem('WIRE_BAD_VERSION', detail) };
}
