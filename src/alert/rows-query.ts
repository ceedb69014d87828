/**
 * A rule over rows that are known already, as unit tests write them and as series are kept: the
 * columns that are functions over series are computed from the other columns of the same rows, by
 * the operators that compute them live.
 *
 * The query is planned once more with a column in the place of each of its aggregates; only its
 * last stages run:
 *
 * ```text
 *   query   SELECT rate() AS sps, ewma(rate(), 0.3) AS smooth FROM plays WINDOW 10s GROUP BY region
 *   here    SELECT first(sps) AS sps, ewma(first(sps), 0.3) AS smooth FROM rows WINDOW 10s GROUP BY
 *   region
 * ```
 */
import type { Expression as Syntax } from '../../grammar/ast.ts';
import { printExpression } from '../../grammar/print.ts';
import { quoteName } from '../../grammar/scan-literals.ts';
import { isAggregateName } from '../analyze/aggregate-names.ts';
import { someIr } from '../analyze/walk-ir.ts';
import { DEFAULTS } from '../config.ts';
import type { ValueObject } from '../model/value.ts';
import { compileFinal } from '../operator/final.ts';
import { seriesStageOf } from '../operator/series-stage.ts';
import { planQuery } from '../plan/plan-query.ts';
import type { CheckedRule } from './check-rules.ts';
import { replacedText, selectColumns } from './select-columns.ts';

export interface RowsQuery {
  /** Columns that rows have to bring beside their keys. */
  readonly given: readonly string[];
  /**
   * The rows of window `number` with all columns; windows come in order. `teaches`: what they say
   * is true enough to learn from.
   */
  extend(rows: readonly ValueObject[], at: WindowPlace, teaches: boolean): readonly ValueObject[];
}

export interface WindowPlace {
  readonly number: number;
  readonly startMs: number;
}

interface Column {
  readonly name: string;
  readonly expression: Syntax;
  /** The rows bring it; else it is computed. */
  readonly isGiven: boolean;
}

/**
 * `brought`: columns over series that the rows bring all the same. A text instead: why rows are not
 * enough for this rule.
 */
export function rowsQuery(checked: CheckedRule, brought: ReadonlySet<string>): RowsQuery | string {
  const columns = columnsOf(checked, brought);
  if (typeof columns === 'string') {
    const isNeeded = Object.values(checked.asked.calls).some((calls) => calls.length > 0);
    return isNeeded ? columns : { given: [], extend: (rows) => rows };
  }
  const given = columns.filter(({ isGiven }) => isGiven);
  const computed = columns.filter(({ isGiven }) => !isGiven);
  const names = given.map(({ name }) => name);
  if (computed.length === 0) return { given: names, extend: (rows) => rows };
  const select = given.map(({ name }) => `${firstOf(name)} as ${quoteName(name)}`);
  for (const column of computed) {
    const text = overRows(column, checked.asked.text, given);
    if (text === null) {
      const { name } = column;
      return `\`${name}\` is computed from what is no column; name that in the select list, too`;
    }
    select.push(`${text} as ${quoteName(column.name)}`);
  }
  return runner(select.join(', '), names, checked);
}

function columnsOf(
  { asked, compiled, planned }: CheckedRule,
  brought: ReadonlySet<string>,
): Column[] | string {
  const columns = selectColumns(asked.text, planned);
  const { plan } = planned;
  if (columns === null || plan?.aggregate == null || compiled.groupBy === null) {
    return 'only a query of aggregates whose groups are columns has rows that can be written';
  }
  const slots = plan.aggregate.keys.length + plan.aggregate.aggregates.length;
  return columns.map(({ expression, name }) => {
    const ir = plan.final.columns.find((column) => column.name === name)?.expression;
    const isOverSeries =
      ir !== undefined && someIr(ir, (node) => node.op === 'slot' && node.index >= slots);
    return { name, expression, isGiven: !isOverSeries || brought.has(name) };
  });
}

/** The column's text over what is given; null: an aggregate is left that is no column. */
function overRows({ expression }: Column, query: string, given: readonly Column[]): string | null {
  const names = new Map(given.map((column) => [printExpression(column.expression), column.name]));
  let isWhole = true;
  const text = replacedText(query, expression, (part) => {
    const name = names.get(printExpression(part));
    if (name !== undefined) return firstOf(name);
    if (part.kind === 'call' && isAggregateName(part.name)) isWhole = false;
    return null;
  });
  return isWhole ? text : null;
}

function firstOf(name: string): string {
  return `first(${quoteName(name)})`;
}

function runner(
  select: string,
  given: readonly string[],
  { compiled }: CheckedRule,
): RowsQuery | string {
  const { stepMs, windowMs } = compiled;
  const keys = compiled.groupBy ?? [];
  const groups = keys.length === 0 ? '' : ` group by ${keys.map(quoteName).join(', ')}`;
  const text = `select ${select} from rows window ${windowMs}ms slide ${stepMs}ms${groups}`;
  const { diagnostics, plan } = planQuery(text, { mode: 'live' });
  const stage = plan === null ? null : seriesStageOf(plan, DEFAULTS);
  if (plan === null || stage === null) {
    return diagnostics[0]?.message ?? 'its columns cannot be computed from rows';
  }
  const finish = compileFinal(plan.final);
  const slotNames = [...keys, ...given];
  return {
    given,
    extend(rows, at, teaches) {
      const slots = rows.map((row) => slotNames.map((name) => row[name] ?? null));
      const computed = finish(stage.extend(slots, at, { telling: 'first', teaches }));
      return rows.map((row, i) => ({ ...computed[i], ...row }));
    },
  };
}
