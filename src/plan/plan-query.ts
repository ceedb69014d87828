/**
 * The entry from text to plan: parse → analyze → lower → optimize → fingerprint. Never throws: all
 * mistakes are diagnostics, and with an error among them there is no plan.
 */
import type { Query } from '../../grammar/ast.ts';
import { DIAGNOSTICS_MAX, hasErrors } from '../../grammar/diagnostic.ts';
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print.ts';
import { analyze } from '../analyze/analyze.ts';
import type { AnalysisOptions } from '../analyze/analyze.ts';
import { DEFAULTS } from '../config.ts';
import { PLAN_VERSION } from '../ir/plan.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { ReplaySpec } from '../ir/replay.ts';
import type { ResultColumn } from '../wire/results.ts';
import { fingerprintOf } from './fingerprint.ts';
import { withJoinFields } from './join-fields.ts';
import { lowerQuery } from './lower.ts';
import { optimize } from './optimize.ts';
import { ViewPlanner } from './plan-views.ts';
import type { PlannedView, ViewDefinitions, ViewUse } from './plan-views.ts';
import { resultColumns } from './schema.ts';
import { homeFields, sourceFields } from './source-fields.ts';

export interface PlanOptions extends Omit<AnalysisOptions, 'views'> {
  /** Saved queries that may stand in FROM; none by default. */
  readonly views?: ViewDefinitions;
  /** The name that the text itself has, or would have, as a view: it must not lead back to it. */
  readonly viewName?: string;
  /** Names of optimizer rules that must not run. */
  readonly disabledRules?: ReadonlySet<string>;
}

export interface PlannedQuery {
  /** Null if a diagnostic is an error. */
  readonly plan: QueryPlan | null;
  /** The query in canonical form; the text itself where it does not parse. */
  readonly canonical: string;
  readonly explain: Query['explain'];
  /** At most DIAGNOSTICS_MAX, mistakes before warnings where they do not all fit. */
  readonly diagnostics: readonly Diagnostic[];
  readonly columns: readonly ResultColumn[];
  /** Names of the optimizer rules that changed the plan. */
  readonly rules: readonly string[];
  /** How far the query looks back before it goes on live; null: it does not. */
  readonly replay: ReplaySpec | null;
  /** The views that FROM names, each with its own plan. */
  readonly views: readonly PlannedView[];
  /** Names of the query's own `$parameters`, in order of first use. */
  readonly parameters: readonly string[];
}

export function planQuery(text: string, options: PlanOptions = {}): PlannedQuery {
  const { views: definitions, viewName, ...shared } = options;
  if (definitions === undefined) return planText(text, shared);
  const planner = new ViewPlanner(definitions, options.config ?? DEFAULTS, (inner, params, views) =>
    planText(inner, { ...shared, params, views }),
  );
  return planText(text, {
    ...shared,
    views: planner.use(viewName === undefined ? [] : [viewName]),
  });
}

interface TextOptions extends Omit<PlanOptions, 'views' | 'viewName'> {
  readonly views?: ViewUse;
}

function planText(text: string, options: TextOptions): PlannedQuery {
  const { ast, diagnostics: mistakes } = parse(text);
  if (ast === null || hasErrors(mistakes)) return refused(text, mistakes);
  return planSyntax(ast, text, mistakes, options);
}

function planSyntax(
  ast: Query,
  text: string,
  mistakes: readonly Diagnostic[],
  options: TextOptions,
): PlannedQuery {
  const { checked, diagnostics, parameters } = analyze(ast, text, options);
  const canonical = print(ast);
  const all = [...mistakes, ...diagnostics];
  if (checked === null) return { ...refused(canonical, all), explain: ast.explain, parameters };
  const logical = lowerQuery(checked, options.config ?? DEFAULTS);
  const { plan: optimized, applied } = optimize(logical, options.disabledRules);
  const final = {
    ...optimized,
    source: { ...optimized.source, fields: sourceFields(optimized) },
    join: optimized.join === null ? null : withJoinFields(optimized, optimized.join),
    home: optimized.home === null ? null : { ...optimized.home, fields: homeFields(optimized) },
  };
  const fingerprint = fingerprintOf(final);
  const plan: QueryPlan = { version: PLAN_VERSION, fingerprint, canonical, ...final };
  return {
    plan,
    canonical,
    explain: ast.explain,
    diagnostics: limited(all),
    columns: resultColumns(plan),
    rules: applied,
    replay: checked.replay,
    views: options.views?.used ?? [],
    parameters,
  };
}

function refused(canonical: string, diagnostics: readonly Diagnostic[]): PlannedQuery {
  return {
    plan: null,
    canonical,
    explain: 'none',
    diagnostics: limited(diagnostics),
    columns: [],
    rules: [],
    replay: null,
    views: [],
    parameters: [],
  };
}

/** The first DIAGNOSTICS_MAX in text order; if there are more, mistakes displace warnings. */
function limited(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const rank = { error: 0, warning: 1, info: 2 };
  const bySeverity = [...diagnostics].sort((a, b) => rank[a.severity] - rank[b.severity]);
  return bySeverity.slice(0, DIAGNOSTICS_MAX).sort((a, b) => a.span.start - b.span.start);
}
