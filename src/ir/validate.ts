/**
 * Untrusted JSON ⇒ a plan or expression that the other layers can trust, or the first problem with
 * its place. What passes cannot make compiling or evaluating throw: that is the contract with
 * `expr/`, and it holds only if `patternProblem` is the one of `expr/check-patterns.ts`.
 *
 * Extra members are let through (a newer peer may send more), which is why the value itself is
 * handed back and not a copy. Names of aggregates are checked against `aggregateNames`.
 */
import { DEFAULTS } from '../config.ts';
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import type { Expression } from './expression.ts';
import { ShapeReader } from './json-shape.ts';
import type { Json, ShapeProblem } from './json-shape.ts';
import { PLAN_VERSION } from './plan.ts';
import type { AggregateStage, QueryPlan, SourceStage } from './plan.ts';
import { checkSeriesStage } from './validate-series.ts';
import { checkExpression } from './validate-expression.ts';
import { checkHome, checkWindow } from './validate-window.ts';
import type { ExpressionScope } from './validate-expression.ts';
import { checkJoinStage } from './validate-join.ts';
import { checkSource, checkSourceStage } from './validate-source.ts';

export interface ValidateOptions {
  /** What is wrong with a regular expression; null if nothing. */
  readonly patternProblem: (pattern: string) => string | null;
  /** Whether an aggregate of that name exists; left out: any name will do (agents that filter). */
  readonly hasAggregate?: (name: string) => boolean;
  /** The same for functions over series. */
  readonly hasSeries?: (name: string) => boolean;
}

export function validatePlan(
  json: unknown,
  options: ValidateOptions,
): Result<QueryPlan, ShapeProblem> {
  const reader = createReader();
  const passed = reader.object(json) && checkPlan(reader, json, options);
  return passed && reader.problem === null
    ? ok(json as unknown as QueryPlan)
    : err(reader.problem ?? UNNAMED);
}

/** An expression over one event. */
export function validateExpression(
  json: unknown,
  options: ValidateOptions,
): Result<Expression, ShapeProblem> {
  const reader = createReader();
  const passed = checkExpression(reader, json, eventScope(options));
  return passed && reader.problem === null
    ? ok(json as Expression)
    : err(reader.problem ?? UNNAMED);
}

/** What an agent is asked to run. */
export function validateSourceStage(
  json: unknown,
  options: ValidateOptions,
): Result<SourceStage, ShapeProblem> {
  const reader = createReader();
  const passed = checkSourceStage(reader, json, eventScope(options));
  return passed && reader.problem === null
    ? ok(json as SourceStage)
    : err(reader.problem ?? UNNAMED);
}

/** What an agent is asked to aggregate. */
export function validateAggregateStage(
  json: unknown,
  options: ValidateOptions,
): Result<AggregateStage, ShapeProblem> {
  const reader = createReader();
  const passed = checkAggregateStage(reader, json, options);
  return passed && reader.problem === null
    ? ok(json as AggregateStage)
    : err(reader.problem ?? UNNAMED);
}

const UNNAMED: ShapeProblem = { path: '', message: 'malformed' };
const COLUMN_TYPES = ['number', 'string', 'boolean', 'list', 'object', 'any'];

function createReader(): ShapeReader {
  return new ShapeReader({ depthMax: DEFAULTS.planDepthMax, nodesMax: DEFAULTS.planNodesMax });
}

function eventScope({ patternProblem }: ValidateOptions): ExpressionScope {
  return { elements: new Set(), slots: 0, fields: true, patternProblem };
}

function slotScope({ patternProblem }: ValidateOptions, slots: number): ExpressionScope {
  return { elements: new Set(), slots, fields: false, patternProblem };
}

function checkPlan(reader: ShapeReader, plan: Json, options: ValidateOptions): boolean {
  const scope = eventScope(options);
  const isVersion = (value: unknown): boolean =>
    value === PLAN_VERSION || reader.fail(`only version ${PLAN_VERSION} is understood`);
  return (
    reader.member(plan, 'version', isVersion) &&
    reader.member(plan, 'fingerprint', (value) => reader.string(value)) &&
    reader.member(plan, 'canonical', (value) => reader.string(value)) &&
    reader.member(plan, 'sources', (sources) =>
      reader.list(sources, (source) => checkSource(reader, source)),
    ) &&
    reader.member(plan, 'source', (source) => checkSourceStage(reader, source, scope)) &&
    reader.member(plan, 'join', (join) =>
      reader.nullOr(join, (one) => checkJoinStage(reader, one, scope)),
    ) &&
    reader.member(plan, 'home', (stage) => reader.nullOr(stage, (one) => checkHome(reader, one))) &&
    reader.member(plan, 'aggregate', (stage) =>
      reader.nullOr(stage, (one) => checkAggregateStage(reader, one, options)),
    ) &&
    reader.member(plan, 'project', (list) =>
      reader.list(list, (one) => checkExpression(reader, one, scope)),
    ) &&
    reader.member(plan, 'window', (window) =>
      checkWindow(reader, window, { isAtHome: plan['home'] !== null }),
    ) &&
    reader.member(plan, 'series', (stage) =>
      reader.nullOr(stage, (one) =>
        checkSeriesStage(reader, one, {
          slots: slotCount(plan),
          scope: (slots) => slotScope(options, slots),
          hasSeries: options.hasSeries,
        }),
      ),
    ) &&
    reader.member(plan, 'final', (stage) =>
      checkFinal(reader, stage, slotScope(options, slotCount(plan) + seriesCount(plan))),
    )
  );
}

