/**
 * The shards and the ingest port together: each shard with its own socket where that is possible,
 * else one listening thread in front of them.
 */
import { createServer } from 'node:net';
import type { Config } from '../config.ts';
import type { EngineError } from '../core/errors.ts';
import type { TlsPem } from '../gateway/bind-check.ts';
import { chooseTransport } from '../gateway/choose-transport.ts';
import { listenError } from '../gateway/listen-error.ts';
import type { IngestApp } from '../gateway/ingest-app.ts';
import type { StoredToken } from '../gateway/tokens.ts';
import type { Logger } from '../observe/logger.ts';
import type { ShardInput, ShardOutput } from '../shard/messages.ts';
import type { TransportChoice } from './engine-options.ts';
import { ForwardingListener } from './forwarding-listener.ts';
import { ShardPool } from './shard-pool.ts';
import type { ShardThreadData } from './shard-thread.ts';

export interface IngestShardsOptions {
  readonly config: Config;
  readonly host: string;
  readonly transport: TransportChoice;
  readonly allowedHosts: readonly string[];
  readonly pageOrigins: readonly string[];
  readonly tls: TlsPem | null;
  readonly tokens: readonly StoredToken[];
  readonly needsToken: boolean;
  readonly log: Logger;
  readonly now: () => number;
  /** Takes HTTP requests where shards have no sockets of their own. */
  readonly app: Pick<IngestApp, 'handle'>;
  readonly onOutputs: (shard: number, outputs: readonly ShardOutput[]) => void;
  readonly onUp: (shard: number) => void;
  readonly onDown: (shard: number, reason: string) => void;
  /** The last shard was given up. */
  readonly onAllLost: (error: EngineError) => void;
}

export class IngestShards {
  readonly #options: IngestShardsOptions;
  readonly #pool: ShardPool;
  readonly #forwarding: ForwardingListener;
  #sockets: ShardThreadData['sockets'] = 'own';

  constructor(options: IngestShardsOptions) {
    const { config } = options;
    this.#options = options;
    this.#forwarding = new ForwardingListener(config.shards, (shard, input) => {
      this.#pool.send(shard, input);
    });
    this.#pool = new ShardPool({
      count: config.shards,
      log: options.log,
      now: options.now,
      threadData: (shard, port) => this.#threadData(shard, port),
      onOutputs: options.onOutputs,
      onCommands: (commands) => this.#forwarding.obey(commands),
      onUp: (shard) => {
        this.#forwarding.shardUp(shard);
        options.onUp(shard);
      },
      onDown: (shard, reason) => {
        this.#forwarding.shardLost(shard);
        options.onDown(shard, reason);
      },
      onAllLost: options.onAllLost,
    });
  }

  get count(): number {
    return this.#pool.count;
  }

  get port(): number {
    return this.#sockets === 'none' ? this.#forwarding.port : this.#pool.port;
  }

  get transport(): string {
    return this.#pool.transport;
  }

  /** Resolves when agents can connect. @throws EngineError if they never will. */
  async start(): Promise<void> {
    const { config, host, transport, allowedHosts, pageOrigins, tls } = this.#options;
    this.#sockets = await socketsFor(config.shards, transport);
    // Sockets that share a port would join another engine's without a word.
    if (this.#sockets === 'shared') await assertFree(host, config.ingestPort);
    await this.#pool.start(config.ingestPort);
    if (this.#sockets !== 'none') return;
    const chosen = await chooseTransport('ws');
    const port = config.ingestPort;
    const origins = { allowedHosts, allowedOrigins: pageOrigins };
    const options = { host, port, shared: false, ...origins, tls, config };
    await this.#forwarding.listen(chosen, options, this.#options.app);
  }

  send(shard: number, message: ShardInput): void {
    if (message.type === 'move') this.#forwarding.expect(message.to);
    this.#pool.send(shard, message);
  }

  drill(shard: number): void {
    this.#pool.drill(shard);
  }

  sendToAll(message: ShardInput): void {
    this.#pool.sendToAll(message);
  }

  /** The shards were told to drain; resolves when they have, within half of `drainMs`. */
  async stop(): Promise<void> {
    await this.#pool.stop(this.#options.config.drainMs / 2);
    this.#forwarding.close();
  }

  #threadData(shard: number, port: number): ShardThreadData {
    const { config, host, transport, allowedHosts, pageOrigins, tls } = this.#options;
    const { tokens, needsToken } = this.#options;
    return {
      shard,
      config,
      host,
      port,
      sockets: this.#sockets,
      transport,
      allowedHosts,
      pageOrigins,
      tls,
      tokens,
      needsToken,
    };
  }
}

async function socketsFor(
  shards: number,
  transport: TransportChoice,
): Promise<ShardThreadData['sockets']> {
  if (shards === 1) return 'own';
  const { name } = await chooseTransport(transport);
  return name === 'uws' || canReusePort(process.versions.node) ? 'shared' : 'none';
}

/** @throws EngineError ENGINE_PORT_IN_USE */
async function assertFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error) => {
      reject(listenError(error, { host, port, flag: '--ingest-port' }));
    });
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}

/** `reusePort` of net.Server came with Node 22.12. */
export function canReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 12);
}
