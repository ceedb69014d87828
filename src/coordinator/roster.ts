/**
 * Who offers what: every agent the engine has met, where it stands in time, and whether it is still
 * there. The roster alone decides who is *live* (reported within its lease, or its shard has not
 * read what it said), *silent* (missed it) or *gone* (said bye, or was silent longer than it stays
 * expected).
 */
import type { Config } from '../config.ts';
import type { AgentClaim, AgentReport } from '../shard/messages.ts';
import type { AgentIdentity, StreamCounts, StreamOffer } from '../wire/agent-messages.ts';
import type { KnownAgent } from '../store/known-agents.ts';
import { OTHERS } from './ledger.ts';
import { askedToMove, cameBack, isOnItsWay, mayBeAsked } from './agent-move.ts';
import type { AgentMove } from './agent-move.ts';
import type { Counts } from './counts.ts';
import { LossTotals } from './loss-totals.ts';
import { lostOf } from './loss-watch.ts';
import { ShardPulse } from './shard-pulse.ts';

export interface RosterAgent {
  readonly key: number;
  readonly identity: AgentIdentity;
  shard: number;
  connection: number;
  readonly streams: Map<string, AgentStream>;
  readonly connectedAtMs: number;
  /** Engine clock of the last sign of life. */
  seenAtMs: number;
  /** Set when the session ended, with or without bye. */
  lostAtMs: number | null;
  bye: boolean;
  /** Null: it was never asked to connect to another shard. */
  move: AgentMove | null;
  evaluatedSequence: number;
  offsetMs: number;
  /** What its process spends for our queries, in percent of a core; null: not told. */
  cpuPercent: number | null;
  /** Of an earlier run of the engine, and missed from then on; null: it was here in this run. */
  recalledFromMs: number | null;
  /** Since when (event time) each pipeline is evaluated at this agent, by pipeline. */
  readonly activeSinceMs: Map<string, number>;
}

export interface AgentStream {
  offer: StreamOffer;
  /** −Infinity until the agent first reports. */
  watermarkMs: number;
  counts: StreamCounts | null;
  received: number;
  /** Of frames, cumulative for this session. */
  bytes: number;
  evaluated: number;
  dropped: Readonly<Record<string, number>>;
}

/** Event times in which a process that died without bye may have lost what it had not sent. */
export interface CrashSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

const CRASHES_KEPT = 16;
/** Of agents that were here in an earlier run only. */
const NO_SHARD = -1;

export type AgentState = 'live' | 'silent' | 'gone';

export class Roster {
  readonly #config: Config;
  readonly #byKey = new Map<number, RosterAgent>();
  readonly #byId = new Map<string, RosterAgent>();
  readonly #byStream = new Map<string, Set<RosterAgent>>();
  readonly #crashes = new Map<string, CrashSpan[]>();
  readonly #losses: LossTotals;
  /** Of each shard's listeners, by stream. */
  readonly #told = new Map<number, Map<string, Counts>>();
  readonly pulse: ShardPulse;
  /** How many agents were asked to leave it, by shard. */
  readonly sentAway = new Map<number, number>();
  /** Agents of an earlier run that are not back yet. */
  readonly #awaited = new Set<string>();
  #recalled = 0;
  #nextKey = 1;

  constructor(config: Config) {
    this.#config = config;
    this.pulse = new ShardPulse(config);
    this.#losses = new LossTotals(config.streamsMax);
  }

  get size(): number {
    return this.#byKey.size;
  }

  agents(): IterableIterator<RosterAgent> {
    return this.#byKey.values();
  }

  byKey(key: number): RosterAgent | undefined {
    return this.#byKey.get(key);
  }

  byId(id: string): RosterAgent | undefined {
    return this.#byId.get(id);
  }

  ofStream(stream: string): Iterable<RosterAgent> {
    return this.#byStream.get(stream) ?? [];
  }

  /** Some agent on the roster, live or not, offers the stream. */
  offers(stream: string): boolean {
    return this.#byStream.has(stream);
  }

  /** The latest few of a stream, oldest first; of all others, where too many streams had some. */
  crashes(stream: string): readonly CrashSpan[] {
    return this.#crashes.get(stream) ?? this.#crashes.get(OTHERS) ?? [];
  }

  /** Events of a stream that were lost so far, by reason; never shrinks. */
  losses(stream: string): ReadonlyMap<string, number> {
    return this.#losses.of(stream);
  }

