/**
 * The agent a service embeds: a WebSocket and one timer around the session. Nothing here throws
 * into the service, waits for the network, or keeps the process alive; while no query reads a
 * stream, publishing to it costs a branch.
 */
import { hostname } from 'node:os';
import { configWith } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Clock } from '../src/core/clock.ts';
import { createRng, randomSeed } from '../src/core/rng.ts';
import type { TimePolicy } from '../src/wire/agent-messages.ts';
import { NAME_LENGTH_MAX } from '../src/wire/message-shapes.ts';
import { AgentSocket } from './agent-socket.ts';
import { boundedLimits } from './bounded-limits.ts';
import type { Compression } from './frame-packer.ts';
import type { MaskRule } from './mask.ts';
import type { WhenFull } from './overflow.ts';
import { LIBRARY } from './library.ts';
import type { SessionEffect, SessionInput } from './session-contract.ts';
import { AgentSession } from './session.ts';
import { Spool } from './spool.ts';
import { TurnClock } from './turn-clock.ts';
import { onTermination } from './signals.ts';
import type { AgentStatus, StatusListener } from './status.ts';
import { INACTIVE_STREAM, PublishedStream } from './published-stream.ts';
import type { AgentStream } from './published-stream.ts';

export interface AgentOptions {
  /** Where the engine takes events, `ws://127.0.0.1:7071`; of several the first that answers. */
  readonly url: string | readonly string[];
  readonly token?: string;
  /** Name of the service, e.g. `checkout`. */
  readonly service: string;
  /** Default: the machine's name. */
  readonly host?: string;
  /** Told apart from other agents of the same service and host in one process. Default: none. */
  readonly instance?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Streams to offer from the start; others are offered when first asked for. */
  readonly streams?: readonly string[];
  /** What is beyond the bounds of a setting is moved to the nearer one. */
  readonly limits?: Partial<Config>;
  /** What gives way when the queue is full. Default: `drop-oldest`. */
  readonly whenFull?: WhenFull;
  /**
   * A directory: what the queue cannot hold while no engine is there is kept in files below it, and
   * sent later, also by the next process of this service. Default: none.
   */
  readonly spool?: string;
  /**
   * `zero`: frames carry masking key 0, which costs nothing and is safe outside browsers ·
   * `random`: as RFC 6455 says, for proxies that insist. Default: `zero`.
   */
  readonly frameMask?: 'zero' | 'random';
  /** Whether frames are made smaller. Default: `auto`, where it pays. */
  readonly compression?: Compression;
  /** What the service gives of its events. Default: everything that somebody asks for. */
  readonly mask?: readonly MaskRule[];
  /** Flush and say bye on SIGTERM, then let the signal do its work. Default: true. */
  readonly handleSignals?: boolean;
  readonly onStatus?: StatusListener;
  readonly clock?: Clock;
}

export interface StreamOptions {
  /** Default: the time of publishing. */
  readonly time?: Pick<TimePolicy, 'kind'> & { readonly field?: string };
  /** How far behind the clock events may run. Default: 50 ms, with a field 1,250 ms. */
  readonly slackMs?: number;
}

export interface Agent {
  /** The stream of that name; the options of the first call count. */
  stream(name: string, options?: StreamOptions): AgentStream;
  readonly connected: boolean;
  /** Whether the engine ever said which queries there are; before, nothing can be active. */
  readonly planned: boolean;
  /** Share of the queue that waits, 0 to 1; a source that can wait does so above a half. */
  readonly fill: number;
  /** Other limits from now on; what is not named stays. Returns what could not be taken so. */
  reload(changes: { readonly limits: Partial<Config> }): readonly string[];
  /** Flushes, waits for acknowledgement up to `agentCloseMs`, says bye. Never rejects. */
  close(reason?: string): Promise<void>;
  /** Hangs up without a word, as a killed process does: for drills. */
  abandon(): void;
}

/** Slack of a field whose precision is not known: whole seconds and a little. */
const FIELD_SLACK_MS = 1_250;
/** Longer timers would overflow, and go off at once. */
const WAIT_MS_MAX = 60_000;
/** For the disk, before the engine is asked. */
const SPOOL_WAIT_MS = 1_000;

/** Connects in the background, for as long as the process runs or until `close`. */
export function createAgent(options: AgentOptions): Agent {
  return new SocketAgent(options);
}

class SocketAgent implements Agent {
  readonly #options: AgentOptions;
  #limits: Config;
  readonly #clock: Clock;
  readonly #session: AgentSession;
  readonly #streams = new Map<string, AgentStream>();
  readonly #stopSignals: () => void;
  readonly #closed: Promise<void>;
  #resolveClosed: () => void = () => undefined;
  readonly #spool: Spool | null;
  readonly #socket: AgentSocket;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = Infinity;
  #isBroken = false;
  /** Null: none is being handled. */
  #inputs: SessionInput[] | null = null;

