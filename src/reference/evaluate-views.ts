/**
 * Views over finite input: each is run as a query of its own, innermost first, and its rows become
 * events of its inner stream, one millisecond before their window's end.
 */
import { globMatches } from '../ir/glob.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { Value } from '../model/value.ts';
import type { PlannedView, ViewDefinitions } from '../plan/plan-views.ts';
import type { InputEvent, InputProblem } from './evaluate-input.ts';
import { runInStretches } from './evaluate-stretches.ts';
import type { FiniteOptions, FiniteRun } from './evaluate-stretches.ts';

/** Runs a plan over the events of its streams and of the views that it reads. */
export function runWithViews(
  { plan, views }: { readonly plan: QueryPlan; readonly views: readonly PlannedView[] },
  events: readonly InputEvent[],
  options: FiniteOptions,
): FiniteRun {
  const known = new Map<string, ViewRun>();
  const runOf = (view: PlannedView): ViewRun => {
    let run = known.get(view.stream);
    if (run === undefined) known.set(view.stream, (run = runView(view)));
    return run;
  };
  const run = (one: QueryPlan, reads: readonly PlannedView[]): FiniteRun => {
    const own = events.filter(({ stream }) => one.sources.some((s) => globMatches(s, stream)));
    const inner = reads.map(runOf);
    const all = [...own, ...inner.flatMap((view) => view.events)];
    const result = runInStretches(one, all, options);
    const problems = [...inner.flatMap((view) => view.problems), ...result.problems];
    return { ...result, problems };
  };
  const runView = ({ stream, planned }: PlannedView): ViewRun => {
    const { windows, problems } = run(planned.plan, planned.views);
    const rows = windows.flatMap(({ windowStart, windowEnd, rows: ofWindow }) =>
      windowEnd === null
        ? []
        : ofWindow.map((row): InputEvent => ({
            stream,
            timeMs: windowEnd - 1,
            event: { ...row, window_start: windowStart, window_end: windowEnd },
          })),
    );
    return { events: rows, problems };
  };
  return run(plan, views);
}

interface ViewRun {
  readonly events: readonly InputEvent[];
  readonly problems: readonly InputProblem[];
}

/** What a caller hands over as views → definitions that planning can use. */
export type GivenView =
  | string
  | { readonly query: string; readonly params?: Readonly<Record<string, Value>> };

export function definitionsOf(given: Readonly<Record<string, GivenView>>): ViewDefinitions {
  const names = Object.keys(given);
  return {
    names: () => names,
    get: (name) => {
      const view = Object.hasOwn(given, name) ? given[name] : undefined;
      if (view === undefined) return undefined;
      const { query, params = {} } = typeof view === 'string' ? { query: view } : view;
      return { name, version: 1, text: query, params };
    },
  };
}
