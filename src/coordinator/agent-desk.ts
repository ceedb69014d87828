/**
 * Where agents check in: claims, offers, reports and leave-taking, as shards pass them on. Keeps
 * roster, stream catalogue and ledger in step.
 */
import type { Config } from '../config.ts';
import { ERRORS } from '../core/errors.ts';
import { isViewStream } from '../ir/view-stream.ts';
import type { ClaimVerdict, ShardOutput } from '../shard/messages.ts';
import type { KnownAgent } from '../store/known-agents.ts';
import type { StreamOffer } from '../wire/agent-messages.ts';
import type { EngineLedger } from './ledger.ts';
import type { CoordinatorEffect } from './messages.ts';
import { Rebalancer } from './rebalancer.ts';
import type { Roster, RosterAgent } from './roster.ts';
import type { StreamCatalogue } from './stream-catalogue.ts';

export interface AgentDeskParts {
  readonly config: Config;
  readonly roster: Roster;
  readonly catalogue: StreamCatalogue;
  readonly ledger: EngineLedger;
  readonly emit: (effect: CoordinatorEffect) => void;
  /** A stream that nobody knew before was offered. */
  readonly onNewStream: () => void;
  /** Whether the query that shards and agents call so still runs. */
  readonly isRunning: (stage: string) => boolean;
}

type Message<T extends ShardOutput['type']> = Extract<ShardOutput, { type: T }>;

/** A claim that waits for the agent's older session to end. */
interface WaitingClaim {
  readonly shard: number;
  readonly claim: Message<'claim'>;
}

export class AgentDesk {
  readonly #parts: AgentDeskParts;
  /** By agent id; at most one each. */
  readonly #waiting = new Map<string, WaitingClaim>();
  readonly #rebalancer: Rebalancer;

  constructor(parts: AgentDeskParts) {
    this.#parts = parts;
    this.#rebalancer = new Rebalancer(parts.config, parts.roster);
  }

  /** Who was here before the engine started is missed once it had time to come back. */
  recall(agents: readonly KnownAgent[], nowMs: number): void {
    const { config, roster } = this.#parts;
    roster.recall(agents, nowMs, nowMs + config.startupMs);
    for (const { streams } of agents) {
      this.#offer(streams.map((stream) => ({ ...stream, fields: [] })));
    }
  }

  /**
   * One session an agent: the new one is welcome when the older one has ended, for until then the
   * shard of the older may still evaluate frames that the agent would send again.
   */
  claim(shard: number, claim: Message<'claim'>, nowMs: number): void {
    const { config, roster, emit } = this.#parts;
    const { connection } = claim;
    const older = roster.byId(claim.agent.id);
    if (older === undefined && roster.size >= config.agentsMax) {
      const refusal = { code: 'LIMIT_AGENTS', detail: ERRORS.LIMIT_AGENTS.remedy };
      emit({ type: 'to-shard', shard, message: verdict(connection, refusal) });
      return;
    }
    if (older === undefined || older.lostAtMs !== null) {
      this.#welcome(shard, claim, nowMs);
      return;
    }
    // A claim that waited before this one is of a connection that the agent has given up.
    this.#waiting.set(claim.agent.id, { shard, claim });
    const message = { type: 'evict', connection: older.connection, reason: 'superseded' } as const;
    emit({ type: 'to-shard', shard: older.shard, message });
  }