/** Called once `aggregate` and `project` have been checked. */
function slotCount(plan: Json): number {
  const stage = plan['aggregate'] as { keys: unknown[]; aggregates: unknown[] } | null;
  if (stage === null) return (plan['project'] as unknown[]).length;
  return stage.keys.length + stage.aggregates.length;
}

/** Called once `series` has been checked. */
function seriesCount(plan: Json): number {
  const stage = plan['series'] as { functions: unknown[] } | null;
  return stage?.functions.length ?? 0;
}

function checkAggregateStage(
  reader: ShapeReader,
  stage: unknown,
  options: ValidateOptions,
): boolean {
  if (!reader.object(stage)) return false;
  return (
    reader.member(stage, 'keys', (keys) =>
      reader.list(keys, (key) => checkExpression(reader, key, eventScope(options))),
    ) &&
    reader.member(stage, 'aggregates', (aggregates) =>
      reader.list(aggregates, (spec) => checkAggregate(reader, spec, options)),
    ) &&
    reader.member(stage, 'groupsMax', (value) => reader.whole(value, 1))
  );
}

function checkAggregate(reader: ShapeReader, spec: unknown, options: ValidateOptions): boolean {
  if (!reader.object(spec)) return false;
  const { hasAggregate } = options;
  const isExpression = (value: unknown): boolean =>
    reader.nullOr(value, (one) => checkExpression(reader, one, eventScope(options)));
  return (
    reader.member(
      spec,
      'name',
      (name) =>
        reader.string(name) &&
        (hasAggregate === undefined || hasAggregate(name) || reader.fail('no such aggregate')),
    ) &&
    reader.member(spec, 'arg', isExpression) &&
    reader.member(spec, 'distinct', (value) => reader.boolean(value)) &&
    reader.member(spec, 'filter', isExpression) &&
    reader.member(spec, 'parameters', (list) => reader.list(list, (one) => reader.number(one)))
  );
}

function checkFinal(reader: ShapeReader, stage: unknown, scope: ExpressionScope): boolean {
  if (!reader.object(stage)) return false;
  const isExpression = (value: unknown): boolean => checkExpression(reader, value, scope);
  const isCount = (value: unknown): boolean => reader.nullOr(value, (one) => reader.whole(one, 0));
  return (
    reader.member(stage, 'having', (value) => reader.nullOr(value, isExpression)) &&
    reader.member(stage, 'columns', (list) =>
      reader.list(list, (column) => checkColumn(reader, column, isExpression)),
    ) &&
    reader.member(stage, 'arrangeBy', (list) => reader.list(list, isExpression)) &&
    reader.member(stage, 'orderBy', (list) =>
      reader.list(list, (key) => checkOrderKey(reader, key, isExpression)),
    ) &&
    reader.member(stage, 'rowsMax', isCount) &&
    reader.member(stage, 'endAfter', isCount) &&
    reader.member(stage, 'emitEveryMs', (value) =>
      reader.nullOr(value, (one) => reader.number(one, 0)),
    ) &&
    reader.member(stage, 'latenessMs', (value) => reader.whole(value, 0))
  );
}

function checkColumn(
  reader: ShapeReader,
  column: unknown,
  isExpression: (value: unknown) => boolean,
): boolean {
  if (!reader.object(column)) return false;
  return (
    reader.member(column, 'name', (value) => reader.string(value)) &&
    reader.member(column, 'expression', isExpression) &&
    reader.member(column, 'role', (value) => reader.oneOf(value, ['key', 'value', 'meta'])) &&
    reader.member(column, 'type', (value) => reader.oneOf(value, COLUMN_TYPES)) &&
    reader.member(column, 'spread', (value) => reader.boolean(value))
  );
}

function checkOrderKey(
  reader: ShapeReader,
  key: unknown,
  isExpression: (value: unknown) => boolean,
): boolean {
  if (!reader.object(key)) return false;
  return (
    reader.member(key, 'expression', isExpression) &&
    reader.member(key, 'descending', (value) => reader.boolean(value)) &&
    reader.member(key, 'nulls', (value) => reader.oneOf(value, ['first', 'last']))
  );
}
