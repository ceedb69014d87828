/**
 * The small parent process: starts the engine, starts it again if it dies, owns the demo and host
 * agents, and takes Ctrl-C for all of them. Children live in process groups of their own, so that a
 * Ctrl-C at the terminal reaches nobody but the supervisor, which ends them in order: agents say
 * bye, the engine drains, and a second Ctrl-C kills. Imports little: it must stay under 45 MB.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type {
  DemoAnswer,
  DemoCommand,
  EngineReady,
  EngineRunOptions,
  EngineToSupervisor,
  SupervisorToEngine,
} from './engine-options.ts';

const STARTS_MAX = 5;
const START_PERIOD_MS = 60_000;
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
  readonly #startedAtMs: number[] = [];
  readonly #agents = new Map<string, ChildProcess>();
  #run: EngineRunOptions;
  #engine: ChildProcess | null = null;
  #restarts = 0;
  #stopping = false;
  #stoppedAtMs = 0;
  #failed = false;
  #finish: (code: number) => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#run = options.run;
    this.ended = new Promise((resolve) => (this.#finish = resolve));
    this.#start();
  }

  stop(reason: string): void {
    const nowMs = this.#options.now();
    if (this.#stopping) {
      if (nowMs - this.#stoppedAtMs < SAME_KEYSTROKE_MS) return;
      this.#options.onNotice('killing');
      this.#engine?.kill('SIGKILL');
      for (const agent of this.#agents.values()) agent.kill('SIGKILL');
      return;
    }
    this.#stopping = true;
    this.#stoppedAtMs = nowMs;
    void this.#drain(reason);
  }

  #start(): void {
    this.#startedAtMs.push(this.#options.now());
    const engine = fork(new URL('./engine-process.js', import.meta.url), [], {
      detached: true,
      serialization: 'advanced',
    });
    this.#engine = engine;
    engine.on('message', (message: EngineToSupervisor) => this.#fromEngine(message));
    engine.once('exit', (code, signal) => this.#engineEnded(code, signal));
    this.#toEngine({ type: 'start', options: this.#run, restarts: this.#restarts });
  }

  #fromEngine(message: EngineToSupervisor): void {
    switch (message.type) {
      case 'ready':
        // A restarted engine takes the ports and tokens its clients and agents know.
        this.#run = {
          ...this.#run,
          config: { ...this.#run.config, port: message.port, ingestPort: message.ingestPort },
          ownTokens: message.ownTokens,
        };
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

  #engineEnded(code: number | null, signal: NodeJS.Signals | null): void {
    this.#engine = null;
    if (this.#stopping || this.#failed) {
      this.#endAgents('SIGTERM');
      this.#finish(this.#failed ? 1 : 0);
      return;
    }
    const how = signal ?? `code ${code ?? 0}`;
    const since = this.#options.now() - START_PERIOD_MS;
    const recent = this.#startedAtMs.filter((startedMs) => startedMs > since).length;
    if (recent >= STARTS_MAX) {
      this.#options.onNotice(`the engine ended (${how}) ${recent} times in a minute; giving up`);
      this.#endAgents('SIGTERM');
      this.#finish(1);
      return;
    }
    this.#restarts++;
    this.#options.onNotice(`the engine ended (${how}); starting it again`);
    this.#start();
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
    const agent = fork(new URL(entry, import.meta.url), ['--url', url], {
      detached: true,
      env: {
        ...process.env,
        // Our own agents trust our own certificate, whoever signed it.
        ...(this.#run.tls === null ? {} : { NODE_EXTRA_CA_CERTS: this.#run.tls.certFile }),
        ...(ready.ownTokens === null ? {} : { SQUILLA_TOKEN: ready.ownTokens.ingest }),
      },
    });
    this.#agents.set(name, agent);
    agent.on('message', (answer: DemoAnswer & { readonly request: number }) => {
      this.#toEngine({ type: 'demo-done', request: answer.request, answer });
    });
    agent.once('exit', (code, signal) => {
      this.#agents.delete(name);
      if (this.#stopping) return;
      this.#options.onNotice(`the ${name} agent ended (${signal ?? code}); starting it again`);
      setTimeout(() => {
        if (!this.#stopping) this.#startAgent(name, entry, ready);
      }, AGENT_RESTART_MS).unref();
    });
  }

  #demo(message: DemoCommand): void {
    const demo = this.#agents.get('demo');
    if (demo?.connected === true) {
      demo.send({ ...message.command, request: message.request });
      return;
    }
    const answer = { ok: false, error: 'the demo process is not running' };
    this.#toEngine({ type: 'demo-done', request: message.request, answer });
  }

  async #drain(reason: string): Promise<void> {
    this.#endAgents('SIGTERM');
    await Promise.race([this.#agentsGone(), waitMs(AGENT_BYE_MS)]);
    this.#endAgents('SIGKILL');
    const engine = this.#engine;
    if (engine === null) {
      this.#finish(0);
      return;
    }
    this.#toEngine({ type: 'drain', reason });
    const patienceMs = this.#run.config.drainMs + DRAIN_MARGIN_MS;
    const timer = setTimeout(() => engine.kill('SIGKILL'), patienceMs);
    engine.once('exit', () => clearTimeout(timer));
  }

  async #agentsGone(): Promise<void> {
    const gone = [...this.#agents.values()].map(
      (agent) => new Promise<void>((resolve) => void agent.once('exit', () => resolve())),
    );
    await Promise.all(gone);
  }

  #endAgents(signal: NodeJS.Signals): void {
    for (const agent of this.#agents.values()) agent.kill(signal);
  }

  #toEngine(message: SupervisorToEngine): void {
    if (this.#engine?.connected === true) this.#engine.send(message);
  }
}

function waitMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
