/** Which pipeline each listener inside the engine reads: opens, leaves and holds for them. */
import { EngineError } from '../core/errors.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { GroupKeys } from './listeners.ts';
import type { CoordinatorEffect, ListenInput } from './messages.ts';
import type { Pipeline } from './pipeline.ts';

export interface ListenDeskParts {
  readonly emit: (effect: CoordinatorEffect) => void;
  readonly check: (query: string, params: ListenInput['params']) => PlannedQuery;
  readonly open: (plan: QueryPlan, outcome: PlannedQuery) => Pipeline | EngineError;
  /** The pipeline begins or ceases to stand. */
  readonly onStanding: (pipeline: Pipeline) => void;
}

export class ListenDesk {
  readonly #parts: ListenDeskParts;
  readonly #byListener = new Map<string, Pipeline>();

  constructor(parts: ListenDeskParts) {
    this.#parts = parts;
  }

  /** A listener reads one pipeline; another query lets the first go. */
  listen({ listener, query, params }: ListenInput, nowMs: number): void {
    const { emit } = this.#parts;
    const pipeline = this.#open(query, params);
    this.unlisten(listener, nowMs);
    if (pipeline instanceof EngineError) {
      emit({ type: 'deaf', listener, reason: `${pipeline.code}: ${pipeline.detail}` });
      return;
    }
    this.#byListener.set(listener, pipeline);
    const stood = pipeline.isStanding;
    pipeline.listeners.join(listener);
    if (!stood) this.#parts.onStanding(pipeline);
    emit({ type: 'listening', listener, plan: pipeline.plan });
  }

  unlisten(listener: string, nowMs: number): void {
    const pipeline = this.#byListener.get(listener);
    this.#byListener.delete(listener);
    if (pipeline === undefined) return;
    pipeline.listeners.leave(listener);
    if (!pipeline.isStanding) this.#parts.onStanding(pipeline);
    pipeline.holdGroups();
    pipeline.audience.leftAlone(nowMs);
  }

  hold(listener: string, groups: GroupKeys): void {
    const pipeline = this.#byListener.get(listener);
    if (pipeline === undefined) return;
    pipeline.listeners.hold(listener, groups);
    pipeline.holdGroups();
  }

  #open(query: string, params: ListenInput['params']): Pipeline | EngineError {
    const outcome = this.#parts.check(query, params);
    const { plan, explain } = outcome;
    if (plan === null) {
      const first = outcome.diagnostics.find(({ severity }) => severity === 'error');
      return new EngineError('ENGINE_BAD_QUERY', first?.message ?? 'the query cannot run');
    }
    if (explain !== 'none' || plan.window.kind === 'none') {
      return new EngineError('ENGINE_BAD_QUERY', 'only a query with a WINDOW can be listened to');
    }
    return this.#parts.open(plan, outcome);
  }
}
