/**
 * Thread entry of a shard: sockets, timers and the port to the coordinator around the pure
 * {@link Shard}. Every entry is guarded: a defect closes the sockets first and then ends the
 * thread, for a thread that dies with an open uWebSockets.js app takes the whole process with it.
 */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Config } from '../config.ts';
import { assert, Defect } from '../core/assert.ts';
import { EngineError } from '../core/errors.ts';
import { systemClock } from '../core/clock.ts';
import { chooseTransport } from '../gateway/choose-transport.ts';
import type { IngestListener } from '../gateway/ingest-transport.ts';
import type { TlsPem } from '../gateway/bind-check.ts';
import type { StoredToken } from '../gateway/tokens.ts';
import { TokenStore, hasScope, mayIngest } from '../gateway/tokens.ts';
import { Backlog } from '../shard/backlog.ts';
import { isOfConnection } from '../shard/effects.ts';
import type { ConnectionInput, ShardEffect } from '../shard/effects.ts';
import type { ShardInput, ShardOutput } from '../shard/messages.ts';
import { Shard } from '../shard/shard.ts';
import type { TransportChoice } from './engine-options.ts';
import type { SocketCommand } from './forwarding-listener.ts';
import { useNativeRegex } from './native-regex.ts';
import { newIngestApp } from './new-ingest-app.ts';
import { PeerPorts } from './peer-ports.ts';
import { ShardIntake } from './shard-intake.ts';

export interface ShardThreadData {
  readonly shard: number;
  readonly config: Config;
  readonly host: string;
  readonly port: number;
  /**
   * `own`: listens alone; `shared`: with other shards on one port; `none`: another thread listens
   * and passes frames on.
   */
  readonly sockets: 'own' | 'shared' | 'none';
  readonly transport: TransportChoice;
  readonly allowedHosts: readonly string[];
  /** Of pages that may send events. */
  readonly pageOrigins: readonly string[];
  readonly tls: TlsPem | null;
  /** Digests only. */
  readonly tokens: readonly StoredToken[];
  /** False: loopback without tokens. */
  readonly needsToken: boolean;
}

export type ShardThreadMessage =
  | { readonly type: 'outputs'; readonly outputs: readonly ShardOutput[] }
  | { readonly type: 'listening'; readonly port: number; readonly transport: string }
  | { readonly type: 'cannot-listen'; readonly code: string; readonly detail: string }
  /** For shards without sockets of their own. */
  | { readonly type: 'socket'; readonly commands: readonly SocketCommand[] }
  /** A request failed that should not have; the shard goes on. */
  | { readonly type: 'defect'; readonly detail: string }
  | { readonly type: 'drained' };

/** What comes over the port: the coordinator's messages, or frames that another thread received. */
export type ShardThreadInput =
  | ShardInput
  | ConnectionInput
  | PeerPortMessage
  /** What one turn of the other thread brought, in order. */
  | { readonly type: 'inputs'; readonly inputs: readonly (ShardInput | ConnectionInput)[] }
  /** Fail as a defect would. */
  | { readonly type: 'drill' };

/** Another shard is up, and this leads to it. */
export interface PeerPortMessage {
  readonly type: 'peer-port';
  readonly shard: number;
  readonly port: MessagePort;
}

/** Agents and the coordinator hear of progress no more often. */
const REPORT_MS = 4;
/** In one message: who reads thousands of windows should not have to hold them all at once. */
const OUTPUTS_MAX = 256;

assert(parentPort !== null, () => 'a shard runs in a worker thread');
useNativeRegex();
const port = parentPort;
const data = workerData as ShardThreadData;
const { config } = data;
const tokens = new TokenStore(data.tokens);
let utilization = performance.eventLoopUtilization();
const shard = new Shard({
  shard: data.shard,
  busy: () => {
    const before = utilization;
    utilization = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(utilization, before).utilization;
  },
  config,
  nowMs: systemClock.now(),
  authorize: (token) => {
    if (token === null) return data.needsToken ? null : { mayIngest: () => true };
    // A token that is shown must be right, also where none is needed.
    const grant = tokens.find(token);
    if (grant === null || !hasScope(grant, 'ingest')) return null;
    return { mayIngest: (stream) => mayIngest(grant, stream) };
  },
});

const peers = new PeerPorts((from, messages) =>
  guarded(() => handle({ type: 'peer', from, messages })),
);
const intake = new ShardIntake((request) => guarded(() => handle(request)));
const app = newIngestApp({
  ...{ ...data, clock: systemClock, engine: intake },
  onDefect: (error) => post({ type: 'defect', detail: detailOf(error) }),
});
const backlog = new Backlog(systemClock, config, (input) =>
  carryOut(shard.handle(input, systemClock.now())),
);
let listener: IngestListener | null = null;
let outputs: ShardOutput[] = [];
let commands: SocketCommand[] = [];
let flushScheduled = false;
let reportedMs = 0;
let reportTimer: NodeJS.Timeout | null = null;

