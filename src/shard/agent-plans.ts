/**
 * What one agent was told of the queries on its streams. It hears of the whole set once, in parts
 * that fit a frame, and of changes after that; epochs that change nothing for it are not told.
 */
import { globMatches } from '../ir/glob.ts';
import { sourceStageFor } from '../ir/source-stage.ts';
import { aggregateStageIn, hasStreams } from '../ir/stream-path.ts';
import { dealtSource } from './dealt-source.ts';
import type { AgentQuery, EngineToAgent } from '../wire/agent-messages.ts';
import type { PlannedQuery } from './messages.ts';
import type { PlanNews } from './plan-set.ts';

/** Of one message: also their acknowledgement must fit a frame. */
const QUERIES_A_MESSAGE = 500;
/**
 * Messages that the agent has not acknowledged: thousands of plans must not pile up in a socket.
 */
const UNACKNOWLEDGED_MAX = 4;
/** Messages that wait; an agent that lets more come about does not follow. */
const WAITING_MAX = 4_096;

type Send = (message: EngineToAgent) => void;

export class AgentPlans {
  readonly #send: Send;
  /** The agent gives partials where it is asked for them. */
  aggregates = false;
  /** Of the last message, sent or waiting; null: there was none. */
  #epoch: number | null = null;
  readonly #waiting: EngineToAgent[] = [];
  #unacknowledged = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  /** The agent does not answer. */
  get isStuck(): boolean {
    return this.#waiting.length > WAITING_MAX;
  }

  /** The agent has answered a message. */
  acknowledged(): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - 1);
    const next = this.#waiting.shift();
    if (next !== undefined) this.#sendNow(next);
  }

  sendAll(
    epoch: number,
    streams: Iterable<string>,
    queriesOf: (stream: string) => readonly PlannedQuery[],
  ): void {
    const queries: AgentQuery[] = [];
    for (const stream of streams) {
      for (const planned of queriesOf(stream)) queries.push(this.#query(planned, stream));
    }
    this.#epoch = epoch;
    // What waits would only lead up to this.
    this.#waiting.length = 0;
    this.#post({ type: 'plans', epoch, queries: queries.slice(0, QUERIES_A_MESSAGE) });
    this.#sendParts(epoch, queries.slice(QUERIES_A_MESSAGE));
  }

  /** `streams` are the agent's. */
  sendNews({ epoch, added, removed }: PlanNews, streams: ReadonlyMap<string, unknown>): void {
    if (this.#epoch === null) return;
    const begun = added.flatMap((planned) =>
      streamsOf(planned, streams).map((stream) => this.#query(planned, stream)),
    );
    const ended = removed.flatMap((planned) =>
      streamsOf(planned, streams).map((stream) => ({ query: planned.pipeline, stream })),
    );
    if (ended.length > 0) {
      const base = this.#epoch;
      this.#epoch = epoch;
      this.#post({ type: 'planChanges', epoch, base, added: [], removed: ended });
    }
    this.#sendParts(epoch, begun);
  }

  #query(planned: PlannedQuery, stream: string): AgentQuery {
    const query = agentQuery(planned, stream);
    const { plan } = planned;
    if (!this.aggregates || planned.isEdge !== true || plan.aggregate === null) return query;
    const emitEveryMs = plan.final.emitEveryMs ?? 0;
    const stage = hasStreams(plan.source.fields)
      ? aggregateStageIn(stream, plan.aggregate)
      : plan.aggregate;
    return { ...query, aggregation: { stage, emitEveryMs } };
  }

  #post(message: EngineToAgent): void {
    if (this.#unacknowledged < UNACKNOWLEDGED_MAX) this.#sendNow(message);
    else this.#waiting.push(message);
  }

  #sendNow(message: EngineToAgent): void {
    this.#unacknowledged++;
    this.#send(message);
  }

  #sendParts(epoch: number, queries: readonly AgentQuery[]): void {
    for (let at = 0; at < queries.length; at += QUERIES_A_MESSAGE) {
      const added = queries.slice(at, at + QUERIES_A_MESSAGE);
      const base = this.#epoch ?? 0;
      this.#epoch = epoch;
      this.#post({ type: 'planChanges', epoch, base, added, removed: [] });
    }
  }
}

function streamsOf({ plan }: PlannedQuery, streams: ReadonlyMap<string, unknown>): string[] {
  const found = new Set<string>();
  for (const source of plan.sources) {
    if (!source.glob) {
      if (streams.has(source.pattern)) found.add(source.pattern);
      continue;
    }
    for (const stream of streams.keys()) if (globMatches(source, stream)) found.add(stream);
  }
  return [...found];
}

function agentQuery(planned: PlannedQuery, stream: string): AgentQuery {
  const { isStanding, pipeline, plan, share } = planned;
  const paneMs = plan.aggregate === null && plan.window.kind === 'none' ? 0 : plan.window.paneMs;
  return {
    query: pipeline,
    stream,
    source: dealtSource(sourceStageFor(plan, stream), share),
    paneMs,
    aggregation: null,
    ...(isStanding === true ? { standing: true } : {}),
  };
}
