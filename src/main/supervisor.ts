/**
 * The small parent process: starts the engine, starts it again if it dies, owns the demo and host
 * agents, and takes Ctrl-C for all of them. Children live in process groups of their own, so that a
 * Ctrl-C at the terminal reaches nobody but the supervisor, which ends them in order: agents say
 * bye, the engine drains, and a second Ctrl-C kills. Imports little: it must stay under 45 MB.
 */
import { fork } from 'node:child_process';
import type { ChildProcess, ForkOptions } from 'node:child_process';
import type {
  DemoAnswer,
  DemoCommand,
  EngineReady,
  EngineRunOptions,
  EngineToSupervisor,
  SupervisorToEngine,
} from './engine-options.ts';
import type { ListenerName, ListenerOptions, ListenerPorts } from '../gateway/listener-names.ts';
import { OwnedChild } from './owned-child.ts';
import { RestartRule } from './restart-rule.ts';

const STARTS_MAX = 5;
const RESTART = {
  failuresMax: STARTS_MAX,
  periodMs: 60_000,
  waitMinMs: 100,
  waitMaxMs: 1_000,
} as const;
/** What a drain may take on top of the engine's own bound before the engine is killed. */
const DRAIN_MARGIN_MS = 1_000;
const AGENT_BYE_MS = 2_000;
/** Between the end of a demo or host agent and its next start. */
const AGENT_RESTART_MS = 2_000;
/**
 * One Ctrl-C may arrive twice, from the terminal and from npm; a human needs longer for a second.
 */
const SAME_KEYSTROKE_MS = 500;

export interface SupervisorOptions {
  readonly run: EngineRunOptions;
  readonly now: () => number;
  /** The engine is up, for the first time or again. */
  readonly onReady: (ready: EngineReady, restarts: number) => void;
  /** Something a human at the terminal should read. */
  readonly onNotice: (line: string) => void;
  /** Default: `fork` of node:child_process. */
  readonly fork?: (entry: URL, args: readonly string[], options: ForkOptions) => ChildProcess;
}

export interface Supervisor {
  /** Resolves with the exit code when everything has ended. */
  readonly ended: Promise<number>;
  /** Ends everything in order; called again, at once. */
  stop(reason: string): void;
}

export function supervise(options: SupervisorOptions): Supervisor {
  return new RunningSupervisor(options);
}

