/**
 * The plans an agent runs: compiles what is new, keeps what goes on (a query's name never means
 * another plan), tells each stream its queries, and says what became of them in a `plansAck`.
 */
import type { Config } from '../src/config.ts';
import { compileEdgeQuery } from '../src/edge/edge-query.ts';
import type { EdgeAround, EdgeQuery } from '../src/edge/edge-query.ts';
import { FieldMemo } from '../src/edge/field-memo.ts';
import { fuseOf, mayGenerate } from '../src/edge/generated-look.ts';
import { StreamEvaluator } from '../src/edge/stream-evaluator.ts';
import type {
  ActiveQuery,
  AgentQuery,
  PlanChangesMessage,
  PlansAckMessage,
  PlansMessage,
} from '../src/wire/agent-messages.ts';
import type { QueryKinds } from './cpu-guard.ts';
import { planNodes } from './plan-weight.ts';
import type { AgentStatus } from './status.ts';
import type { StreamState } from './stream-state.ts';

interface RunningQuery {
  readonly edge: EdgeQuery;
  /** Parts of its plan. */
  readonly nodes: number;
  readonly sinceMs: number;
  /** Others are left out before it. */
  readonly isStanding: boolean;
}

/** What runs already. */
interface Load {
  queries: number;
  nodes: number;
}

/** A code of core/errors.ts. */
const TOO_MUCH = 'LIMIT_AGENT_PLANS';

type PlanLimits = Pick<Config, 'agentQueriesMax' | 'agentPlanNodes' | 'agentCodeAfter'>;

/** Of one stream, by query. */
type Running = Map<string, RunningQuery>;

type Streams = ReadonlyMap<string, StreamState>;

export class PlanSet {
  readonly #edge: Omit<EdgeAround, 'memo'>;
  readonly #limits: PlanLimits;
  readonly #running = new Map<string, Running>();
  /** Of the streams that are read. */
  readonly #memos = new Map<string, FieldMemo>();
  #epoch = -1;

  /** The limits may change while it is in use. */
  constructor(edge: Omit<EdgeAround, 'memo'>, limits: PlanLimits) {
    this.#edge = edge;
    this.#limits = limits;
  }

  /** Queries that run, once for each stream. */
  get size(): number {
    let size = 0;
    for (const running of this.#running.values()) size += running.size;
    return size;
  }

  /** Which kinds of queries run. */
  get kinds(): QueryKinds {
    const kinds = { standing: false, adHoc: false };
    for (const running of this.#running.values()) {
      for (const { isStanding } of running.values()) {
        if (isStanding) kinds.standing = true;
        else kinds.adHoc = true;
      }
    }
    return kinds;
  }

  /** After a change that was told by `ack`. */
  status({ refused }: PlansAckMessage): AgentStatus {
    const evaluation = mayGenerate() ? 'generated' : 'closures';
    return { kind: 'plans', active: this.size, refused: refused.length, evaluation };
  }

  /**
   * `stale`: of an older epoch than the one that runs. `missed`: the changes are of another set
   * than the one that runs. `nowMs` is the corrected clock.
   */
  take(
    message: PlansMessage | PlanChangesMessage,
    streams: Streams,
    nowMs: number,
  ): PlansAckMessage | 'stale' | 'missed' {
    if (message.type === 'planChanges') {
      const isNext = message.base === this.#epoch && message.epoch >= message.base;
      return isNext ? this.#change(message, streams, nowMs) : 'missed';
    }
    return message.epoch < this.#epoch ? 'stale' : this.#replace(message, streams, nowMs);
  }

  /** Another engine run counts its epochs anew; the queries stay until it sends its own. */
  forgetEpoch(): void {
    this.#epoch = -1;
  }

  #replace(plans: PlansMessage, streams: Streams, nowMs: number): PlansAckMessage {
    const before = new Map(this.#running);
    this.#running.clear();
    const ack = this.#start(plans.queries, { before, streams, nowMs }, plans.epoch);
    this.#replan(streams.keys(), streams);
    return ack;
  }

  #change(changes: PlanChangesMessage, streams: Streams, nowMs: number): PlansAckMessage {
    const { epoch, added, removed } = changes;
    for (const { query, stream } of removed) this.#running.get(stream)?.delete(query);
    const ack = this.#start(added, { before: this.#running, streams, nowMs }, epoch);
    this.#replan(new Set([...added, ...removed].map(({ stream }) => stream)), streams);
    return ack;
  }

