/**
 * An engine without its supervisor, in a process of its own, whose shards can be made to fail: what
 * the supervisor says to it over IPC is said by the test.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { configWith } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import type {
  EngineReady,
  EngineRunOptions,
  EngineToSupervisor,
  SupervisorToEngine,
} from '../../src/main/engine-options.ts';
import { QUICK } from './engine-process.ts';

const ENTRY = join(import.meta.dirname, '../../dist/src/main/engine-process.js');

export class DrilledEngine {
  readonly ready: EngineReady;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, ready: EngineReady) {
    this.#process = child;
    this.ready = ready;
  }

  static async start(settings: Partial<Config>): Promise<DrilledEngine> {
    const child = fork(ENTRY, [], { serialization: 'advanced', execArgv: [] });
    const order: SupervisorToEngine = {
      type: 'start',
      options: optionsWith(settings),
      restarts: 0,
    };
    child.send(order);
    const ready = await new Promise<EngineReady>((resolve, reject) => {
      child.on('message', (message: EngineToSupervisor) => {
        if (message.type === 'ready') resolve(message);
        if (message.type === 'failed') reject(new Error(message.detail));
      });
      child.once('exit', () => reject(new Error('the engine ended')));
    });
    return new DrilledEngine(child, ready);
  }

  get ingestUrl(): string {
    return `ws://127.0.0.1:${this.ready.ingestPort}`;
  }

  /** The shard fails as it would of a defect. */
  drill(shard: number): void {
    this.#process.send({ type: 'drill', shard } satisfies SupervisorToEngine);
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(this.ready.url + path)).json();
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }
}

function optionsWith(settings: Partial<Config>): EngineRunOptions {
  const config = configWith({ port: 0, ingestPort: 0, ...QUICK, ...settings });
  return {
    ...{ config, host: '127.0.0.1', transport: 'auto', tls: null, insecure: false },
    ...{ allowedHosts: [], pageOrigins: [], tokens: [], requireToken: false, ownTokens: null },
    ...{ dataDir: null, storeSync: 'full', rulesDir: null, queriesDir: null, boardsDir: null },
    ...{ notifyPath: null, tables: [], tablesAllowPrivate: false, listeners: {} },
    ...{ demo: false, logLevel: 'error' },
  };
}
