/**
 * What one agent was told of the queries on its streams. It hears of the whole set once, in parts
 * that fit a frame, and of changes after that; epochs that change nothing for it are not told.
 */
import { globMatches } from '../ir/glob.ts';
import { sourceStageFor } from '../ir/source-stage.ts';
import type { AgentQuery, EngineToAgent } from '../wire/agent-messages.ts';
import type { PlannedQuery } from './messages.ts';
import type { PlanNews } from './plan-set.ts';

/** Of one message: also their acknowledgement must fit a frame. */
const QUERIES_A_MESSAGE = 500;

type Send = (message: EngineToAgent) => void;

export class AgentPlans {
  readonly #send: Send;
  /** Of the last message; null: there was none. */
  #epoch: number | null = null;

  constructor(send: Send) {
    this.#send = send;
  }

  sendAll(
    epoch: number,
    streams: Iterable<string>,
    queriesOf: (stream: string) => readonly PlannedQuery[],
  ): void {
    const queries: AgentQuery[] = [];
    for (const stream of streams) {
      for (const planned of queriesOf(stream)) queries.push(agentQuery(planned, stream));
    }
    this.#epoch = epoch;
    this.#send({ type: 'plans', epoch, queries: queries.slice(0, QUERIES_A_MESSAGE) });
    this.#sendParts(epoch, queries.slice(QUERIES_A_MESSAGE));
  }

  /** `streams` are the agent's. */
  sendNews({ epoch, added, removed }: PlanNews, streams: ReadonlyMap<string, unknown>): void {
    if (this.#epoch === null) return;
    const begun = added.flatMap((planned) =>
      streamsOf(planned, streams).map((stream) => agentQuery(planned, stream)),
    );
    const ended = removed.flatMap((planned) =>
      streamsOf(planned, streams).map((stream) => ({ query: planned.pipeline, stream })),
    );
    if (ended.length > 0) {
      const base = this.#epoch;
      this.#epoch = epoch;
      this.#send({ type: 'planChanges', epoch, base, added: [], removed: ended });
    }
    this.#sendParts(epoch, begun);
  }

  #sendParts(epoch: number, queries: readonly AgentQuery[]): void {
    for (let at = 0; at < queries.length; at += QUERIES_A_MESSAGE) {
      const added = queries.slice(at, at + QUERIES_A_MESSAGE);
      const base = this.#epoch ?? 0;
      this.#epoch = epoch;
      this.#send({ type: 'planChanges', epoch, base, added, removed: [] });
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

function agentQuery({ pipeline, plan }: PlannedQuery, stream: string): AgentQuery {
  const paneMs = plan.aggregate === null && plan.window.kind === 'none' ? 0 : plan.window.paneMs;
  return { query: pipeline, stream, source: sourceStageFor(plan, stream), paneMs };
}