  #start(
    plans: readonly AgentQuery[],
    around: {
      readonly before: ReadonlyMap<string, Running>;
      readonly streams: Streams;
      readonly nowMs: number;
    },
    epoch: number,
  ): PlansAckMessage {
    this.#epoch = epoch;
    const load = this.#load();
    const active: ActiveQuery[] = [];
    const refused: { readonly query: string; readonly code: string }[] = [];
    for (const plan of plans) {
      const { query, stream } = plan;
      const known = around.before.get(stream)?.get(query);
      // A sample that was dealt anew goes on under the new share, since when it did before.
      const isDealt = known?.edge.source.sample?.kind === 'rps';
      const isKept = known !== undefined && !isDealt;
      const sinceMs = known?.sinceMs ?? around.nowMs;
      const found = isKept ? known : this.#compile(plan, around.streams, sinceMs);
      if (typeof found === 'string') {
        refused.push({ query, code: found });
        continue;
      }
      let running = this.#running.get(stream);
      if (running?.has(query) !== true && !this.#takes(load, found)) {
        refused.push({ query, code: TOO_MUCH });
        continue;
      }
      if (running === undefined) this.#running.set(stream, (running = new Map()));
      // Whether a query stands may have changed since it came.
      running.set(query, { ...found, isStanding: plan.standing === true });
      active.push({ query, stream, sinceMs: found.sinceMs });
    }
    return { type: 'plansAck', epoch, active, refused };
  }

  #replan(names: Iterable<string>, streams: Streams): void {
    for (const name of names) {
      const running = this.#running.get(name);
      if (running?.size === 0) this.#running.delete(name);
      const edges = Array.from(running?.values() ?? [], ({ edge }) => edge);
      const memo = this.#memoOf(name);
      if (edges.length === 0) this.#memos.delete(name);
      const evaluator = this.#evaluatorOf(edges, memo);
      const standing = this.#standingOf(running, evaluator, memo);
      streams.get(name)?.replan(evaluator, this.#epoch, standing);
    }
  }

  #evaluatorOf(edges: readonly EdgeQuery[], memo: FieldMemo): StreamEvaluator | null {
    if (edges.length === 0) return null;
    const fuse = fuseOf({ ...this.#edge, memo }, this.#limits.agentCodeAfter);
    return new StreamEvaluator(edges, this.#edge.agentId, memo, fuse);
  }

  /** What is drawn for samples travels with each event, and is drawn for all or for none. */
  #standingOf(
    running: Running | undefined,
    all: StreamEvaluator | null,
    memo: FieldMemo,
  ): StreamEvaluator | null {
    const standing = Array.from(running?.values() ?? []).filter(({ isStanding }) => isStanding);
    if (all === null || standing.length === all.queries.length) return all;
    if (all.drawsSamples) return null;
    const edges = standing.map(({ edge }) => edge);
    return this.#evaluatorOf(edges, memo);
  }

  #load(): Load {
    const load: Load = { queries: 0, nodes: 0 };
    for (const running of this.#running.values()) {
      load.queries += running.size;
      for (const { nodes } of running.values()) load.nodes += nodes;
    }
    return load;
  }

  /** Whether one more may run, which then counts. */
  #takes(load: Load, { nodes }: RunningQuery): boolean {
    const { agentPlanNodes, agentQueriesMax } = this.#limits;
    if (load.queries >= agentQueriesMax || load.nodes + nodes > agentPlanNodes) return false;
    load.queries++;
    load.nodes += nodes;
    return true;
  }

  #memoOf(stream: string): FieldMemo {
    let memo = this.#memos.get(stream);
    if (memo === undefined) this.#memos.set(stream, (memo = new FieldMemo()));
    return memo;
  }

  /** The query, or the code for which it is refused. */
  #compile(plan: AgentQuery, streams: Streams, nowMs: number): RunningQuery | string {
    if (!streams.has(plan.stream)) return 'ENGINE_NOT_FOUND';
    const nodes = planNodes(plan);
    if (nodes > this.#limits.agentPlanNodes) return TOO_MUCH;
    const memo = this.#memoOf(plan.stream);
    const compiled = compileEdgeQuery(plan, { ...this.#edge, memo });
    if (!compiled.ok) return compiled.error;
    return { edge: compiled.value, nodes, sinceMs: nowMs, isStanding: plan.standing === true };
  }
}
