/**
 * Lowering over result rows: the select list, HAVING and ORDER BY. Group keys, aggregates and (in
 * HAVING and ORDER BY) names of output columns are slots; the largest parts without any of these
 * are evaluated over the event, where it is cheapest, and arrive in slots of their own.
 */
import type { Call, Expression, Property } from '../../grammar/ast.ts';
import type { Expression as Ir, FieldPath, SlotExpression } from '../ir/expression.ts';
import { isAggregateName } from './aggregate-names.ts';
import type { CheckedWindow } from './checked-query.ts';
import type { AnalysisContext } from './context.ts';
import { eventLowering, fieldTypes } from './event-leaves.ts';
import { lowerAggregate } from './lower-aggregate.ts';
import { lowerSeries } from './lower-series.ts';
import { NULL } from './ir-nodes.ts';
import { ExpressionLowering, isTest } from './lower-expression.ts';
import { propertyName } from './output-name.ts';
import { isSeriesName } from './series-names.ts';
import type { Slots } from './slots.ts';
import { syntaxKey } from './syntax-key.ts';
import { someNode } from './syntax-walk.ts';

export interface RowNames {
  /** Slot of a group key by the key's syntax. */
  readonly keys: ReadonlyMap<string, number>;
  /** Output columns that names mean here; null in the select list itself. */
  readonly columns: ReadonlyMap<string, Ir> | null;
  /** Null: there are no windows of time. */
  readonly window: Extract<CheckedWindow, { kind: 'time' }> | null;
}

export interface RowLowering {
  readonly lowering: ExpressionLowering;
  /** Whether the group's first event was asked for anything since the last call. */
  takeFirstValueUse(): boolean;
}

/** Functions without arguments that read the event. */
const EVENT_FUNCTIONS: ReadonlySet<string> = new Set(['event_time', 'ingest_time']);

export function rowLowering(context: AnalysisContext, slots: Slots, names: RowNames): RowLowering {
  const overEvents = eventLowering(context, 'an expression over one event');
  let firstValueUsed = false;

  const columnOf = (node: Expression): Ir | null => {
    if (names.columns === null || node.kind !== 'property' || walksElements(node)) return null;
    if (isOfOneSource(node, context)) return null;
    return names.columns.get(propertyName(node, context.sources)) ?? null;
  };
  const keyOf = (node: Expression): number | undefined =>
    names.keys.size === 0 ? undefined : names.keys.get(syntaxKey(node));
  const isSpecial = (node: Expression): boolean =>
    (node.kind === 'call' && (isAggregateName(node.name) || isSeriesName(node.name))) ||
    (node.kind !== 'parameter' && keyOf(node) !== undefined) ||
    columnOf(node) !== null;

  /** Operands of chains in which a test of `[*]` reads the row: all speak of the same element. */
  const overRow = new WeakSet<Expression>();
  const list = (path: FieldPath): SlotExpression => {
    firstValueUsed = true;
    return slots.event({ op: 'field', path });
  };
  const calledOf = (node: Call): Ir | null => {
    if (isAggregateName(node.name)) {
      const spec = lowerAggregate(node, context);
      return spec === null ? NULL : slots.aggregate(spec);
    }
    if (!isSeriesName(node.name)) return null;
    const spec = lowerSeries(node, { context, slots, ...names }, (arg) => lowering.value(arg));
    return spec === null ? NULL : slots.series(spec);
  };
  const intercept = (node: Expression, inCondition: boolean): Ir | null => {
    const column = columnOf(node);
    if (column !== null) return column;
    const key = keyOf(node);
    if (key !== undefined) return slots.key(key);
    const called = node.kind === 'call' ? calledOf(node) : null;
    if (called !== null) return called;
    if (!someNode(node, readsEvent)) return null;
    if (inCondition && someNode(node, walksElements)) {
      if (testsRow(node, isSpecial)) markChain(node, overRow);
      if (!isTest(node) || overRow.has(node)) return null;
    }
    if (someNode(node, isSpecial)) return null;
    firstValueUsed = true;
    return slots.event(overEvents.value(node));
  };
  const types = { ...fieldTypes(context), slot: (index: number) => slots.type(index) };
  const isColumn = (node: Expression): boolean => columnOf(node) !== null;
  const leaves = { types, intercept, list, isColumn };
  const lowering: ExpressionLowering = new ExpressionLowering(context, leaves);
  return {
    lowering,
    takeFirstValueUse() {
      const used = firstValueUsed;
      firstValueUsed = false;
      return used;
    },
  };
}

/** `x.id` is x's, even if a column of the list is called id: that may be p's. */
function isOfOneSource(node: Property, { sources }: AnalysisContext): boolean {
  const split = sources.splitAlias(node);
  if (split === null) return false;
  return sources.joined !== null || sources.mergedAs(split.alias) !== null;
}

function readsEvent(node: Expression): boolean {
  if (node.kind === 'property') return true;
  return node.kind === 'call' && EVENT_FUNCTIONS.has(node.name.toLowerCase());
}

/** Whether some test in a chain of AND and OR holds elements against the row itself. */
function testsRow(node: Expression, isSpecial: (node: Expression) => boolean): boolean {
  if (node.kind === 'logical') return node.operands.some((one) => testsRow(one, isSpecial));
  return someNode(node, walksElements) && someNode(node, isSpecial);
}

function markChain(node: Expression, marked: WeakSet<Expression>): void {
  marked.add(node);
  if (node.kind === 'logical') for (const operand of node.operands) markChain(operand, marked);
}

function walksElements(node: Expression): boolean {
  return node.kind === 'property' && node.steps.some((step) => step.kind === 'each');
}
