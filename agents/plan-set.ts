/**
 * The plans an agent runs: compiles what is new, keeps what goes on (a query's name never means
 * another plan), tells each stream its queries, and says what became of them in a `plansAck`.
 */
import { compileEdgeQuery, StreamEvaluator } from '../src/edge/stream-evaluator.ts';
import type { EdgeQuery } from '../src/edge/stream-evaluator.ts';
import type {
  ActiveQuery,
  AgentQuery,
  PlansAckMessage,
  PlansMessage,
} from '../src/wire/agent-messages.ts';
import type { StreamState } from './stream-state.ts';

interface RunningQuery {
  readonly edge: EdgeQuery;
  readonly sinceMs: number;
}

export class PlanSet {
  readonly #agentId: string;
  #running = new Map<string, RunningQuery>();
  #epoch = -1;

  constructor(agentId: string) {
    this.#agentId = agentId;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Null: an older epoch than the one that runs. `nowMs` is the corrected clock. */
  apply(
    plans: PlansMessage,
    streams: ReadonlyMap<string, StreamState>,
    nowMs: number,
  ): PlansAckMessage | null {
    if (plans.epoch < this.#epoch) return null;
    this.#epoch = plans.epoch;
    const running = new Map<string, RunningQuery>();
    const byStream = new Map<string, EdgeQuery[]>();
    const active: ActiveQuery[] = [];
    const refused: { readonly query: string; readonly code: string }[] = [];
    for (const plan of plans.queries) {
      const key = `${plan.stream}\n${plan.query}`;
      const found = this.#running.get(key) ?? start(plan, streams, nowMs);
      if (typeof found === 'string') {
        refused.push({ query: plan.query, code: found });
        continue;
      }
      running.set(key, found);
      active.push({ query: plan.query, stream: plan.stream, sinceMs: found.sinceMs });
      const edges = byStream.get(plan.stream);
      if (edges === undefined) byStream.set(plan.stream, [found.edge]);
      else edges.push(found.edge);
    }
    this.#running = running;
    for (const stream of streams.values()) {
      const edges = byStream.get(stream.name);
      const evaluator = edges === undefined ? null : new StreamEvaluator(edges, this.#agentId);
      stream.replan(evaluator, plans.epoch);
    }
    return { type: 'plansAck', epoch: plans.epoch, active, refused };
  }

  /** Another engine run counts its epochs anew; the queries stay until it sends its own. */
  forgetEpoch(): void {
    this.#epoch = -1;
  }
}

/** The query, or the code for which it is refused. */
function start(
  plan: AgentQuery,
  streams: ReadonlyMap<string, StreamState>,
  nowMs: number,
): RunningQuery | string {
  if (!streams.has(plan.stream)) return 'ENGINE_NOT_FOUND';
  const compiled = compileEdgeQuery(plan.source, plan.paneMs, plan.query);
  return compiled.ok ? { edge: compiled.value, sinceMs: nowMs } : compiled.error;
}
