/**
 * Expressions of a rule (`when`, `clear_when`, `min_volume`) over the output columns of its query:
 * checked like a WHERE whose event is one result row, so that names, types and functions mean what
 * they mean everywhere, and a name that is no column is a mistake. Functions over series are
 * columns of the query (`rule-query.ts`), whose names stand in their place here.
 */
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import { diagnosticFrom, hasErrors } from '../../grammar/diagnostic.ts';
import { parseExpression } from '../../grammar/parse.ts';
import { quoteName } from '../../grammar/scan-literals.ts';
import { createEvalCounters, createRowContext } from '../expr/context.ts';
import type { RowFunction } from '../expr/context.ts';
import { compileExpression } from '../expr/row.ts';
import type { Expression, FieldPath } from '../ir/expression.ts';
import { compilePath } from '../ir/path.ts';
import { isTruthy } from '../model/value-equality.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { planQuery } from '../plan/plan-query.ts';
import type { ResultColumn } from '../wire/results.ts';
import type { SeriesCall } from './rule-query.ts';

export interface Condition {
  readonly text: string;
  /** Names of the columns it reads, in order of appearance. */
  readonly columns: readonly string[];
  /**
   * What the expression gives for a row; undefined: a column it needs is null, so that it says
   * nothing. Columns that it tests for null itself may be null.
   */
  value(row: ValueObject): Value | undefined;
}

export interface CompiledCondition {
  /** Null: `diagnostics` has an error. */
  readonly condition: Condition | null;
  /** Positions are in the text of the expression. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads as a stream's name in messages about unknown columns. */
const ROWS = 'the_query';
const PREFIX = `select * from ${ROWS} where `;

/** `calls`: the functions over series in the text that are columns of the query. */
export function compileCondition(
  text: string,
  columns: readonly ResultColumn[],
  calls: readonly SeriesCall[] = [],
): CompiledCondition {
  const { ast, diagnostics } = parseExpression(text);
  if (ast === null || hasErrors(diagnostics)) return { condition: null, diagnostics };
  const { rewritten, back } = withNames(text, calls);
  const catalogue = {
    streams: () => [ROWS],
    fields: () => columns.map(({ name, type }) => ({ name, type })),
  };
  // The optimizer would throw away what is always true; a rule's author should be told instead.
  const planned = planQuery(`${PREFIX}${rewritten}`, { mode: 'live', catalogue });
  const found = planned.diagnostics.map((diagnostic) => inExpression(text, back, diagnostic));
  if (planned.plan === null || hasErrors(found)) return { condition: null, diagnostics: found };
  const { where } = planned.plan.source;
  const expression: Expression = where ?? { op: 'literal', value: true };
  return { condition: conditionFrom(text, expression), diagnostics: found };
}

/** True, false, or undefined for a row that says nothing. */
export function truth(condition: Condition, row: ValueObject): boolean | undefined {
  const value = condition.value(row);
  return value === undefined ? undefined : isTruthy(value);
}

function conditionFrom(text: string, expression: Expression): Condition {
  const evaluate: RowFunction = compileExpression(expression, createEvalCounters());
  const context = createRowContext();
  const needed: FieldPath[] = [];
  const columns = new Set<string>();
  collect(expression, false, needed, columns);
  const reads = needed.map(compilePath);
  return {
    text,
    columns: [...columns],
    value: (row) => {
      for (let i = 0; i < reads.length; i++) if (reads[i]!(row) === null) return undefined;
      context.event = row;
      return evaluate(context);
    },
  };
}

/** The text with the names of columns in the place of calls, and where its offsets were before. */
function withNames(
  text: string,
  calls: readonly SeriesCall[],
): { readonly rewritten: string; readonly back: (offset: number) => number } {
  let rewritten = '';
  let copiedTo = 0;
  const ends: { readonly before: number; readonly now: number }[] = [];
  for (const { start, end, column } of calls) {
    rewritten += text.slice(copiedTo, start) + quoteName(column);
    copiedTo = end;
    ends.push({ before: end, now: rewritten.length });
  }
  const back = (offset: number): number => {
    const passed = ends.findLast(({ now }) => now <= offset);
    const before = offset + (passed === undefined ? 0 : passed.before - passed.now);
    // Within a name there is no place but its call's.
    const call = calls.find(({ start, end }) => before > start && before < end);
    return call?.start ?? before;
  };
  return { rewritten: rewritten + text.slice(copiedTo), back };
}

/** A name that is no column can never hold: for a rule that is an error and not a warning. */
function inExpression(
  text: string,
  back: (offset: number) => number,
  { span, ...diagnostic }: Diagnostic,
): Diagnostic {
  const { code, message, hint } = diagnostic;
  const at = { start: back(span.start - PREFIX.length), end: back(span.end - PREFIX.length) };
  if (code === 'MQL_AGGREGATE_NOT_ALLOWED') {
    return diagnosticFrom(text, { ...inSelectList(text, at), code, span: at });
  }
  if (code !== 'MQL_UNKNOWN_FIELD') {
    return diagnosticFrom(text, { code, severity: diagnostic.severity, message, hint, span: at });
  }
  const name = text.slice(at.start, at.end);
  return diagnosticFrom(text, {
    code,
    message: `the query has no column \`${name}\``,
    span: at,
    hint: hint ?? 'Name it in the select list.',
  });
}

/** What is computed over events is a column of the query, so that a chart draws it. */
function inSelectList(
  text: string,
  at: { readonly start: number; readonly end: number },
): Pick<Diagnostic, 'message' | 'hint'> {
  const call = text.slice(at.start, at.end);
  const name = `${/^\w+/.exec(call)?.[0].toLowerCase() ?? 'the'}_value`;
  return {
    message: `\`${call}\` is computed by the query and not by the condition`,
    hint: `Add \`${call} as ${name}\` to the select list, and write \`${name}\` here.`,
  };
}

/** Functions that give an answer for null: their arguments may be null. */
const TAKE_NULL: ReadonlySet<string> = new Set(['is_null', 'exists', 'coalesce', 'typeof']);

/** Paths that must not be null, outside of what tests for null, and every column read. */
function collect(
  node: Expression,
  mayBeNull: boolean,
  needed: FieldPath[],
  columns: Set<string>,
): void {
  const each = (parts: readonly Expression[], isTested = mayBeNull): void => {
    for (const part of parts) collect(part, isTested, needed, columns);
  };
  switch (node.op) {
    case 'field': {
      const step = node.path[0];
      if (step?.by === 'name') columns.add(step.name);
      if (step?.by === 'key') columns.add(step.key);
      if (!mayBeNull) needed.push(node.path);
      break;
    }
    case 'call':
      each(node.args, mayBeNull || TAKE_NULL.has(node.name));
      break;
    case 'and':
    case 'or':
      each(node.args);
      break;
    case 'not':
    case 'match':
      each([node.arg]);
      break;
    case 'in':
      each([node.arg, ...node.list]);
      break;
    case 'case':
      each([...node.branches.flatMap((b) => [b.when, b.then]), node.otherwise], true);
      break;
    case 'some':
      each([node.over, node.condition]);
      break;
    case 'literal':
    case 'element':
    case 'slot':
      break;
  }
}
