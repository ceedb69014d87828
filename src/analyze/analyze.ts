/**
 * The entry of analysis: a syntax tree → a checked query and everything that is wrong or worth a
 * warning. Never throws; with an error among the diagnostics there is no checked query.
 */
import type { Expression, Query } from '../../grammar/ast.ts';
import { hasErrors } from '../../grammar/diagnostic.ts';
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import { nameOrArithmetic } from '../../grammar/lint.ts';
import { DEFAULTS } from '../config.ts';
import type { Config } from '../config.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import type { Value } from '../model/value.ts';
import { isAggregateName } from './aggregate-names.ts';
import { withAnomaly } from './anomaly.ts';
import { checkEmit, checkLateness, checkLimit } from './check-clauses.ts';
import { checkReplay } from './check-replay.ts';
import { checkSample } from './check-sample.ts';
import { checkCondition } from './check-types.ts';
import { checkWindow } from './check-window.ts';
import { checkUnsupported } from './check-unsupported.ts';
import type { CheckedQuery } from './checked-query.ts';
import type { AnalysisContext, AnalysisMode } from './context.ts';
import { eventLowering, fieldTypes } from './event-leaves.ts';
import type { FieldCatalogue } from './field-catalogue.ts';
import { lowerGroupBy } from './group-by.ts';
import type { GroupKeys } from './group-by.ts';
import { lowerJoins } from './lower-join.ts';
import { lowerOrderBy } from './order-by.ts';
import { Parameters } from './parameters.ts';
import { checkWithEngine } from './pattern-check.ts';
import type { PatternCheck } from './pattern-check.ts';
import { Reporter } from './reporter.ts';
import { rowLowering } from './row-leaves.ts';
import { lowerSelectList } from './select-list.ts';
import type { SelectList } from './select-list.ts';
import { Slots } from './slots.ts';
import { SourceScope } from './source-scope.ts';
import { someNode } from './syntax-walk.ts';
import type { ViewScope } from './view-scope.ts';

export interface AnalysisOptions {
  /** Default: `live`. */
  readonly mode?: AnalysisMode;
  /** What is known of streams and fields; without it nothing is called unknown. */
  readonly catalogue?: FieldCatalogue;
  /** Saved queries that may stand in FROM. */
  readonly views?: ViewScope;
  readonly params?: Readonly<Record<string, Value>>;
  readonly config?: Config;
  readonly checkPattern?: PatternCheck;
}

export interface Analysis {
  readonly checked: CheckedQuery | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Names of the query's `$parameters`, in order of first use. */
  readonly parameters: readonly string[];
}

export function analyze(query: Query, text: string, options: AnalysisOptions = {}): Analysis {
  const report = new Reporter(text);
  let elements = 0;
  const context: AnalysisContext = {
    text,
    mode: options.mode ?? 'live',
    config: options.config ?? DEFAULTS,
    report,
    sources: new SourceScope(
      query.from,
      { catalogue: options.catalogue ?? null, views: options.views ?? null },
      report,
    ),
    catalogue: options.catalogue ?? null,
    parameters: new Parameters(options.params ?? {}, report),
    checkPattern: options.checkPattern ?? checkWithEngine,
    nextElementId: () => elements++,
  };
  const checked = checkQuery(query, context);
  const isKnown = (name: string): boolean => context.sources.knows(name);
  for (const found of nameOrArithmetic(text, query, isKnown)) report.addDiagnostic(found);
  context.parameters.reportUnused(query.span);
  const { diagnostics } = report;
  const parameters = context.parameters.names;
  return { checked: hasErrors(diagnostics) ? null : checked, diagnostics, parameters };
}

