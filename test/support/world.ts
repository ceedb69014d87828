/**
 * The whole system in one thread under a virtual clock: the coordinator, shards and agent sessions
 * that ship, joined by a simulated network with seeded delays. What is not simulated is exactly
 * what the thin shells do: sockets, threads, timers.
 */
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
import type { KnownAgent } from '../../src/store/known-agents.ts';
import type { TimePolicy } from '../../src/wire/agent-messages.ts';
import type { ResultMessage } from '../../src/wire/results.ts';
import { AgentNetwork } from './agent-network.ts';
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
  readonly received = new Map<string, Received[]>();
  readonly closed = new Set<string>();
  /** Hears what readers inside the engine hear. */
  onListener: (effect: ListenerEffect) => void = () => undefined;
  readonly #options: WorldOptions;
  readonly #shardUp: boolean[] = [];
  readonly #network: AgentNetwork;
  /** When a shard says what is due; absent: nothing is. */
  readonly #flushAtMs = new Map<number, number>();
  readonly #timetable = new Timetable();

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    // Agents come to their generated code soon, as those of busy streams do.
    this.config = configWith({ startupMs: 0, agentCodeAfter: 5, ...options.config });
    this.rng = createRng(options.seed ?? 1);
    this.#network = new AgentNetwork({
      ...{ config: this.config, rng: this.rng },
      isShardUp: (shard) => this.#shardUp[shard] === true,
      toShard: (shard, input) => this.toShard(shard, input),
      later: (run) => this.#later(run),
    });
    this.engine = this.#newEngine();
    for (let shard = 0; shard < (options.shards ?? 1); shard++) this.startShard(shard);
  }

  get nowMs(): number {
    return this.clock.now();
  }

  get agents(): readonly WorldAgent[] {
    return this.#network.agents;
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
    const shard = options.shard ?? this.agents.length % this.shards.length;
    return this.#network.add(name, shard, this.nowMs + (options.offsetMs ?? 0));
  }

  stream(agent: WorldAgent, name: string, time: Partial<TimePolicy> = {}): StreamState {
    const policy: TimePolicy = { kind: 'publish', field: null, slackMs: 50, ...time };
    return agent.session.stream(name, policy)!;
  }

  start(agent: WorldAgent): void {
    this.#network.start(agent);
  }

  /** SIGKILL: the socket closes after a while, nothing else is said. */
  kill(agent: WorldAgent): void {
    this.#network.kill(agent);
  }

  /** The process starts anew: new incarnation, empty queues. */
  revive(agent: WorldAgent): void {
    this.#network.revive(agent);
  }

  cut(agent: WorldAgent): void {
    this.#network.cut(agent);
  }

  heal(agent: WorldAgent): void {
    this.#network.heal(agent);
  }

  /** The connection breaks, and what was on its way with it; the session will try again. */
  breakConnection(agent: WorldAgent): void {
    this.#network.breakConnection(agent);
  }

  // ---- The engine and its shards ---------------------------------------------------------------

  /** The engine's process dies and starts anew: no query, no agent, no count is remembered. */
  restartEngine(knownAgents: readonly KnownAgent[] = []): void {
    for (const agent of this.agents) this.breakConnection(agent);
    this.#shardUp.fill(false);
    this.#flushAtMs.clear();
    this.engine = this.#newEngine(knownAgents);
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
      for (const agent of this.agents) this.#network.tick(agent);
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

  #newEngine(knownAgents: readonly KnownAgent[] = []): Engine {
    const incarnation = `sim${this.rng.int(1_000_000)}`;
    const views = definitionsOf(this.#options.views ?? {});
    const { seriesStates = () => new Map() } = this.#options;
    const { config, nowMs } = this;
    return new Engine({ config, incarnation, nowMs, views, seriesStates, knownAgents });
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
          this.#network.downstream(shard, effect.connection, effect.text);
          break;
        case 'disconnect':
          this.#network.hangUp(shard, effect.connection);
          break;
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

  #carryOut(effects: readonly CoordinatorEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'to-shard':
          this.#redirect(effect);
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

  /**
   * As the kernel deals connections, an agent that moves may come back to the shard that it left.
   */
  #redirect({ shard, message }: Extract<CoordinatorEffect, { type: 'to-shard' }>): void {
    if (message.type !== 'move' || this.rng.next() < (this.#options.movesAstray ?? 0)) return;
    this.#network.redirect(shard, message.connection, message.to);
  }

  #later(run: () => void): void {
    this.#timetable.send(this.nowMs + (this.#options.delayMs?.(this.rng) ?? 1), run);
  }
}
