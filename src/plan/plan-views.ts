/**
 * Views: saved queries that stand in FROM. Each is planned on its own, with its own parameters and
 * nothing of its reader's, so that everybody who reads it means the same rows and shares them. A
 * view is found by following definitions, which bounds the depth and finds circles.
 */
import type { Config } from '../config.ts';
import { viewStream } from '../ir/view-stream.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { Value } from '../model/value.ts';
import type { ViewFault, ViewScope, ViewSource } from '../analyze/view-scope.ts';
import type { PlannedQuery } from './plan-query.ts';

/** A saved query, as far as planning cares. */
export interface ViewDefinition {
  readonly name: string;
  readonly version: number;
  readonly text: string;
  /** Values of its `$parameters`. */
  readonly params: Readonly<Record<string, Value>>;
}

export interface ViewDefinitions {
  names(): readonly string[];
  get(name: string): ViewDefinition | undefined;
}

/** A view that some query reads, planned; data, like the plan itself. */
export interface PlannedView {
  readonly name: string;
  readonly version: number;
  /** The inner stream that carries its rows. */
  readonly stream: string;
  readonly planned: RunnableQuery;
}

/** A query without mistakes. */
export type RunnableQuery = PlannedQuery & { readonly plan: QueryPlan };

export function isRunnable(planned: PlannedQuery): planned is RunnableQuery {
  return planned.plan !== null;
}

type PlanText = (text: string, params: ViewDefinition['params'], views: ViewUse) => PlannedQuery;

/** Plans each view at most once a query, however many ways lead to it. */
export class ViewPlanner {
  readonly #definitions: ViewDefinitions;
  readonly #config: Config;
  readonly #plan: PlanText;
  readonly #known = new Map<string, { readonly view: PlannedView; readonly height: number }>();
  /** What went wrong first. The query is refused anyway, so no further view is looked into. */
  #fault: ViewFault | null = null;

  constructor(definitions: ViewDefinitions, config: Config, plan: PlanText) {
    this.#definitions = definitions;
    this.#config = config;
    this.#plan = plan;
  }

  /** What the text of the views along `path` may read; the query itself has an empty path. */
  use(path: readonly string[] = []): ViewUse {
    return new ViewUse(this, this.#definitions, path);
  }

  /** Null: no such saved query. */
  find(name: string, path: readonly string[]): Found | null {
    const definition = this.#definitions.get(name);
    if (definition === undefined) return null;
    const way = [...path, name];
    const known = this.#known.get(name);
    if (path.includes(name)) return this.#failed(cycle(way));
    const depth = path.length + (known?.height ?? 1);
    if (depth > this.#config.viewDepthMax) return this.#failed(tooDeep(way, this.#config));
    if (known !== undefined) return known;
    if (this.#fault !== null) return this.#fault;
    const use = this.use(way);
    const planned = this.#plan(definition.text, definition.params, use);
    const fault = this.#fault ?? whyUnreadable(name, planned);
    if (fault !== null || !isRunnable(planned)) {
      return this.#failed(fault ?? broken(name, planned));
    }
    const stream = viewStream(planned.plan.fingerprint);
    const view = { name, version: definition.version, stream, planned };
    const found = { view, height: 1 + use.height };
    this.#known.set(name, found);
    return found;
  }

  #failed(fault: ViewFault): ViewFault {
    this.#fault ??= fault;
    return fault;
  }
}

type Found = ViewFault | { readonly view: PlannedView; readonly height: number };

/** The views of one text: answers the analyzer, and notes which ones were read. */
export class ViewUse implements ViewScope {
  readonly #planner: ViewPlanner;
  readonly #definitions: ViewDefinitions;
  readonly #path: readonly string[];
  readonly #used = new Map<string, PlannedView>();
  /** How many levels of views are below this text. */
  height = 0;

  constructor(planner: ViewPlanner, definitions: ViewDefinitions, path: readonly string[]) {
    this.#planner = planner;
    this.#definitions = definitions;
    this.#path = path;
  }

  /** In the order in which FROM names them. */
  get used(): readonly PlannedView[] {
    return [...this.#used.values()];
  }

  names(): readonly string[] {
    return this.#definitions.names();
  }

  resolve(name: string): ViewSource | null {
    const found = this.#planner.find(name, this.#path);
    if (found === null || !('view' in found)) return found;
    const { view, height } = found;
    this.#used.set(name, view);
    this.height = Math.max(this.height, height);
    const fields = view.planned.columns.map((column) => ({ name: column.name, type: column.type }));
    const warnings = view.planned.diagnostics.map(({ message }) => message);
    return { kind: 'view', stream: view.stream, fields, warnings };
  }
}

/** Every view below some views, themselves first, each stream once. */
export function allViews(views: readonly PlannedView[]): readonly PlannedView[] {
  const found = new Map<string, PlannedView>();
  const add = (view: PlannedView): void => {
    if (found.has(view.stream)) return;
    found.set(view.stream, view);
    view.planned.views.forEach(add);
  };
  views.forEach(add);
  return [...found.values()];
}

/** Why a query's rows are no events; null: they are. */
export function whyUnreadable(name: string, planned: PlannedQuery): ViewFault | null {
  const { plan, explain } = planned;
  if (plan === null) return broken(name, planned);
  const bad = (message: string, hint: string): ViewFault => ({
    kind: 'fault',
    code: 'MQL_BAD_VIEW',
    message: `the view \`${name}\` ${message}`,
    hint,
  });
  if (explain !== 'none') return bad('is an EXPLAIN', 'Save the query itself.');
  if (plan.final.endAfter !== null) {
    return bad('ends after its LIMIT', 'Drop the LIMIT, or add GROUP BY: then it is of a window.');
  }
  if (plan.window.kind === 'time') return null;
  if (plan.window.kind !== 'none') {
    return bad(
      'has windows whose ends nobody can foresee',
      'Give it one of time, e.g. `WINDOW 10s`.',
    );
  }
  return plan.aggregate === null
    ? bad('has no WINDOW, so its rows never settle', 'Put its WHERE into this query instead.')
    : bad('has no WINDOW, so its value is replaced for ever', 'Give it one, e.g. `WINDOW 10s`.');
}

function broken(name: string, { diagnostics }: PlannedQuery): ViewFault {
  const first = diagnostics.find(({ severity }) => severity === 'error');
  const at = first === undefined ? '' : ` at ${first.span.line}:${first.span.column}`;
  const why = first === undefined ? '' : `: ${first.message}`;
  return {
    kind: 'fault',
    code: 'MQL_BAD_VIEW',
    message: `the view \`${name}\` has a mistake${at}${why}`,
    hint: first?.hint ?? `Mend it: squilla saved show ${name}`,
  };
}

function cycle(way: readonly string[]): ViewFault {
  const from = way.indexOf(way.at(-1) ?? '');
  return {
    kind: 'fault',
    code: 'MQL_VIEW_CYCLE',
    message: `views read each other in a circle: ${way.slice(from).join(' → ')}`,
    hint: 'One of them has to read a stream.',
  };
}

function tooDeep(way: readonly string[], { viewDepthMax }: Config): ViewFault {
  return {
    kind: 'fault',
    code: 'MQL_VIEW_CYCLE',
    message: `views are nested more than ${viewDepthMax} deep: ${way.join(' → ')}`,
    hint: 'Let one of them read a stream.',
  };
}