function checkQuery(query: Query, context: AnalysisContext): CheckedQuery {
  checkUnsupported(query, context);
  const aggregating = aggregates(query);
  const sample = checkSample(query.sample, context);
  const join = lowerJoins(query.from, sample, context);
  const where = lowerWhere(query, context);
  const group = lowerGroupBy(query.groupBy, query.select, context);
  const window = checkWindow(query, aggregating, context);
  const timed = window?.kind === 'time' ? window : null;
  const slots = new Slots(aggregating ? group.expressions : null, fieldTypes(context));
  const keys = aggregating ? group.bySyntax : new Map<string, number>();
  const keyNodes = aggregating ? group.nodes : [];
  const inList = rowLowering(context, slots, { keys, columns: null, window: timed });
  const selected = lowerSelectList(query.select, keyNodes, slots, inList);
  const overList = rowLowering(context, slots, {
    keys,
    columns: columnsByName(selected),
    window: timed,
  });
  const list = withAnomaly(query, selected, slots, overList);
  const columns = columnsByName(list);
  const afterList = rowLowering(context, slots, { keys, columns, window: timed }).lowering;
  let having: Ir | null = null;
  if (query.having !== null) {
    having = afterList.condition(query.having);
    checkCondition(query.having, having, 'HAVING', afterList);
  }
  const orderBy = lowerOrderBy(query.orderBy, list, afterList);
  if (!aggregating) checkPlain(query, context);
  return {
    explain: query.explain,
    sources: context.sources.patterns,
    sample,
    join,
    where,
    arrangeBy: aggregating ? [] : arrangement(query, group, slots, context),
    columns: list.columns,
    having,
    orderBy,
    replay: checkReplay(query.replay, context),
    series: slots.seriesStage(group.expressions),
    window,
    ...checkLimit(query, aggregating, context),
    emitEveryMs: checkEmit(query, aggregating, context),
    latenessMs: checkLateness(query, context),
    rows: slots.rowSource(),
  };
}

function columnsByName({ columns }: SelectList): ReadonlyMap<string, Ir> {
  return new Map(
    columns.filter((column) => !column.spread).map((c) => [c.name, c.expression] as const),
  );
}

function lowerWhere(query: Query, context: AnalysisContext): Ir | null {
  let where: Ir | null = null;
  if (query.where !== null) {
    const lowering = eventLowering(context, 'WHERE');
    where = lowering.condition(query.where);
    checkCondition(query.where, where, 'WHERE', lowering);
  }
  return where;
}

function aggregates(query: Query): boolean {
  const expressions: Expression[] = [...query.orderBy.map((item) => item.expression)];
  for (const item of query.select) if (item.kind === 'column') expressions.push(item.expression);
  if (query.having !== null) expressions.push(query.having);
  return expressions.some((expression) =>
    someNode(expression, (node) => node.kind === 'call' && isAggregateName(node.name)),
  );
}

/** What is odd about a select without aggregates. */
function checkPlain(query: Query, context: AnalysisContext): void {
  const { report, mode } = context;
  if (query.having !== null) {
    const message = 'HAVING on a plain select filters its rows';
    report.add('MQL_HAVING_ON_ROWS', query.having.span, message, { hint: 'Use WHERE.' });
  }
  const ends = query.replay !== null && query.replay.until !== null;
  if (mode === 'finite' || ends || query.window !== null) return;
  const [order] = query.orderBy;
  if (order !== undefined) {
    const message = 'a live stream never ends, so its events cannot be sorted';
    report.add('MQL_ORDER_UNBOUNDED', order.span, message, {
      hint: 'Add a WINDOW, for example `WINDOW 10s`.',
    });
  }
  const [group] = query.groupBy;
  if (group !== undefined) {
    const message = 'GROUP BY changes nothing without a WINDOW or an aggregate';
    report.add('MQL_GROUP_IGNORED', group.span, message);
  }
}

function arrangement(
  query: Query,
  group: GroupKeys,
  slots: Slots,
  context: AnalysisContext,
): readonly Ir[] {
  if (context.mode === 'live' && query.window === null) return [];
  return group.expressions.map((key) => slots.event(key));
}