/** Runs `turn` and ends the thread in good order should it throw. */
function guarded(turn: () => void): void {
  try {
    turn();
  } catch (error) {
    const failed = { type: 'failed', detail: detailOf(error) } as const;
    post({ type: 'outputs', outputs: [...outputs, failed] });
    listener?.close();
    process.exit(1);
  }
}

function detailOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function post(message: ShardThreadMessage): void {
  port.postMessage(message);
}

function handle(input: ShardInput): void {
  carryOut(shard.handle(input, systemClock.now()));
  endTurnSoon();
}

function receive(input: ConnectionInput): void {
  backlog.take(input);
  endTurnSoon();
}

function endTurnSoon(): void {
  if (flushScheduled) return;
  // One flush for everything that one turn of the event loop brings.
  flushScheduled = true;
  setImmediate(() => guarded(endTurn));
}

/**
 * Rows and answers go at once. Reports and acknowledgements cost a system call or a message each
 * whatever they tell of, so under load they are held back for a moment and tell of more.
 */
function endTurn(): void {
  flushScheduled = false;
  backlog.turn();
  if (!backlog.isEmpty) endTurnSoon();
  const waitMs = reportedMs + REPORT_MS - systemClock.now();
  if (waitMs <= 0) {
    flush();
    return;
  }
  carryOut(shard.flushRows());
  send();
  reportTimer ??= setTimeout(() => guarded(flush), waitMs);
}

function flush(): void {
  if (reportTimer !== null) clearTimeout(reportTimer);
  reportTimer = null;
  reportedMs = systemClock.now();
  carryOut(shard.flush());
  send();
}

function send(): void {
  if (commands.length > 0) post({ type: 'socket', commands });
  commands = [];
  for (let at = 0; at < outputs.length; at += OUTPUTS_MAX) {
    post({ type: 'outputs', outputs: outputs.slice(at, at + OUTPUTS_MAX) });
  }
  outputs = [];
  peers.flush();
}

function carryOut(effects: readonly ShardEffect[]): void {
  for (const effect of effects) {
    switch (effect.type) {
      case 'to-coordinator':
        if (!intake.hears(effect.message)) outputs.push(effect.message);
        break;
      case 'to-peer':
        peers.push(effect.shard, effect.message);
        break;
      case 'send':
        if (data.sockets === 'none') commands.push(effect);
        else listener?.send(effect.connection, effect.text);
        break;
      case 'disconnect':
        if (data.sockets === 'none') commands.push(effect);
        else listener?.disconnect(effect.connection, effect.code, effect.reason);
        break;
    }
  }
}

async function start(): Promise<void> {
  if (data.sockets === 'none') {
    post({ type: 'listening', port: data.port, transport: 'ws' });
    return;
  }
  const chosen = await chooseTransport(data.transport);
  listener = await chosen.listen(
    {
      host: data.host,
      port: data.port,
      shared: data.sockets === 'shared',
      allowedHosts: data.allowedHosts,
      allowedOrigins: data.pageOrigins,
      tls: data.tls,
      config,
    },
    {
      open: (connection, kind) => guarded(() => receive({ type: 'open', connection, kind })),
      text: (connection, text) => guarded(() => receive({ type: 'text', connection, text })),
      binary: (connection, bytes) => guarded(() => receive({ type: 'binary', connection, bytes })),
      closed: (connection) => guarded(() => receive({ type: 'closed', connection })),
      request: (head, readBody) => app.handle(head, readBody),
    },
  );
  post({ type: 'listening', port: listener.port, transport: chosen.name });
}

port.on('message', (input: ShardThreadInput) =>
  guarded(() => {
    if (input.type === 'peer-port') {
      peers.connect(input.shard, input.port);
      return;
    }
    if (input.type === 'drill') throw new Defect('a drill');
    if (input.type === 'inputs') for (const one of input.inputs) take(one);
    else take(input);
  }),
);

function take(input: ShardInput | ConnectionInput): void {
  // What the coordinator closes it should know everything about.
  if (input.type === 'close' && reportTimer !== null) flush();
  if (isOfConnection(input)) {
    receive(input);
    return;
  }
  if (input.type === 'drain') backlog.workOff();
  handle(input);
  if (input.type !== 'drain') return;
  intake.isDraining = true;
  flush();
  listener?.close();
  post({ type: 'drained' });
  setImmediate(() => process.exit(0));
}

const ticker = setInterval(
  () => guarded(() => handle({ type: 'tick', readMs: backlog.readMs })),
  100,
);
ticker.unref();
start().catch((error: unknown) => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ENGINE_INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  const detail = error instanceof EngineError ? error.detail : message;
  post({ type: 'cannot-listen', code, detail });
  process.exit(1);
});