  #welcome(shard: number, claim: Message<'claim'>, nowMs: number): void {
    const { roster, ledger, emit } = this.#parts;
    const { connection } = claim;
    const older = roster.byId(claim.agent.id);
    if (older !== undefined) {
      ledger.fold(older);
      if (older.identity.incarnation !== claim.agent.incarnation) ledger.retire(older);
    }
    const agent = roster.join(shard, claim, nowMs);
    this.#offer(claim.streams);
    const { key, evaluatedSequence } = agent;
    emit({ type: 'to-shard', shard, message: verdict(connection, { key, evaluatedSequence }) });
  }

  gone(shard: number, message: Message<'agent-gone'>, nowMs: number): void {
    const agent = this.#parts.roster.byKey(message.agentKey);
    // An older session may end after a newer one began.
    if (agent === undefined || agent.shard !== shard || agent.lostAtMs !== null) return;
    if (agent.connection !== message.connection) return;
    this.#leave(agent, message.bye, nowMs);
  }

  offer(message: Message<'agent-offer'>): void {
    const agent = this.#parts.roster.byKey(message.agentKey);
    if (agent !== undefined) this.#parts.roster.offer(agent, message.streams);
    this.#offer(message.streams);
  }

  active(message: Message<'agent-active'>): void {
    const agent = this.#parts.roster.byKey(message.agentKey);
    if (agent === undefined) return;
    for (const { pipeline, sinceMs } of message.active) {
      // It may have been stopped while the agent answered.
      if (!this.#parts.isRunning(pipeline)) continue;
      const known = agent.activeSinceMs.get(pipeline) ?? -Infinity;
      agent.activeSinceMs.set(pipeline, Math.max(known, sinceMs));
    }
  }

  report(shard: number, message: Message<'agent-report'>, nowMs: number): void {
    const { roster, catalogue, ledger } = this.#parts;
    if (message.agentKey !== 0) {
      const agent = roster.byKey(message.agentKey);
      if (agent !== undefined) roster.report(agent, message, nowMs);
      return;
    }
    let isNew = false;
    for (const { stream } of message.streams) {
      if (!isViewStream(stream)) isNew = catalogue.ingest(stream) || isNew;
    }
    roster.listenerLosses(shard, message.streams);
    ledger.ingested(shard, message.streams);
    if (isNew) this.#parts.onNewStream();
  }

  streamTime(shard: number, { stream, time, isLearned }: Message<'stream-time'>): void {
    const learner = isLearned ? shard : null;
    if (this.#parts.catalogue.ingest(stream, time, learner)) this.#parts.onNewStream();
  }

  /** A shard says how hard it works; agents of the busiest are asked to go where there is room. */
  loaded(shard: number, { busy }: Message<'load'>, nowMs: number): void {
    const { emit, roster } = this.#parts;
    for (const { agent, to } of this.#rebalancer.report(shard, busy, nowMs)) {
      roster.moves(agent, nowMs);
      const message = { type: 'move', connection: agent.connection, to } as const;
      emit({ type: 'to-shard', shard: agent.shard, message });
    }
  }

  /** Every agent of the shard lost its session. */
  shardLost(shard: number, nowMs: number): void {
    for (const agent of this.#parts.roster.agents()) {
      if (agent.shard !== shard || agent.lostAtMs !== null) continue;
      this.#leave(agent, false, nowMs);
    }
    this.#rebalancer.lost(shard);
    this.#parts.roster.listenerLost(shard);
    this.#parts.ledger.shardLost(shard);
  }

  #leave(agent: RosterAgent, bye: boolean, nowMs: number): void {
    this.#parts.roster.leave(agent, bye, nowMs);
    const { id } = agent.identity;
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    this.#welcome(waiting.shard, waiting.claim, nowMs);
  }

  #offer(streams: readonly StreamOffer[]): void {
    let isNew = false;
    for (const offer of streams) isNew = this.#parts.catalogue.offer(offer) || isNew;
    if (isNew) this.#parts.onNewStream();
  }
}

function verdict(
  connection: number,
  outcome:
    | { readonly key: number; readonly evaluatedSequence: number }
    | { readonly code: string; readonly detail: string },
): ClaimVerdict {
  const accepted = 'key' in outcome;
  return {
    type: 'verdict',
    connection,
    accepted,
    agentKey: accepted ? outcome.key : 0,
    evaluatedSequence: accepted ? outcome.evaluatedSequence : 0,
    code: accepted ? null : outcome.code,
    detail: accepted ? null : outcome.detail,
  };
}
