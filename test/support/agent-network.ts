/**
 * The agents of the simulated system and the network between them and the shards: connections that
 * open, break and are cut, with messages that keep their order on the way.
 */
import { AgentSession } from '../../agents/session.ts';
import type { Config } from '../../src/config.ts';
import { VirtualClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { ConnectionInput } from '../../src/shard/effects.ts';
import type { WorldAgent } from './world-parts.ts';

export interface AgentNetworkParts {
  readonly config: Config;
  readonly rng: Rng;
  readonly isShardUp: (shard: number) => boolean;
  readonly toShard: (shard: number, input: ConnectionInput) => void;
  /** Runs it when a message would have arrived; in order. */
  readonly later: (run: () => void) => void;
}

export class AgentNetwork {
  readonly agents: WorldAgent[] = [];
  readonly #parts: AgentNetworkParts;
  readonly #byConnection = new Map<string, WorldAgent>();
  /** Connections that are open at their shard's end. */
  readonly #open = new Set<string>();
  #nextConnection = 1;

  constructor(parts: AgentNetworkParts) {
    this.#parts = parts;
  }

  /** @param clockMs What the agent's clock shows. */
  add(name: string, shard: number, clockMs: number): WorldAgent {
    const clock = new VirtualClock(clockMs);
    const agent: WorldAgent = {
      name,
      clock,
      session: null as never,
      shard,
      nextShard: null,
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

  start(agent: WorldAgent): void {
    this.#effects(agent, agent.session.handle({ type: 'start' }));
  }

  kill(agent: WorldAgent): void {
    agent.alive = false;
    this.#dropConnection(agent);
  }

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
    for (const run of agent.held.splice(0)) this.#parts.later(run);
  }

  /** The connection breaks, and what was on its way with it; the session will try again. */
  breakConnection(agent: WorldAgent): void {
    this.#open.delete(`${agent.shard}/${agent.connection}`);
    this.#dropConnection(agent);
    this.#parts.later(() => {
      if (!agent.alive) return;
      this.#effects(agent, agent.session.handle({ type: 'closed', reason: 'broken' }));
    });
  }

  tick(agent: WorldAgent): void {
    // A step is long enough for a socket to write what it was given.
    const isBlocked = agent.session.socketBytes > 0;
    agent.session.socketBytes = 0;
    if (!agent.alive || (!isBlocked && agent.session.wakeAtMs > agent.clock.now())) return;
    this.#effects(agent, agent.session.handle({ type: 'tick' }));
  }

  /** Whoever holds the connection of the shard is dealt to another when it connects anew. */
  redirect(shard: number, connection: number, to: number): void {
    const agent = this.#byConnection.get(`${shard}/${connection}`);
    if (agent !== undefined) agent.nextShard = to;
  }

  /** A shard says something to whoever holds the connection. */
  downstream(shard: number, connection: number, text: string): void {
    const agent = this.#byConnection.get(`${shard}/${connection}`);
    if (agent === undefined) return;
    this.#carry(agent, () => {
      if (agent.connection !== connection || !agent.alive) return;
      this.#effects(agent, agent.session.handle({ type: 'text', text }));
    });
  }

  /** A shard ends the connection. */
  hangUp(shard: number, connection: number): void {
    const agent = this.#byConnection.get(`${shard}/${connection}`);
    if (agent === undefined) return;
    this.#parts.later(() => {
      if (agent.connection === connection) this.breakConnection(agent);
    });
  }

  #newSession({ name, clock, incarnation, shard }: WorldAgent): AgentSession {
    return new AgentSession({
      url: `ws://shard-${shard}/`,
      token: null,
      identity: { id: name, incarnation, service: name, host: 'sim', library: 'sim', tags: {} },
      limits: this.#parts.config,
      clock,
      rng: createRng(this.#parts.rng.int(1 << 30)),
      onWork: () => undefined,
    });
  }

  #effects(agent: WorldAgent, effects: ReturnType<AgentSession['handle']>): void {
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
          this.#parts.later(() => {
            this.#effects(agent, agent.session.handle({ type: 'closed', reason: 'done' }));
          });
          break;
        case 'status':
          break;
      }
    }
  }

  #connect(agent: WorldAgent): void {
    this.#parts.later(() => {
      if (!agent.alive) return;
      agent.shard = agent.nextShard ?? agent.shard;
      agent.nextShard = null;
      if (agent.cut || !this.#parts.isShardUp(agent.shard)) {
        this.#effects(agent, agent.session.handle({ type: 'closed', reason: 'refused' }));
        return;
      }
      const connection = this.#nextConnection++;
      agent.connection = connection;
      this.#byConnection.set(`${agent.shard}/${connection}`, agent);
      this.#open.add(`${agent.shard}/${connection}`);
      this.#parts.toShard(agent.shard, { type: 'open', connection, kind: 'agent' });
      this.#effects(agent, agent.session.handle({ type: 'opened' }));
    });
  }

  #upstream(agent: WorldAgent, input: (connection: number) => ConnectionInput): void {
    const { connection, shard } = agent;
    if (connection === null) return;
    this.#carry(agent, () => {
      if (this.#open.has(`${shard}/${connection}`)) this.#parts.toShard(shard, input(connection));
    });
  }

  /** What was said before arrives before the end does. */
  #dropConnection(agent: WorldAgent): void {
    const { connection, shard } = agent;
    if (connection === null) return;
    agent.connection = null;
    this.#byConnection.delete(`${shard}/${connection}`);
    this.#parts.later(() => {
      this.#open.delete(`${shard}/${connection}`);
      this.#parts.toShard(shard, { type: 'closed', connection });
    });
  }

  #carry(agent: WorldAgent, run: () => void): void {
    if (agent.cut) agent.held.push(run);
    else this.#parts.later(run);
  }
}
