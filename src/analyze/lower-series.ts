/**
 * `f(x[, constants])` over the series of a group's windows → {@link SeriesSpec}. The argument is
 * over the row, the constants are known when the query is submitted; times become milliseconds and
 * seasons numbers of windows.
 */
import type { Call, Expression } from '../../grammar/ast.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import type { SeriesSpec } from '../ir/plan.ts';
import type { SeriesDefinition } from '../series/contract.ts';
import type { CheckedWindow } from './checked-query.ts';
import type { AnalysisContext } from './context.ts';
import { readSeriesConstant } from './series-constants.ts';
import { seriesNamed } from './series-names.ts';
import type { Slots } from './slots.ts';
import { irChildren } from './walk-ir.ts';

export interface SeriesPlace {
  readonly context: AnalysisContext;
  readonly slots: Slots;
  readonly window: Extract<CheckedWindow, { kind: 'time' }> | null;
}

/** Null after a mistake, which is reported. */
export function lowerSeries(
  node: Call,
  place: SeriesPlace,
  lower: (arg: Expression) => Ir,
): SeriesSpec | null {
  const definition = seriesNamed(node.name);
  const { report } = place.context;
  if (definition === null || !checkShape(node, definition, place.context)) return null;
  if (!place.slots.aggregating || place.window === null) {
    const what = place.slots.aggregating ? 'a WINDOW' : 'an aggregate in a WINDOW';
    const message = `${node.name.toUpperCase()} compares results of windows: it needs ${what}`;
    report.add('MQL_SERIES_WINDOW', node.span, message, { hint: definition.example });
    return null;
  }
  const [argument, ...written] = node.args;
  const arg = lower(argument!);
  if (!checkArgument(node, arg, place)) return null;
  const parameters: number[] = [];
  for (const [index, constant] of definition.constants.entries()) {
    const at = written[index] ?? null;
    const value = readSeriesConstant(at, constant, place.window.slideMs, place.context);
    if (typeof value !== 'number') {
      const message = `${constant.name} of ${node.name.toUpperCase()} must be ${value.wanted}`;
      report.add('MQL_ARGUMENTS', at?.span ?? node.span, message, { hint: definition.signature });
      return null;
    }
    parameters.push(value);
  }
  return { name: definition.name, arg, parameters };
}

/** Functions that say what is expected: of an expectation, nothing can be. */
const BANDS: ReadonlySet<string> = new Set(['baseline', 'baseline_low', 'baseline_high']);

/**
 * Functions over series may stand in each other, but what foretells in what is foretold says
 * nothing.
 */
function checkArgument(node: Call, arg: Ir, { context, slots }: SeriesPlace): boolean {
  const outer = node.name.toLowerCase();
  const inner = BANDS.has(outer) || outer === 'deviation' ? bandIn(arg, slots) : null;
  if (inner === null) return true;
  const [name, expected] = [outer.toUpperCase(), inner.toUpperCase()];
  const message = `${name} compares a value with what is expected, and ${expected} is that: it has no ${name} of its own`;
  const hint = `Name the value itself, e.g. ${outer}(count(*)), or EWMA of ${expected} to smooth it.`;
  context.report.add('MQL_SERIES_NOT_ALLOWED', node.args[0]!.span, message, { hint });
  return false;
}

/** The first function of {@link BANDS} whose result an expression reads; null: none. */
function bandIn(node: Ir, slots: Slots): string | null {
  if (node.op === 'slot') {
    const name = slots.seriesIn(node.index)?.name ?? '';
    return BANDS.has(name) ? name : null;
  }
  for (const child of irChildren(node)) {
    const found = bandIn(child, slots);
    if (found !== null) return found;
  }
  return null;
}

function checkShape(node: Call, definition: SeriesDefinition, context: AnalysisContext): boolean {
  const { report } = context;
  const upper = node.name.toUpperCase();
  const hint = definition.signature;
  if (node.distinct) {
    const message = `${upper} is no aggregate: DISTINCT has no meaning`;
    report.add('MQL_DISTINCT_NOT_ALLOWED', node.span, message, { hint });
  }
  if (node.filter !== null) {
    const message = `${upper} is no aggregate: FILTER goes with the aggregate inside`;
    report.add('MQL_FILTER_NOT_ALLOWED', node.span, message, { hint });
  }
  if (node.star) {
    report.add('MQL_STAR_NOT_ALLOWED', node.span, `${upper}(*) has no meaning`, { hint });
    return false;
  }
  const { constants } = definition;
  const max = 1 + constants.length;
  const min = 1 + constants.filter((constant) => constant.default === null).length;
  if (node.args.length >= min && node.args.length <= max) return true;
  const range = min === max ? `${min}` : `${min} to ${max}`;
  const message = `${upper} takes ${range} argument${range === '1' ? '' : 's'}, not ${node.args.length}`;
  report.add('MQL_ARGUMENTS', node.span, message, { hint });
  return false;
}
