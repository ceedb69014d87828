/** Puts an engine together: coordinator, shards, gateway, self-telemetry; and takes it down in order. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../core/clock.ts';
import { bindCheck } from '../gateway/bind-check.ts';
import { startGateway } from '../gateway/gateway.ts';
import { createToken, tokenDigest } from '../gateway/tokens.ts';
import type { StoredToken } from '../gateway/tokens.ts';
import { createLogger } from '../observe/logger.ts';
import { DemoLink } from './demo-link.ts';
import { EngineHost } from './engine-host.ts';
import type { DemoCommand, EngineReady, EngineRunOptions } from './engine-options.ts';
import { SelfTelemetry } from './self-telemetry.ts';
import { ShardPool } from './shard-pool.ts';
import { readVersion } from './version.ts';
import { ownTokens } from './own-tokens.ts';

export interface RunningEngine {
  readonly ready: EngineReady;
  readonly host: EngineHost;
  demoAnswered(request: number, answer: object): void;
  /** Ends subscriptions, says bye to agents, closes sockets and threads; within `drainMs`. */
  drain(reason: string): Promise<void>;
}

export interface StartEngineParts {
  readonly sendDemo: (command: DemoCommand) => void;
}

/** @throws EngineError if it cannot run: a taken port, an unsafe bind, no transport. */
export async function startEngine(
  options: EngineRunOptions,
  parts: StartEngineParts,
): Promise<RunningEngine> {
  const { config } = options;
  const clock = systemClock;
  const log = createLogger({ level: options.logLevel, process: 'engine', clock, limits: config });
  const { needsToken: isExposed, warning } = bindCheck(options);
  if (warning !== null) log.warn(warning);
  const needsToken = isExposed || options.requireToken;
  const own = needsToken ? ownTokens(options.dataDir, createToken) : null;
  const tokens = storedTokens(options, own);
  const tls = options.tls === null ? null : readTls(options.tls);
  const demo = options.demo ? new DemoLink(parts.sendDemo) : null;
  const version = readVersion();
  const host = new EngineHost({
    config,
    clock,
    log,
    demo,
    facts: () => ({
      version,
      node: process.version,
      transport: shards.transport,
      port: gateway?.port ?? null,
      ingestPort: shards.port,
    }),
  });
  const shards = new ShardPool({
    count: config.shards,
    log,
    now: () => clock.now(),
    threadData: (shard, port) => ({
      shard,
      config,
      host: options.host,
      port,
      shared: config.shards > 1,
      transport: options.transport,
      allowedHosts: options.allowedHosts,
      tls,
      tokens: needsToken ? tokens : null,
    }),
    onOutputs: (shard, outputs) => host.shardOutputs(shard, outputs),
    onUp: (shard) => host.handle({ type: 'shard-up', shard }),
    onDown: (shard, reason) => host.shardDown(shard, reason),
  });
  host.start(shards);
  await shards.start(config.ingestPort);
  const gateway = await startGateway({
    engine: host,
    config,
    clock,
    log,
    host: options.host,
    port: config.port,
    tls,
    allowedHosts: options.allowedHosts,
    tokens,
    needsToken,
  });
  const self = new SelfTelemetry(host, () => clock.now());
  const scheme = tls === null ? 'http' : 'https';
  log.info('engine up', {
    port: gateway.port,
    ingestPort: shards.port,
    transport: shards.transport,
  });
  return {
    host,
    ready: {
      type: 'ready',
      port: gateway.port,
      ingestPort: shards.port,
      url: `${scheme}://${urlHost(options.host)}:${gateway.port}`,
      transport: shards.transport,
      shards: config.shards,
      dashboardToken: own?.dashboard ?? null,
      ingestToken: own?.ingest ?? null,
    },
    demoAnswered: (request, answer) => demo?.answered(request, answer),
    drain: async (reason) => {
      self.stop();
      host.handle({ type: 'drain', reason });
      // Clients get their last frames before their sockets go.
      await gateway.close();
      await shards.stop();
      host.stop();
    },
  };
}

function storedTokens(
  options: EngineRunOptions,
  own: { readonly dashboard: string; readonly ingest: string } | null,
): StoredToken[] {
  const stored = options.tokens.map(({ name, token, scopes, streams }) => ({
    name,
    scopes,
    streams,
    sha256: tokenDigest(token),
  }));
  if (own === null) return stored;
  const { dashboard, ingest } = own;
  return [
    ...stored,
    { name: 'dashboard', scopes: ['admin'], streams: null, sha256: tokenDigest(dashboard) },
    { name: 'agents', scopes: ['ingest'], streams: null, sha256: tokenDigest(ingest) },
  ];
}

function readTls(files: NonNullable<EngineRunOptions['tls']>): { cert: string; key: string } {
  return { cert: readFileSync(files.certFile, 'utf8'), key: readFileSync(files.keyFile, 'utf8') };
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