  constructor(options: AgentOptions) {
    const clock = options.clock ?? systemClock;
    this.#options = options;
    this.#clock = clock;
    this.#limits = boundedLimits(options.limits ?? {}).limits;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#socket = new AgentSocket({
      frameMask: options.frameMask ?? 'zero',
      compression: options.compression ?? 'auto',
      now: () => clock.now(),
      hear: (input) => this.#run(input),
      onGone: () => {
        if (this.#session.closed) this.#resolveClosed();
      },
    });
    this.#spool = this.#openSpool(options);
    this.#session = new AgentSession({
      url: options.url,
      token: options.token ?? null,
      identity: identityOf(options, clock),
      limits: this.#limits,
      clock,
      stampClock: options.clock === undefined ? new TurnClock(clock) : clock,
      rng: createRng(randomSeed()),
      mask: options.mask ?? [],
      whenFull: options.whenFull ?? 'drop-oldest',
      spool: this.#spool,
      onWork: () => this.#run({ type: 'tick' }),
    });
    for (const name of options.streams ?? []) this.stream(name);
    const handles = options.handleSignals ?? true;
    this.#stopSignals = handles ? onTermination(() => this.close('SIGTERM')) : () => undefined;
    void this.#start();
  }

  get connected(): boolean {
    return this.#session.live;
  }

  get planned(): boolean {
    return this.#session.planned;
  }

  get fill(): number {
    return this.#session.fill;
  }

  reload(changes: { readonly limits: Partial<Config> }): readonly string[] {
    const { complaints, limits } = boundedLimits(changes.limits, this.#limits);
    this.#limits = limits;
    this.#session.reload(limits);
    this.#run({ type: 'tick' });
    return complaints;
  }

  stream(name: string, options: StreamOptions = {}): AgentStream {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const state = this.#session.stream(name.slice(0, NAME_LENGTH_MAX), timePolicy(options));
    const stream = state === null ? INACTIVE_STREAM : new PublishedStream(state);
    this.#streams.set(name, stream);
    this.#run({ type: 'tick' });
    return stream;
  }

  async close(reason = 'closed by the service'): Promise<void> {
    this.#run({ type: 'close', reason });
    // What is left to send may keep the process alive, for agentCloseMs at most.
    this.#timer?.ref();
    await this.#closed;
    if (this.#spool !== null) await within(this.#spool.close(), this.#limits.agentCloseMs);
  }

  abandon(): void {
    this.#run({ type: 'abandon' });
  }

  /** What an earlier process has left is known before the engine is told where streams stand. */
  async #start(): Promise<void> {
    if (this.#spool !== null) await within(this.#spool.open(), SPOOL_WAIT_MS);
    this.#run({ type: 'start' });
  }

  #openSpool({ service, spool, whenFull = 'drop-oldest' }: AgentOptions): Spool | null {
    if (spool === undefined) return null;
    return new Spool({
      ...{ directory: spool, service, clock: this.#clock },
      dropsOldest: whenFull === 'drop-oldest',
      limits: () => this.#limits,
      onNews: (news) => this.#run({ type: 'spool', news }),
      onTrouble: (problem) => this.#tell({ kind: 'spool', problem }),
    });
  }

  /** One input after the other, also when an effect makes the next one at once. */
  #run(input: SessionInput): void {
    if (this.#inputs !== null) {
      this.#inputs.push(input);
      return;
    }
    const inputs = [input];
    this.#inputs = inputs;
    try {
      for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
        this.#session.socketBytes = this.#socket.bytes;
        for (const effect of this.#session.handle(next)) this.#apply(effect);
      }
    } catch (error) {
      this.#giveUp(error);
    }
    this.#inputs = null;
    this.#arm();
  }

  /** A defect of ours is no reason for a service to die: it goes on without its agent. */
  #giveUp(error: unknown): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#socket.disconnect(true, false);
    this.#session.breakDown();
    const text = error instanceof Error ? error.message : String(error);
    this.#tell({ kind: 'closed', reason: `a defect of the agent: ${text}` });
  }

  #apply(effect: SessionEffect): void {
    switch (effect.type) {
      case 'connect':
        this.#socket.connect(effect.url, this.#limits);
        break;
      case 'text':
        this.#socket.text(effect.text);
        break;
      case 'frame':
        this.#socket.frame(effect.bytes, effect.mayPack);
        break;
      case 'disconnect':
        this.#socket.disconnect(effect.abrupt, this.#session.closed);
        break;
      case 'status':
        this.#tell(effect.status);
        break;
    }
  }

  #tell(status: AgentStatus): void {
    // A listener that throws must not stop the agent; its owner hears of it as of any other throw.
    const { onStatus } = this.#options;
    if (onStatus !== undefined) queueMicrotask(() => onStatus(status));
    if (status.kind !== 'closed') return;
    this.#stopSignals();
    if (this.#socket.isGone) this.#resolveClosed();
  }

  /** The timer stands at the session's next wake-up, and never holds the process. */
  #arm(): void {
    const atMs = this.#session.wakeAtMs;
    if (atMs === this.#timerAtMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAtMs = atMs;
    if (atMs === Infinity) return;
    const waitMs = Math.min(WAIT_MS_MAX, Math.max(0, Math.ceil(atMs - this.#clock.now())));
    this.#timer = setTimeout(() => {
      this.#timerAtMs = Infinity;
      this.#run({ type: 'tick' });
    }, waitMs).unref();
  }
}

/** Until it is done, but no longer than that; a disk that hangs must not hold the service. */
async function within(work: Promise<void>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs);
    timer.unref();
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function timePolicy(options: StreamOptions): TimePolicy {
  const kind = options.time?.kind ?? 'publish';
  const defaultMs = kind === 'field' ? FIELD_SLACK_MS : configWith({}).publishSlackMs;
  const field = options.time?.field ?? null;
  return { kind, field, slackMs: options.slackMs ?? defaultMs };
}

function identityOf(
  options: AgentOptions,
  clock: Clock,
): {
  readonly id: string;
  readonly incarnation: number;
  readonly service: string;
  readonly host: string;
  readonly library: string;
  readonly tags: Readonly<Record<string, string>>;
} {
  const host = options.host ?? hostname();
  const instance = options.instance === undefined ? '' : `/${options.instance}`;
  const id = `${options.service}@${host}#${process.pid}${instance}`.slice(0, NAME_LENGTH_MAX);
  const incarnation = Math.floor(clock.now());
  return {
    id,
    incarnation,
    service: options.service,
    host,
    library: LIBRARY,
    tags: options.tags ?? {},
  };
}
