/**
 * A real engine in a process of its own, started the way its supervisor starts it, on free ports.
 */
import { configWith } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import type {
  EngineReady,
  EngineRunOptions,
  EngineToSupervisor,
  SupervisorToEngine,
} from '../../src/main/engine-options.ts';
import { Child } from './child.ts';
import { cpuSecondsOf, residentMegabytesOf } from './process-usage.ts';

export interface EngineUnderTest {
  readonly ready: EngineReady;
  readonly cpuSeconds: number;
  readonly residentMegabytes: number;
  /** Makes a shard fail. */
  drill(shard: number): void;
  stop(): Promise<void>;
}

/** `SQUILLA_BENCH_ENGINE_ARGV` goes to Node too, for profiles (`--cpu-prof`). */
export async function startEngineUnderTest(
  changes: Partial<Config>,
  more: Partial<EngineRunOptions> = {},
  execArgv: readonly string[] = [],
): Promise<EngineUnderTest> {
  const options: EngineRunOptions = {
    // No allowance for agents that come back after a restart: results may be complete at once.
    config: configWith({ port: 0, ingestPort: 0, shards: 1, startupMs: 0, ...changes }),
    host: '127.0.0.1',
    transport: 'auto',
    tls: null,
    insecure: false,
    allowedHosts: [],
    pageOrigins: [],
    tokens: [],
    requireToken: false,
    dataDir: null,
    storeSync: 'full',
    rulesDir: null,
    queriesDir: null,
    boardsDir: null,
    notifyPath: null,
    tables: [],
    tablesAllowPrivate: false,
    ownTokens: null,
    listeners: {},
    demo: false,
    logLevel: 'warn',
    ...more,
  };
  const child = new Child<SupervisorToEngine, EngineToSupervisor>(
    new URL('../../src/main/engine-process.js', import.meta.url),
    'engine',
    {
      serialization: 'advanced',
      execArgv: [
        ...execArgv,
        ...(process.env['SQUILLA_BENCH_ENGINE_ARGV'] ?? '').split(' ').filter(Boolean),
      ],
    },
  );
  child.send({ type: 'start', options, restarts: 0 });
  const ready = await child.next('ready');
  return {
    ready,
    get cpuSeconds() {
      return cpuSecondsOf(child.pid);
    },
    get residentMegabytes() {
      return residentMegabytesOf(child.pid);
    },
    drill: (shard) => child.send({ type: 'drill', shard }),
    stop: () => child.end(),
  };
}
