/**
 * A rule bound to its query's plan: conditions compiled, alert key resolved to columns. What is
 * wrong comes back as mistakes, each with the field of the rule it is about.
 */
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { ResultColumn } from '../wire/results.ts';
import { compileCondition } from './condition.ts';
import type { Condition } from './condition.ts';
import type { AskedQuery, ConditionField } from './rule-query.ts';
import type { QueryParams } from './rule-scope.ts';
import type { Rule } from './rule.ts';

export interface CompiledRule {
  readonly rule: Rule;
  /** Counts the changes of the rule, from 1. */
  readonly version: number;
  /** The query as it runs, and its canonical text. */
  readonly query: string;
  readonly params: QueryParams;
  readonly canonical: string;
  /** Null: every row of the query is an alert. */
  readonly when: Condition | null;
  readonly clearWhen: Condition | null;
  readonly minVolume: { readonly of: Condition; readonly atLeast: number } | null;
  /** Columns of the alert key, in order. */
  readonly by: readonly string[];
  /** Columns of the query's groups, in the order of the plan's keys; null: not all are columns. */
  readonly groupBy: readonly string[] | null;
  /** The number that the alert is about, for sparklines; null: the query has none. */
  readonly valueColumn: string | null;
  /** A key that is in no row was left out by HAVING, LIMIT or WHERE, and not for want of data. */
  readonly leavesOut: boolean;
  readonly windowMs: number;
  /** New time that each window covers. */
  readonly stepMs: number;
}

export interface RuleMistake {
  /** Field of the rule: `query`, `saved`, `when`, `by`, … */
  readonly field: string;
  readonly message: string;
  /** Set if the mistake is in the text of an expression or query. */
  readonly diagnostic?: Diagnostic;
}

export interface RuleCompilation {
  /** Null: there are mistakes. */
  readonly compiled: CompiledRule | null;
  readonly mistakes: readonly RuleMistake[];
}

/** `asked`: what the rule's query is; a text instead of it: why it has none. */
export function compileRule(
  rule: Rule,
  version: number,
  asked: AskedQuery | string,
): RuleCompilation {
  if (typeof asked === 'string') {
    return { compiled: null, mistakes: [{ field: 'saved', message: asked }] };
  }
  const mistakes: RuleMistake[] = [];
  const plan = usablePlan(rule, asked, mistakes);
  if (plan === null) return { compiled: null, mistakes };
  const { calls, planned } = asked;
  const { columns } = planned;
  const condition = (field: ConditionField, text: string | null): Condition | null => {
    if (text === null) return null;
    const { condition: compiled, diagnostics } = compileCondition(text, columns, calls[field]);
    for (const diagnostic of diagnostics) {
      if (diagnostic.severity !== 'error') continue;
      mistakes.push({ field, message: diagnostic.message, diagnostic });
    }
    return compiled;
  };
  const when = condition('when', rule.when);
  const clearWhen = condition('clear_when', rule.clearWhen);
  const volume = condition('min_volume', rule.minVolume?.of ?? null);
  const groupBy = groupColumns(plan);
  const by = rule.by ?? groupBy ?? [];
  checkKey(by, columns, mistakes);
  if (mistakes.length > 0) return { compiled: null, mistakes };
  const compiled: CompiledRule = {
    ...{ rule, version, when, clearWhen, by, groupBy },
    ...{ query: asked.text, params: asked.params, canonical: planned.canonical },
    minVolume:
      volume === null || rule.minVolume === null
        ? null
        : { of: volume, atLeast: rule.minVolume.atLeast },
    valueColumn: valueColumn(when, columns),
    leavesOut: plan.aggregate === null || plan.final.having !== null || plan.final.rowsMax !== null,
    windowMs: plan.window.kind === 'time' ? plan.window.sizeMs : plan.window.paneMs,
    stepMs: plan.window.kind === 'time' ? plan.window.slideMs : plan.window.paneMs,
  };
  return { compiled, mistakes };
}

function usablePlan(
  { saved }: Rule,
  { planned, mistakes: inCalls }: AskedQuery,
  mistakes: RuleMistake[],
): QueryPlan | null {
  for (const { field, diagnostic } of inCalls) {
    mistakes.push({ field, message: diagnostic.message, diagnostic });
  }
  if (mistakes.length > 0) return null;
  const field = saved === null ? 'query' : 'saved';
  for (const diagnostic of planned.diagnostics) {
    if (diagnostic.severity !== 'error') continue;
    const { message } = diagnostic;
    // A place in the text of a saved query is none in the rule's.
    mistakes.push(saved === null ? { field, message, diagnostic } : { field, message });
  }
  const { plan } = planned;
  if (plan === null || mistakes.length > 0) return null;
  if (plan.window.kind === 'none') {
    const message = 'the query has no WINDOW; a rule is evaluated once a window';
    mistakes.push({ field, message });
    return null;
  }
  if (plan.final.endAfter !== null) {
    const message = 'the LIMIT would end the query; use it with GROUP BY, or leave it out';
    mistakes.push({ field, message });
    return null;
  }
  return plan;
}

function groupColumns(plan: QueryPlan): string[] | null {
  const count = plan.aggregate?.keys.length ?? 0;
  const names: string[] = [];
  for (let slot = 0; slot < count; slot++) {
    const column = plan.final.columns.find(
      ({ expression }) => expression.op === 'slot' && expression.index === slot,
    );
    if (column === undefined) return null;
    names.push(column.name);
  }
  return names;
}

function checkKey(
  by: readonly string[],
  columns: readonly ResultColumn[],
  mistakes: RuleMistake[],
): void {
  const names = columns.map(({ name }) => name);
  for (const name of by) {
    if (names.includes(name)) continue;
    const near = suggest(name, names);
    const hint = near === null ? `there are ${names.join(', ')}` : `did you mean \`${near}\`?`;
    mistakes.push({ field: 'by', message: `the query has no column \`${name}\`; ${hint}` });
  }
}

/** The first number that the condition reads, else the query's first value. */
function valueColumn(when: Condition | null, columns: readonly ResultColumn[]): string | null {
  const values = columns.filter(({ role }) => role === 'value');
  const isNumber = ({ type }: ResultColumn): boolean => type === 'number' || type === 'any';
  const read = values.find((column) => when?.columns.includes(column.name) && isNumber(column));
  return (read ?? values.find(isNumber))?.name ?? null;
}
