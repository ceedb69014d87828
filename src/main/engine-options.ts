/** How one engine runs: what flags, files and defaults came to. JSON-safe: it crosses processes. */
import type { Config } from '../config.ts';
import type { ListenerOptions, ListenerPorts } from '../gateway/listener-names.ts';
import type { TableSource } from '../store/table-source.ts';
import type { OwnTokens } from './own-tokens.ts';
import type { LogLevel } from '../observe/log-levels.ts';
import type { SyncPolicy } from '../store/open-sql.ts';

export type TransportChoice = 'auto' | 'uws' | 'ws';

export interface EngineRunOptions {
  readonly config: Config;
  readonly host: string;
  readonly transport: TransportChoice;
  /** Files of the certificate and key; null: plain text. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** A plain bind to an address that is not loopback was asked for explicitly. */
  readonly insecure: boolean;
  /** Host names besides the loopback ones that requests may name. */
  readonly allowedHosts: readonly string[];
  /** Origins, besides the engine's own, whose pages may send events to the ingest port. */
  readonly pageOrigins: readonly string[];
  readonly tokens: readonly TokenOption[];
  /** Ask for a token on loopback too. */
  readonly requireToken: boolean;
  readonly dataDir: string | null;
  readonly storeSync: SyncPolicy;
  /** Tokens that an earlier start made for itself, so that a restart locks nobody out. */
  readonly ownTokens: OwnTokens | null;
  /** Directory of saved queries; null: there are no such files. */
  readonly queriesDir: string | null;
  /** Directory of alert rules; null: there are no rule files. */
  readonly rulesDir: string | null;
  /** Directory of boards; null: there are no board files. */
  readonly boardsDir: string | null;
  /** File or directory of receivers and routes; null: nobody is told of alerts. */
  readonly notifyPath: string | null;
  /** Tables that joins look up, with a source of their own. */
  readonly tables: readonly TableOption[];
  /** Sources of tables that are named over the API may be at private addresses. */
  readonly tablesAllowPrivate: boolean;
  /** Listeners besides the two ports. */
  readonly listeners: ListenerOptions;
  readonly demo: boolean;
  readonly logLevel: LogLevel;
}

export interface TableOption extends Omit<TableSource, 'from' | 'refreshMs'> {
  readonly name: string;
  /** Null: `tableRefreshMs`. */
  readonly refreshMs: number | null;
}

export interface TokenOption {
  readonly name: string;
  readonly token: string;
  readonly scopes: readonly ('ingest' | 'read' | 'write' | 'admin')[];
  readonly streams: readonly string[] | null;
}

/** What a running engine tells its supervisor. */
export interface EngineReady {
  readonly type: 'ready';
  readonly port: number;
  readonly ingestPort: number;
  readonly url: string;
  readonly transport: string;
  readonly shards: number;
  readonly listeners: ListenerPorts;
  /** For the printed dashboard link and the supervisor's agents; null where none is needed. */
  readonly ownTokens: OwnTokens | null;
}

export type EngineToSupervisor =
  | EngineReady
  /** It cannot run at all: the supervisor says why and does not try again. */
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly detail: string;
      readonly remedy: string;
    }
  | DemoCommand;

/** For the demo process, which the supervisor owns. */
export interface DemoCommand {
  readonly type: 'demo';
  readonly request: number;
  readonly command: Readonly<Record<string, unknown>>;
}

/** What the demo process says to a command. */
export interface DemoAnswer {
  readonly ok: boolean;
  readonly incidents?: Readonly<Record<string, string>>;
  readonly error?: string;
}

export type SupervisorToEngine =
  | { readonly type: 'start'; readonly options: EngineRunOptions; readonly restarts: number }
  | { readonly type: 'drain'; readonly reason: string }
  /** A shard is to fail, for who wants to see that the engine bears it. */
  | { readonly type: 'drill'; readonly shard: number }
  | { readonly type: 'demo-done'; readonly request: number; readonly answer: DemoAnswer };
