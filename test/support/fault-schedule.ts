/**
 * Seeded schedules of agents, queries and faults: what the simulation tests play, each seed the
 * same every time. `SEED=` replays one, `RUNS=` is how many; continuous integration plays more.
 */
import { createRng } from '../../src/core/rng.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { Event } from '../../src/model/value.ts';
import type { ReferenceEvent } from '../../src/reference/run.ts';
import type { TimePolicy } from '../../src/wire/agent-messages.ts';
import type { WorldAgent, WorldOptions } from './world-parts.ts';
import { World } from './world.ts';
import type { Received } from './world.ts';

const RUNS = Number(process.env['RUNS'] ?? (process.env['CI'] === undefined ? 150 : 2_000));
const SEED = process.env['SEED'];

export const SEEDS: readonly number[] =
  SEED === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(SEED)];
/** Of one test over all seeds: ten times what they take on two cores. */
export const SEEDS_TIMEOUT_MS: number = Math.max(80_000, SEEDS.length * 250);

/** A clock that is set is set by this. */
const JUMP_MS = 3_600_000;

export interface Schedule {
  readonly received: readonly Received[];
  readonly accepted: readonly ReferenceEvent[];
  readonly world: World;
}

function randomEvent(rng: Rng): Event {
  const regions = ['eu', 'us', 'ap'];
  const event: Record<string, Event[string]> = { v: rng.int(100), k: `k${rng.int(12)}` };
  if (rng.next() < 0.9) event['region'] = regions[rng.int(3)]!;
  event['ok'] = rng.next() < 0.5;
  if (rng.next() < 0.05) event['v'] = 'not a number';
  return event;
}

export interface Conditions {
  readonly withFaults: boolean;
  /** Clocks are off and shards take their time, which moves event times and frames. */
  readonly isRough: boolean;
  /**
   * Events carry their time. Else agents stamp them, never behind what they promised, which is not
   * always the moment that is noted here; to windows of a second that matters little.
   */
  readonly carriesTime?: boolean;
  /**
   * All agents begin at one shard. Shards are busy in turn, and their agents are asked to move to
   * others, again and again.
   */
  readonly isUneven?: boolean;
  /** Streams that every agent offers; each event goes to one of them. Default: plays. */
  readonly streams?: readonly string[];
}

export function play(
  seed: number,
  query: string,
  shards: number,
  conditions: Conditions,
): Schedule {
  const { withFaults, isRough, streams = ['plays'] } = conditions;
  const rng = createRng(seed);
  const world = new World({
    seed,
    shards,
    config: {
      ...{ leaseMs: 700, heartbeatMs: 200, closeWaitMs: 300, rosterMs: 60_000 },
      ...{ moveAfterMs: 10, moveRestMs: 10 },
    },
    delayMs: (delays) => 1 + delays.int(10),
    flushMs: (delays) => (isRough ? delays.int(15) : 0),
    ...(conditions.isUneven === true && unevenly(seed, shards)),
  });
  const accepted: ReferenceEvent[] = [];
  // Clocks that are off are corrected by estimates, which change; events then carry their time.
  const isOff = (isRough && rng.next() < 0.5) || conditions.carriesTime === true;
  const time = isOff ? ({ kind: 'field', field: 'ts' } as const) : {};
  const isUneven = conditions.isUneven === true;
  const agents = Array.from({ length: (isUneven ? 4 : 1) + rng.int(3) }, (_, i) =>
    world.agent(`agent-${i}`, {
      offsetMs: isOff ? rng.int(20_001) - 10_000 : 0,
      ...(isUneven && { shard: 0 }),
    }),
  );
  for (const agent of agents) {
    for (const stream of streams) world.stream(agent, stream, time);
    world.start(agent);
  }
  world.run(300);
  const received = world.subscribe('s', query);
  world.run(50);
  const sequences = new Map<WorldAgent, number>();
  let burst = 0;
  world.run(3_000, () => {
    if (withFaults && rng.next() < 0.004) fault(world, rng, { streams, time });
    if (burst === 0 && rng.next() < 0.01) burst = 20;
    for (const agent of agents) {
      if (!agent.alive) continue;
      const count = burst > 0 ? 5 : rng.next() < 0.2 ? 1 : 0;
      for (let i = 0; i < count; i++) {
        const timeMs = Math.floor(agent.clock.now() + agent.session.offsetMs);
        const id = `${agent.name}/${(sequences.get(agent) ?? 0) + 1}/${agent.incarnation}`;
        const event = { ...randomEvent(rng), id, ...(isOff ? { ts: timeMs } : {}) };
        const stream = pickStream(streams, rng);
        const outcome = world.stream(agent, stream, time).publish(event);
        if (outcome !== 'accepted') continue;
        const sequence = (sequences.get(agent) ?? 0) + 1;
        sequences.set(agent, sequence);
        accepted.push({ event, timeMs, stream, agentId: agent.name, sequence });
      }
    }
    if (burst > 0) burst--;
  });
  world.run(4_000);
  return { received, accepted, world };
}

/** One shard after the other is busy, for a second or more each. */
function unevenly(seed: number, shards: number): Pick<WorldOptions, 'busy' | 'movesAstray'> {
  const rng = createRng(seed + 1_000_000);
  let busiest = 0;
  const busy = (shard: number): number => {
    if (rng.next() < 0.2 / shards) busiest = rng.int(shards);
    return shard === busiest ? 0.8 : 0.01;
  };
  return { busy, movesAstray: 0.3 };
}

/** Schedules of one stream are what they were before there were several. */
function pickStream(streams: readonly string[], rng: Rng): string {
  return streams.length === 1 ? streams[0]! : streams[rng.int(streams.length)]!;
}

interface Offered {
  readonly streams: readonly string[];
  readonly time: Partial<TimePolicy>;
}

function fault(world: World, rng: Rng, { streams, time }: Offered): void {
  const agent = world.agents[rng.int(world.agents.length)]!;
  switch (rng.int(6)) {
    case 0:
      world.breakConnection(agent);
      break;
    case 1:
      world.kill(agent);
      break;
    case 2:
      if (!agent.alive) {
        world.revive(agent);
        for (const stream of streams) world.stream(agent, stream, time);
      }
      break;
    case 3:
      if (agent.cut) world.heal(agent);
      else world.cut(agent);
      break;
    case 4: {
      const shard = rng.int(world.shards.length);
      world.crashShard(shard);
      world.startShard(shard);
      break;
    }
    case 5:
      // Where agents stamp events themselves nobody could say which time they should have had.
      if (time.kind === 'field') agent.clock.advance((rng.next() < 0.5 ? 1 : -1) * JUMP_MS);
      break;
  }
}
