/**
 * The demo's agents: in each region two players (plays, playback_errors) and an API (requests),
 * each with a connection of its own, as if they were processes.
 */
import type { Event } from '../../src/model/value.ts';
import { createAgent } from '../agent.ts';
import { WHOLE_PROCESS } from '../whole-process.ts';
import type { Agent, AgentOptions } from '../agent.ts';
import type { AgentStream } from '../published-stream.ts';
import { REGIONS } from './incident.ts';
import type { DemoStream } from './world.ts';

export type FleetOptions = Pick<AgentOptions, 'url' | 'limits'> & { readonly token?: string };

const PLAYERS_PER_REGION = 2;

interface RegionAgents {
  readonly agents: readonly Agent[];
  readonly players: readonly Readonly<Record<'plays' | 'playback_errors', AgentStream>>[];
  readonly requests: AgentStream;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #regions = new Map<string, RegionAgents>();
  #next = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    for (const region of REGIONS) this.revive(region);
  }

  /** Events of a region whose agents died are lost, as they would be. */
  publish(region: string, stream: DemoStream, event: Event): void {
    const found = this.#regions.get(region);
    if (found === undefined) return;
    if (stream === 'requests') {
      found.requests.publish(event);
      return;
    }
    this.#next = (this.#next + 1) % PLAYERS_PER_REGION;
    found.players[this.#next]?.[stream].publish(event);
  }

  /** The region's agents vanish without a bye. */
  kill(region: string): void {
    for (const agent of this.#regions.get(region)?.agents ?? []) agent.abandon();
    this.#regions.delete(region);
  }

  /** New agents for a region that has none. */
  revive(region: string): void {
    if (this.#regions.has(region)) return;
    const api = this.#agent(region, 'api', 1, ['requests']);
    const players = Array.from({ length: PLAYERS_PER_REGION }, (_none, i) =>
      this.#agent(region, 'player', i + 1, ['plays', 'playback_errors']),
    );
    this.#regions.set(region, {
      agents: [api, ...players],
      requests: api.stream('requests'),
      players: players.map((agent) => ({
        plays: agent.stream('plays'),
        playback_errors: agent.stream('playback_errors'),
      })),
    });
  }

  async close(): Promise<void> {
    const agents = [...this.#regions.values()].flatMap((region) => region.agents);
    await Promise.all(agents.map((agent) => agent.close('demo ends')));
  }

  #agent(region: string, service: string, number: number, streams: readonly string[]): Agent {
    // Under its old name a revived agent takes the place of the one that died, as after a restart.
    return createAgent({
      ...this.#options,
      service,
      host: `${service}-${region}-${number}`,
      tags: { region },
      streams,
      handleSignals: false,
      limits: WHOLE_PROCESS,
    });
  }
}
