/**
 * What publishing an event costs a service, in nanoseconds of CPU, net of an empty loop, with the
 * agent's own session, encoding of frames included: while nobody asks, under the queries that
 * people ask, and against what services do today. What a grouped rate costs the wire against
 * shipping the events as JSON. How soon two hundred agents answer, and what a service notices.
 */
import { AgentSession } from '../agents/session.ts';
import type { SessionEffect } from '../agents/session-contract.ts';
import { TurnClock } from '../agents/turn-clock.ts';
import type { StreamState } from '../agents/stream-state.ts';
import { configWith, DEFAULTS } from '../src/config.ts';
import { systemClock, VirtualClock } from '../src/core/clock.ts';
import type { Clock } from '../src/core/clock.ts';
import { createRng } from '../src/core/rng.ts';
import { whyNotAtAgents } from '../src/plan/edge-aggregation.ts';
import { planQuery } from '../src/plan/plan-query.ts';
import type { AgentQuery, EngineToAgent } from '../src/wire/agent-messages.ts';
import { PROTOCOL_VERSION } from '../src/wire/agent-messages.ts';
import { HEADER } from '../src/wire/frame-layout.ts';
import { encodeMessage } from '../src/wire/message-codec.ts';
import { fleetCases } from './agent-fleet.ts';
import { hostCases } from './agent-host.ts';
import { rivalCases } from './agent-rivals.ts';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { measured, NOBODY, POOL } from './harness/nanoseconds.ts';
import type { Publishing } from './harness/nanoseconds.ts';
import { QUERIES, requestEvents, STREAM } from './workload.ts';
import type { RequestEvent } from './workload.ts';

/** Node 24 holds half of these, but for `idle`. */
const NODE_20 = 2;

interface Case {
  readonly name: string;
  readonly queries: readonly string[];
  /** Nanoseconds on Node 24. */
  readonly hold: number;
}

const GROUPED = `select country, count(*) as n from ${STREAM} window 1s group by country`;
const CASES: readonly Case[] = [
  { name: 'idle', queries: [], hold: 5 },
  {
    name: 'filter',
    queries: [`select route, durMs from ${STREAM} where status = 599`],
    hold: 25,
  },
  { name: 'group-by', queries: [GROUPED], hold: 60 },
  { name: 'p99', queries: [`select p99(durMs) as slow from ${STREAM} window 1s`], hold: 30 },
  { name: 'ten-fused', queries: QUERIES.map(({ text }) => text), hold: 200 },
  { name: 'ship-all', queries: [`select * from ${STREAM}`], hold: 500 },
];

export async function agentBench({ quick }: BenchContext): Promise<BenchCase[]> {
  const cases = runAgent(quick ? 200_000 : 1_000_000, quick ? 3 : 7);
  return [...cases, ...(await fleetCases(quick)), ...(await hostCases(quick))];
}

export function runAgent(events: number, rounds: number): BenchCase[] {
  const pool = requestEvents(POOL, 1);
  const all = { events, rounds, pool };
  const emptyNs = measured(all, NOBODY);
  let groupByNs = Number.NaN;
  const cases = CASES.map(({ hold, name, queries }) => {
    const host = new Host(queries, systemClock);
    const ns = Math.max(0, measured(all, host) - emptyNs);
    if (name === 'group-by') groupByNs = ns;
    const bound = name === 'idle' || isNode24() ? hold : hold * NODE_20;
    return held(figure(name, 'nsPerEvent', ns, 'ns'), '<=', bound);
  });
  return [...cases, ...rivalCases(all, { emptyNs, groupByNs }), wireCase(pool)];
}

function isNode24(): boolean {
  return Number(process.versions.node.split('.')[0]) >= 24;
}

/** Five seconds of 50,000 events each, under a clock of its own, against their JSON. */
function wireCase(pool: readonly RequestEvent[]): BenchCase {
  const clock = new VirtualClock(1_700_000_000_000);
  const query = `select country, rate() as r from ${STREAM} window 1s group by country`;
  const host = new Host([query], clock);
  const before = host.bytes;
  let json = 0;
  const sizes = pool.map((event) => Buffer.byteLength(JSON.stringify(event)));
  for (let i = 0; i < 250_000; i++) {
    host.stream.publish(pool[i % POOL]!);
    json += sizes[i % POOL]!;
    if (i % 50 !== 49) continue;
    clock.advance(1);
    host.turn();
  }
  const share = (host.bytes - before) / json;
  return held(figure('rate() by country, 50 k events/s', 'bytesToJson', share, ''), '<=', 0.001);
}

/** An agent whose engine welcomes it, asks, and acknowledges every frame at once. */
class Host implements Publishing {
  readonly stream: StreamState;
  /** What went over the wire: frames and messages, acknowledgements left out. */
  bytes = 0;
  readonly #session: AgentSession;
  readonly #clock: Clock;
  #sequence = 0;
  #isDue = false;

  constructor(queries: readonly string[], clock: Clock) {
    this.#clock = clock;
    this.#session = new AgentSession({
      url: 'ws://bench/',
      token: null,
      identity: {
        ...{ id: 'bench', incarnation: 1, service: 'bench', host: 'bench', library: 'bench' },
        tags: {},
      },
      // The guard would take a share of so many events.
      limits: configWith({ agentCpuPercent: 0 }),
      clock,
      stampClock: clock === systemClock ? new TurnClock(clock) : clock,
      rng: createRng(1),
      onWork: () => {
        this.#isDue = true;
      },
    });
    const time = { kind: 'publish', field: null, slackMs: 50 } as const;
    this.stream = this.#session.stream(STREAM, time)!;
    this.#apply(this.#session.handle({ type: 'start' }));
    this.#apply(this.#session.handle({ type: 'opened' }));
    this.#say({
      ...{ type: 'welcome', version: PROTOCOL_VERSION, agentKey: 1, nowMs: clock.now() },
      ...{ evaluatedSequence: 0, heartbeatMs: DEFAULTS.heartbeatMs },
    });
    this.#say({ type: 'plans', epoch: 1, queries: queries.map(agentQueryOf) });
  }

  /** What the event loop would do now. */
  turn(): void {
    if (!this.#isDue && this.#session.wakeAtMs > this.#clock.now()) return;
    this.#isDue = false;
    this.#session.socketBytes = 0;
    const acknowledged = this.#sequence;
    this.#apply(this.#session.handle({ type: 'tick' }));
    if (this.#sequence > acknowledged) this.#say({ type: 'ack', sequence: this.#sequence });
  }

  #say(message: EngineToAgent): void {
    this.#apply(this.#session.handle({ type: 'text', text: encodeMessage(message) }));
  }

  #apply(effects: readonly SessionEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'text') this.bytes += effect.text.length;
      else if (effect.type === 'frame') {
        const { buffer, byteOffset, length } = effect.bytes;
        this.bytes += length;
        const sequence = new DataView(buffer, byteOffset).getUint32(HEADER.frameSequence, true);
        this.#sequence = sequence;
      }
    }
  }
}

function agentQueryOf(text: string, index: number): AgentQuery {
  const { plan } = planQuery(text, { mode: 'live', config: DEFAULTS });
  if (plan === null) throw new Error(`the bench asks what cannot be planned: ${text}`);
  const { aggregate, source, window } = plan;
  const paneMs = aggregate === null && window.kind === 'none' ? 0 : window.paneMs;
  const isEdge = aggregate !== null && whyNotAtAgents(plan) === null;
  const aggregation = isEdge ? { stage: aggregate, emitEveryMs: 0 } : null;
  return { query: `q${index}`, stream: STREAM, source, paneMs, aggregation };
}