  state(agent: RosterAgent, nowMs: number): AgentState {
    if (agent.lostAtMs !== null) {
      if (agent.bye) return 'gone';
      const { move, lostAtMs } = agent;
      if (isOnItsWay(move, lostAtMs, { config: this.#config, nowMs })) return 'live';
      return nowMs - agent.lostAtMs < this.#config.rosterMs ? 'silent' : 'gone';
    }
    const isHeard = nowMs - agent.seenAtMs <= this.#config.leaseMs;
    return isHeard || this.isUnread(agent, nowMs) ? 'live' : 'silent';
  }

  /** Its connection stands, but the engine is behind in reading what it says. */
  isUnread({ lostAtMs, shard }: RosterAgent, nowMs: number): boolean {
    return lostAtMs === null && this.pulse.isBehind(shard, nowMs);
  }

  /**
   * A session of this agent begins. A process that reconnects (same incarnation) keeps its key and
   * position; a new process of the same id takes the older one's place.
   */
  join(shard: number, claim: AgentClaim, nowMs: number): RosterAgent {
    const known = this.#byId.get(claim.agent.id);
    this.#awaited.delete(claim.agent.id);
    if (known !== undefined && known.identity.incarnation === claim.agent.incarnation) {
      known.shard = shard;
      known.connection = claim.connection;
      known.seenAtMs = nowMs;
      known.lostAtMs = null;
      known.bye = false;
      if (known.move !== null) known.move = cameBack(known.move, shard);
      known.recalledFromMs = null;
      known.activeSinceMs.clear();
      this.offer(known, claim.streams);
      return known;
    }
    if (known !== undefined) {
      // What a process held that died while the engine was away is from before this run.
      if (!known.bye && known.recalledFromMs === null) this.#recordCrash(known, nowMs);
      this.#forget(known);
    }
    const agent: RosterAgent = {
      key: this.#nextKey++,
      identity: claim.agent,
      shard,
      connection: claim.connection,
      streams: new Map(),
      connectedAtMs: nowMs,
      seenAtMs: nowMs,
      lostAtMs: null,
      bye: false,
      move: null,
      evaluatedSequence: 0,
      offsetMs: 0,
      cpuPercent: null,
      recalledFromMs: null,
      activeSinceMs: new Map(),
    };
    this.#byKey.set(agent.key, agent);
    this.#byId.set(claim.agent.id, agent);
    this.offer(agent, claim.streams);
    return agent;
  }

  /**
   * Agents of an earlier run: they are waited for, and missed by name from `missedFromMs` on.
   */
  recall(agents: readonly KnownAgent[], nowMs: number, missedFromMs: number): void {
    for (const { identity, streams } of agents) {
      if (this.#byId.has(identity.id) || this.size >= this.#config.agentsMax) continue;
      this.#recalled++;
      this.#awaited.add(identity.id);
      const agent: RosterAgent = {
        ...{ key: this.#nextKey++, identity, shard: NO_SHARD, connection: 0, streams: new Map() },
        ...{ connectedAtMs: nowMs, seenAtMs: nowMs, lostAtMs: nowMs, bye: false, move: null },
        ...{ evaluatedSequence: 0, offsetMs: 0, cpuPercent: null, recalledFromMs: missedFromMs },
        activeSinceMs: new Map(),
      };
      this.#byKey.set(agent.key, agent);
      this.#byId.set(identity.id, agent);
      this.offer(
        agent,
        streams.map((stream) => ({ ...stream, fields: [] })),
      );
    }
  }

  /** Everybody who was here in an earlier run is back. False also where nobody is known to. */
  get isComplete(): boolean {
    return this.#recalled > 0 && this.#awaited.size === 0;
  }

  /** It is live or missed; one of an earlier run is missed only once it had time to come back. */
  isExpected(agent: RosterAgent, nowMs: number): boolean {
    return this.state(agent, nowMs) !== 'gone' && nowMs >= (agent.recalledFromMs ?? -Infinity);
  }

  /** Whom the next run should wait for. */
  known(): KnownAgent[] {
    const known: KnownAgent[] = [];
    for (const { bye, identity, streams } of this.#byKey.values()) {
      if (bye) continue;
      const offers = Array.from(streams.values(), ({ offer: { name, time } }) => ({ name, time }));
      known.push({ identity, streams: offers });
    }
    return known;
  }

  /** Streams the agent offers, at hello or later. */
  offer(agent: RosterAgent, offers: readonly StreamOffer[]): void {
    for (const offer of offers) {
      const known = agent.streams.get(offer.name);
      if (known !== undefined) {
        known.offer = offer;
        continue;
      }
      // Who was away may hold events that are older than any clock here knows, so windows wait for
      // what the agent itself says first.
      agent.streams.set(offer.name, {
        offer,
        watermarkMs: -Infinity,
        counts: null,
        received: 0,
        bytes: 0,
        evaluated: 0,
        dropped: {},
      });
      let members = this.#byStream.get(offer.name);
      if (members === undefined) this.#byStream.set(offer.name, (members = new Set()));
      members.add(agent);
    }
  }

  report(agent: RosterAgent, report: AgentReport, nowMs: number): void {
    agent.seenAtMs = nowMs;
    agent.evaluatedSequence = Math.max(agent.evaluatedSequence, report.evaluatedSequence);
    agent.offsetMs = report.offsetMs;
    agent.cpuPercent = report.cpuPercent ?? null;
    for (const page of report.streams) {
      const stream = agent.streams.get(page.stream);
      if (stream === undefined) continue;
      stream.watermarkMs = Math.max(stream.watermarkMs, page.watermarkMs);
      this.#losses.add(page.stream, stream.dropped, page.dropped);
      if (page.counts !== null) {
        this.#losses.add(page.stream, lostOf(stream.counts), lostOf(page.counts));
        stream.counts = page.counts;
      }
      stream.received = page.received;
      stream.bytes = page.bytes ?? 0;
      stream.evaluated = page.evaluated;
      stream.dropped = page.dropped;
    }
  }

  /** What senders without an agent's session say they lost, cumulative for a life of the shard. */
  listenerLosses(shard: number, pages: AgentReport['streams']): void {
    const told = this.#told.get(shard) ?? new Map<string, Counts>();
    this.#told.set(shard, told);
    for (const { stream, counts } of pages) {
      if (counts === null) continue;
      this.#losses.add(stream, told.get(stream) ?? {}, counts.dropped);
      told.set(stream, counts.dropped);
    }
  }

  listenerLost(shard: number): void {
    this.#told.delete(shard);
  }

  leave(agent: RosterAgent, bye: boolean, nowMs: number): void {
    agent.lostAtMs = nowMs;
    agent.bye = bye;
    agent.activeSinceMs.clear();
  }

  /** It is connected, and has not been asked for long enough to be asked to move. */
  mayMove(agent: RosterAgent, nowMs: number): boolean {
    return agent.lostAtMs === null && mayBeAsked(agent.move, this.#config, nowMs);
  }

  /** It is being asked to connect to another shard. */
  moves(agent: RosterAgent, nowMs: number): void {
    agent.move = askedToMove(agent.move, agent.shard, nowMs);
    this.sentAway.set(agent.shard, (this.sentAway.get(agent.shard) ?? 0) + 1);
  }

  /** Forgets agents that are gone longer than anybody asks about them, and returns them. */
  expire(nowMs: number): RosterAgent[] {
    const expired: RosterAgent[] = [];
    for (const agent of this.#byKey.values()) {
      if (agent.lostAtMs === null || nowMs - agent.lostAtMs < this.#config.rosterMs) continue;
      this.#forget(agent);
      expired.push(agent);
    }
    for (const [stream, spans] of this.#crashes) {
      const recent = spans.filter(({ toMs }) => nowMs - toMs < this.#config.rosterMs);
      if (recent.length === 0) this.#crashes.delete(stream);
      else this.#crashes.set(stream, recent);
    }
    return expired;
  }

  #recordCrash(agent: RosterAgent, nowMs: number): void {
    for (const [name, { watermarkMs }] of agent.streams) {
      const hasRoom = this.#crashes.has(name) || this.#crashes.size < this.#config.streamsMax;
      const page = hasRoom ? name : OTHERS;
      const spans = this.#crashes.get(page) ?? [];
      spans.push({ fromMs: watermarkMs, toMs: nowMs });
      if (spans.length > CRASHES_KEPT) spans.splice(0, 2, union(spans[0]!, spans[1]!));
      this.#crashes.set(page, spans);
    }
  }

  #forget(agent: RosterAgent): void {
    this.#byKey.delete(agent.key);
    this.#awaited.delete(agent.identity.id);
    if (this.#byId.get(agent.identity.id) === agent) this.#byId.delete(agent.identity.id);
    for (const name of agent.streams.keys()) {
      const members = this.#byStream.get(name);
      members?.delete(agent);
      if (members?.size === 0) this.#byStream.delete(name);
    }
  }
}

/** The shortest span that covers both. */
function union(a: CrashSpan, b: CrashSpan): CrashSpan {
  return { fromMs: Math.min(a.fromMs, b.fromMs), toMs: Math.max(a.toMs, b.toMs) };
}
