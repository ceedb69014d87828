/**
 * The whole system in one thread under a virtual clock: the coordinator, shards and agent sessions
 * that ship, joined by a simulated network with seeded delays. What is not simulated is exactly
 * what the thin shells do: sockets, threads, timers.
 */
import { AgentSession } from '../../agents/session.ts';
import type { StreamState } from '../../agents/stream-state.ts';
import { configWith } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import { VirtualClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import type { Rng } from '../../src/core/rng.ts';
import { Engine } from '../../src/coordinator/engine.ts';
import type {
  CoordinatorEffect,
  CoordinatorInput,
  ListenerEffect,
} from '../../src/coordinator/messages.ts';
import type { Event } from '../../src/model/value.ts';
import type { ConnectionInput, ShardEffect } from '../../src/shard/effects.ts';
import type { PeerMessage, ShardInput } from '../../src/shard/messages.ts';
import { definitionsOf } from '../../src/reference/evaluate-views.ts';
import { Shard } from '../../src/shard/shard.ts';
import type { TimePolicy } from '../../src/wire/agent-messages.ts';
import type { ResultMessage } from '../../src/wire/results.ts';
import { Timetable } from './timetable.ts';
import type { WorldAgent, WorldOptions } from './world-parts.ts';

export const START_MS = 1_700_000_000_000;
const STEP_MS = 5;

export interface Received {
  readonly atMs: number;
  readonly id: string | null;
  readonly message: ResultMessage;
}

export class World {
  readonly clock: VirtualClock = new VirtualClock(START_MS);
  readonly config: Config;
  readonly rng: Rng;
  engine: Engine;
  readonly shards: Shard[] = [];
  readonly agents: WorldAgent[] = [];
  readonly received = new Map<string, Received[]>();
  readonly closed = new Set<string>();
  /** Hears what readers inside the engine hear. */
  onListener: (effect: ListenerEffect) => void = () => undefined;
  readonly #options: WorldOptions;
  readonly #shardUp: boolean[] = [];
  readonly #byConnection = new Map<string, WorldAgent>();
  /** Connections that are open at their shard's end. */
  readonly #open = new Set<string>();
  /** When a shard says what is due; absent: nothing is. */
  readonly #flushAtMs = new Map<number, number>();
  readonly #timetable = new Timetable();
  #nextConnection = 1;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.config = configWith({ startupMs: 0, ...options.config });
    this.rng = createRng(options.seed ?? 1);
    this.engine = this.#newEngine();
    for (let shard = 0; shard < (options.shards ?? 1); shard++) this.startShard(shard);
  }

  get nowMs(): number {
    return this.clock.now();
  }

  // ---- Clients ---------------------------------------------------------------------------------

  subscribe(subscription: string, query: string, resume: string | null = null): Received[] {
    this.received.set(subscription, []);
    const client = 'test';
    const input = { subscription, client, query, params: {}, resume, planned: null };
    this.input({ type: 'subscribe', ...input });
    return this.received.get(subscription)!;
  }

  input(input: CoordinatorInput): void {
    this.#carryOut(this.engine.handle(input, this.nowMs));
  }

  // ---- Agents ----------------------------------------------------------------------------------

  agent(name: string, options: { offsetMs?: number; shard?: number } = {}): WorldAgent {
    const clock = new VirtualClock(this.nowMs + (options.offsetMs ?? 0));
    const agent: WorldAgent = {
      name,
      clock,
      session: null as never,
      shard: options.shard ?? this.agents.length % this.shards.length,
      connection: null,
      alive: true,
      cut: false,
      held: [],
      incarnation: clock.now(),
    };
    agent.session = this.#newSession(agent);
    this.agents.push(agent);
    return agent;
  }

  stream(agent: WorldAgent, name: string, time: Partial<TimePolicy> = {}): StreamState {
    const policy: TimePolicy = { kind: 'publish', field: null, slackMs: 50, ...time };
    return agent.session.stream(name, policy)!;
  }

  start(agent: WorldAgent): void {
    this.#agentEffects(agent, agent.session.handle({ type: 'start' }));
  }

  /** SIGKILL: the socket closes after a while, nothing else is said. */
  kill(agent: WorldAgent): void {
    agent.alive = false;
    this.#dropConnection(agent);
  }

  /** The process starts anew: new incarnation, empty queues. */
  revive(agent: WorldAgent): void {
    agent.alive = true;
    agent.incarnation = agent.clock.now();
    agent.session = this.#newSession(agent);
    this.start(agent);
  }

  cut(agent: WorldAgent): void {
    agent.cut = true;
  }

  heal(agent: WorldAgent): void {
    agent.cut = false;
    for (const run of agent.held.splice(0)) this.#later(run);
  }

  /** The connection breaks, and what was on its way with it; the session will try again. */
  breakConnection(agent: WorldAgent): void {
    this.#open.delete(`${agent.shard}/${agent.connection}`);
    this.#dropConnection(agent);
    this.#later(() => {
      if (!agent.alive) return;
      this.#agentEffects(agent, agent.session.handle({ type: 'closed', reason: 'broken' }));
    });
  }

  // ---- The engine and its shards ---------------------------------------------------------------

  /** The engine's process dies and starts anew: no query, no agent, no count is remembered. */
  restartEngine(): void {
    for (const agent of this.agents) this.breakConnection(agent);
    this.#shardUp.fill(false);
    this.#flushAtMs.clear();
    this.engine = this.#newEngine();
    for (let shard = 0; shard < this.shards.length; shard++) this.startShard(shard);
  }

  startShard(shard: number): void {
    const { busy } = this.#options;
    this.shards[shard] = new Shard({
      shard,
      config: this.config,
      nowMs: this.nowMs,
      authorize: () => ({ mayIngest: () => true }),
      ...(busy === undefined ? {} : { busy: () => busy(shard) }),
    });
    this.#shardUp[shard] = true;
    this.input({ type: 'shard-up', shard });
  }

  crashShard(shard: number): void {
    this.#shardUp[shard] = false;
    this.#flushAtMs.delete(shard);
    for (const agent of this.agents) if (agent.shard === shard) this.breakConnection(agent);
    this.input({ type: 'shard-down', shard, reason: 'crashed' });
  }

  toShard(shard: number, input: ShardInput | ConnectionInput): void {
    if (this.#shardUp[shard] !== true) return;
    const machine = this.shards[shard]!;
    this.#shardEffects(shard, machine.handle(input, this.nowMs));
    const flushMs = this.#options.flushMs?.(this.rng) ?? 0;
    const flushAtMs = this.nowMs + flushMs;
    this.#flushAtMs.set(shard, Math.min(this.#flushAtMs.get(shard) ?? Infinity, flushAtMs));
    this.#flushDue(shard);
  }

  /** NDJSON through the engine's own listener. */
  ingest(stream: string, events: readonly Event[], timeField: string | null = null): void {
    const body = new TextEncoder().encode(events.map((event) => JSON.stringify(event)).join('\n'));
    const request = { type: 'ingest', request: 1, stream, format: 'ndjson', body } as const;
    this.toShard(0, { ...request, timeField, slackMs: 0 });
  }

  // ---- Time ------------------------------------------------------------------------------------

  /** Calls `run` when `ms` have passed. */
  after(ms: number, run: () => void): void {
    this.#timetable.alarm(this.nowMs + ms, run);
  }

  /** Lets `ms` pass; `each` is called at every step with the time. */
  run(ms: number, each?: (nowMs: number) => void): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.clock.advance(STEP_MS);
      for (const agent of this.agents) agent.clock.advance(STEP_MS);
      this.#timetable.runDue(this.nowMs);
      each?.(this.nowMs);
      for (const agent of this.agents) this.#tickAgent(agent);
      for (let shard = 0; shard < this.shards.length; shard++) {
        this.toShard(shard, { type: 'tick' });
      }
      this.input({ type: 'tick' });
    }
  }

  // ---- Inside ----------------------------------------------------------------------------------

  #flushDue(shard: number): void {
    if ((this.#flushAtMs.get(shard) ?? Infinity) > this.nowMs) return;
    this.#flushAtMs.delete(shard);
    this.#shardEffects(shard, this.shards[shard]!.flush());
  }

  #newEngine(): Engine {
    const incarnation = `sim${this.rng.int(1_000_000)}`;
    const views = definitionsOf(this.#options.views ?? {});
    const { seriesStates = () => new Map() } = this.#options;
    return new Engine({ config: this.config, incarnation, nowMs: this.nowMs, views, seriesStates });
  }

  #newSession(agent: WorldAgent): AgentSession {
    const { name, clock, incarnation } = agent;
    return new AgentSession({
      url: `ws://shard-${agent.shard}/`,
      token: null,
      identity: { id: name, incarnation, service: name, host: 'sim', library: 'sim', tags: {} },
      limits: this.config,
      clock,
      rng: createRng(this.rng.int(1 << 30)),
      onWork: () => undefined,
    });
  }

  #tickAgent(agent: WorldAgent): void {
    // A step is long enough for a socket to write what it was given.
    const isBlocked = agent.session.socketBytes > 0;
    agent.session.socketBytes = 0;
    if (!agent.alive || (!isBlocked && agent.session.wakeAtMs > agent.clock.now())) return;
    this.#agentEffects(agent, agent.session.handle({ type: 'tick' }));
  }

  #agentEffects(agent: WorldAgent, effects: ReturnType<AgentSession['handle']>): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'connect':
          this.#connect(agent);
          break;
        case 'text':
          this.#upstream(agent, (connection) => ({ type: 'text', connection, text: effect.text }));
          break;
        case 'frame': {
          const bytes = effect.bytes.slice();
          this.#upstream(agent, (connection) => ({ type: 'binary', connection, bytes }));
          break;
        }
        case 'disconnect':
          this.#dropConnection(agent);
          this.#later(() => {
            this.#agentEffects(agent, agent.session.handle({ type: 'closed', reason: 'done' }));
          });
          break;
        case 'status':
          break;
      }
    }
  }

  #connect(agent: WorldAgent): void {
    this.#later(() => {
      if (!agent.alive) return;
      if (agent.cut || this.#shardUp[agent.shard] !== true) {
        this.#agentEffects(agent, agent.session.handle({ type: 'closed', reason: 'refused' }));
        return;
      }
      const connection = this.#nextConnection++;
      agent.connection = connection;
      this.#byConnection.set(`${agent.shard}/${connection}`, agent);
      this.#open.add(`${agent.shard}/${connection}`);
      this.toShard(agent.shard, { type: 'open', connection, kind: 'agent' });
      this.#agentEffects(agent, agent.session.handle({ type: 'opened' }));
    });
  }

  #upstream(agent: WorldAgent, input: (connection: number) => ConnectionInput): void {
    const { connection, shard } = agent;
    if (connection === null) return;
    this.#carry(agent, () => {
      if (this.#open.has(`${shard}/${connection}`)) this.toShard(shard, input(connection));
    });
  }

  /** What was said before arrives before the end does. */
  #dropConnection(agent: WorldAgent): void {
    const { connection, shard } = agent;
    if (connection === null) return;
    agent.connection = null;
    this.#byConnection.delete(`${shard}/${connection}`);
    this.#later(() => {
      this.#open.delete(`${shard}/${connection}`);
      this.toShard(shard, { type: 'closed', connection });
    });
  }

  #shardEffects(shard: number, effects: readonly ShardEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'to-coordinator':
          this.input({ type: 'shard', shard, message: structuredClone(effect.message) });
          break;
        case 'to-peer': {
          const message = structuredClone(effect.message);
          this.#toPeer(shard, effect.shard, message);
          break;
        }
        case 'send':
          this.#downstream(shard, effect.connection, effect.text);
          break;
        case 'disconnect': {
          const agent = this.#byConnection.get(`${shard}/${effect.connection}`);
          if (agent === undefined) break;
          this.#later(() => {
            if (agent.connection === effect.connection) this.breakConnection(agent);
          });
          break;
        }
      }
    }
  }

  /** Ports between threads keep their order; a dead thread's are closed. */
  #toPeer(from: number, to: number, message: PeerMessage): void {
    const [sender, receiver] = [this.shards[from], this.shards[to]];
    this.#later(() => {
      if (this.#shardUp[from] !== true || this.shards[from] !== sender) return;
      if (this.shards[to] !== receiver) return;
      this.toShard(to, { type: 'peer', from, messages: [message] });
    });
  }

  #downstream(shard: number, connection: number, text: string): void {
    const agent = this.#byConnection.get(`${shard}/${connection}`);
    if (agent === undefined) return;
    this.#carry(agent, () => {
      if (agent.connection !== connection || !agent.alive) return;
      this.#agentEffects(agent, agent.session.handle({ type: 'text', text }));
    });
  }

  #carryOut(effects: readonly CoordinatorEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'to-shard':
          this.toShard(effect.shard, structuredClone(effect.message));
          break;
        case 'to-all-shards':
          for (let shard = 0; shard < this.shards.length; shard++) {
            this.toShard(shard, structuredClone(effect.message));
          }
          break;
        case 'deliver':
          for (const subscription of effect.subscriptions) {
            const { id } = effect;
            const message = JSON.parse(effect.body) as ResultMessage;
            this.received.get(subscription)?.push({ atMs: this.nowMs, id, message });
          }
          break;
        case 'window':
        case 'source':
        case 'listening':
        case 'deaf':
          this.onListener(effect);
          break;
        case 'closed':
          this.closed.add(effect.subscription);
          break;
      }
    }
  }

  #carry(agent: WorldAgent, run: () => void): void {
    if (agent.cut) agent.held.push(run);
    else this.#later(run);
  }

  #later(run: () => void): void {
    this.#timetable.send(this.nowMs + (this.#options.delayMs?.(this.rng) ?? 1), run);
  }
}