class RunningSupervisor implements Supervisor {
  readonly ended: Promise<number>;
  readonly #options: SupervisorOptions;
  readonly #rule = new RestartRule(RESTART);
  readonly #agents = new Map<string, OwnedChild>();
  #run: EngineRunOptions;
  #engine: OwnedChild | null = null;
  #restart: NodeJS.Timeout | null = null;
  #restarts = 0;
  #stopping = false;
  #stoppedAtMs = 0;
  #failed = false;
  #finish: (code: number) => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#run = options.run;
    this.ended = new Promise((resolve) => (this.#finish = resolve));
    process.once('exit', this.#killAll);
    this.#start();
  }

  stop(reason: string): void {
    const nowMs = this.#options.now();
    if (this.#stopping) {
      if (nowMs - this.#stoppedAtMs < SAME_KEYSTROKE_MS) return;
      this.#options.onNotice('killing');
      this.#killAll();
      return;
    }
    this.#stoppedAtMs = nowMs;
    void this.#end(reason);
  }

  #start(): void {
    const engine = new OwnedChild(
      () => this.#fork('./engine-process.js', [], { serialization: 'advanced' }),
      {
        onMessage: (message) => this.#fromEngine(message as EngineToSupervisor),
        onEnded: (how) => this.#engineEnded(how),
      },
    );
    this.#engine = engine;
    engine.send({ type: 'start', options: this.#run, restarts: this.#restarts });
  }

  #fork(entry: string, args: readonly string[], options: ForkOptions): ChildProcess {
    const start = this.#options.fork ?? fork;
    return start(new URL(entry, import.meta.url), args, { ...options, detached: true });
  }

  #fromEngine(message: EngineToSupervisor): void {
    switch (message.type) {
      case 'ready':
        // A restarted engine takes the ports and tokens its clients and agents know.
        this.#run = {
          ...this.#run,
          config: { ...this.#run.config, port: message.port, ingestPort: message.ingestPort },
          listeners: withPorts(this.#run.listeners, message.listeners),
          ownTokens: message.ownTokens,
        };
        // Whoever stops it in this moment wants no banner and no new processes.
        if (this.#stopping) break;
        this.#options.onReady(message, this.#restarts);
        if (this.#run.demo) this.#startAgents(message);
        break;
      case 'failed':
        this.#failed = true;
        this.#options.onNotice(`${message.code}: ${message.detail}`);
        this.#options.onNotice(message.remedy);
        break;
      case 'demo':
        this.#demo(message);
        break;
    }
  }

  #engineEnded(how: string): void {
    this.#engine = null;
    // It ended because it was told to; who told it waits for the end.
    if (this.#stopping) return;
    if (this.#failed) {
      void this.#end('the engine cannot run');
      return;
    }
    const waitMs = this.#rule.failed(this.#options.now());
    if (waitMs === null) {
      this.#failed = true;
      this.#options.onNotice(
        `the engine ended (${how}) ${STARTS_MAX} times in a minute; giving up`,
      );
      void this.#end('the engine cannot run');
      return;
    }
    this.#restarts++;
    this.#options.onNotice(`the engine ended (${how}); starting it again`);
    this.#restart = setTimeout(() => this.#start(), waitMs);
  }

  #startAgents(ready: EngineReady): void {
    this.#startAgent('demo', '../../agents/demo/main.js', ready);
    this.#startAgent('host', './host-agent.js', ready);
  }

  #startAgent(name: string, entry: string, ready: EngineReady): void {
    if (this.#agents.has(name)) return;
    const { host } = this.#run;
    const scheme = this.#run.tls === null ? 'ws' : 'wss';
    const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    const url = `${scheme}://${address}:${ready.ingestPort}/`;
    const env = {
      ...process.env,
      // Our own agents trust our own certificate, whoever signed it.
      ...(this.#run.tls === null ? {} : { NODE_EXTRA_CA_CERTS: this.#run.tls.certFile }),
      ...(ready.ownTokens === null ? {} : { SQUILLA_TOKEN: ready.ownTokens.ingest }),
    };
    const agent = new OwnedChild(() => this.#fork(entry, ['--url', url], { env }), {
      onMessage: (message) => {
        const answer = message as DemoAnswer & { readonly request: number };
        this.#toEngine({ type: 'demo-done', request: answer.request, answer });
      },
      onEnded: (how) => {
        this.#agents.delete(name);
        if (this.#stopping) return;
        this.#options.onNotice(`the ${name} agent ended (${how}); starting it again`);
        setTimeout(() => {
          if (!this.#stopping) this.#startAgent(name, entry, ready);
        }, AGENT_RESTART_MS).unref();
      },
    });
    this.#agents.set(name, agent);
  }

  #demo({ request, command }: DemoCommand): void {
    const refuse = (): void => {
      const answer = { ok: false, error: 'the demo process is not running' };
      this.#toEngine({ type: 'demo-done', request, answer });
    };
    const demo = this.#agents.get('demo');
    if (demo === undefined) refuse();
    else demo.send({ ...command, request }, refuse);
  }

  /** Ends agents, then the engine, each within its bound; then the supervisor's work is done. */
  async #end(reason: string): Promise<void> {
    this.#stopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const agents = [...this.#agents.values()];
    for (const agent of agents) agent.kill('SIGTERM');
    await within(AGENT_BYE_MS, Promise.all(agents.map(({ ended }) => ended)));
    for (const agent of agents) agent.kill('SIGKILL');
    const engine = this.#engine;
    if (engine !== null) {
      engine.send({ type: 'drain', reason });
      await within(this.#run.config.drainMs + DRAIN_MARGIN_MS, engine.ended);
      engine.kill('SIGKILL');
      await engine.ended;
    }
    process.off('exit', this.#killAll);
    this.#finish(this.#failed ? 1 : 0);
  }

  /**
   * Also the last act of a supervisor that fails: children in groups of their own would live on.
   */
  readonly #killAll = (): void => {
    for (const agent of this.#agents.values()) agent.kill('SIGKILL');
    this.#engine?.kill('SIGKILL');
  };

  #toEngine(message: SupervisorToEngine): void {
    this.#engine?.send(message);
  }
}

/** The ports that were found free, to be taken again. */
function withPorts(asked: ListenerOptions, ports: ListenerPorts): ListenerOptions {
  const found = Object.entries(asked).map(([name, option]) => {
    const port = ports[name as ListenerName] ?? option.port;
    return [name, { ...option, port }] as const;
  });
  return Object.fromEntries(found);
}

/** Waits for the promise, at most so long. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
