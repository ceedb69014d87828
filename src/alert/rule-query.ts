/**
 * The query that a rule asks: its own text or that of a saved query, and a column more for every
 * function over series in its conditions. Such a function compares windows, so it is the query that
 * computes it: `when: sps < 0.7 * baseline(sps)` reads a column called `baseline(sps)`, which a
 * chart of the query shows as well.
 */
import type { Call, Expression } from '../../grammar/ast.ts';
import { diagnosticFrom, hasErrors } from '../../grammar/diagnostic.ts';
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import { parse, parseExpression } from '../../grammar/parse.ts';
import { printExpression } from '../../grammar/print.ts';
import { quoteName } from '../../grammar/scan-literals.ts';
import { suggest } from '../../grammar/suggest.ts';
import { childrenOf } from '../../grammar/walk.ts';
import { isAggregateName } from '../analyze/aggregate-names.ts';
import { isSeriesName } from '../analyze/series-names.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';
import { scopeAlone } from './rule-scope.ts';
import type { QueryParams, RuleScope } from './rule-scope.ts';
import { replacedText, selectColumns } from './select-columns.ts';
import type { Rule } from './rule.ts';

/** A call in a condition that is a column of the query. */
export interface SeriesCall {
  /** Offsets in the text of the condition. */
  readonly start: number;
  readonly end: number;
  readonly column: string;
}

/** Fields of a rule that are conditions, as they are written. */
export type ConditionField = 'when' | 'clear_when' | 'min_volume';

export interface AskedQuery {
  /** As it runs, with the columns that the conditions need. */
  readonly text: string;
  readonly params: QueryParams;
  readonly planned: PlannedQuery;
  readonly calls: Readonly<Record<ConditionField, readonly SeriesCall[]>>;
  /** What is wrong with a call, at its place in the condition. */
  readonly mistakes: readonly {
    readonly field: ConditionField;
    readonly diagnostic: Diagnostic;
  }[];
}

/** A text instead of the query: the saved query that it names is not there. */
export function askedQuery(rule: Rule, scope: RuleScope): AskedQuery | string {
  const written = writtenQuery(rule, scope.saved);
  if (typeof written === 'string') return written;
  const { text, params } = written;
  const planned = scope.plan(text, params);
  const conditions = conditionsOf(rule);
  const calls = {
    when: seriesCalls(conditions.when),
    clear_when: seriesCalls(conditions.clear_when),
    min_volume: seriesCalls(conditions.min_volume),
  };
  const plain: AskedQuery = { text, params, planned, calls, mistakes: [] };
  if (hasErrors(planned.diagnostics)) return plain;
  const found = callsAsColumns(plain, conditions);
  const bound = { ...plain, calls: found.calls, mistakes: found.mistakes };
  if (found.added.length === 0 || found.mistakes.length > 0) return bound;
  return withColumns(bound, conditions, { added: found.added, plan: scope.plan });
}

function writtenQuery(
  { query, saved }: Rule,
  known: ViewDefinitions,
): { readonly text: string; readonly params: QueryParams } | string {
  if (saved === null) return { text: query ?? '', params: {} };
  const found = known.get(saved);
  if (found !== undefined) return found;
  const near = suggest(saved, known.names());
  return `there is no saved query \`${saved}\`${near === null ? '' : `; \`${near}\`?`}`;
}

type Conditions = Readonly<Record<ConditionField, string>>;

function conditionsOf({ when, clearWhen, minVolume }: Rule): Conditions {
  return { when: when ?? '', clear_when: clearWhen ?? '', min_volume: minVolume?.of ?? '' };
}

/** Calls that are in no other such call, in text order. */
function seriesCalls(condition: string): SeriesCall[] {
  const { ast } = condition === '' ? { ast: null } : parseExpression(condition);
  const found: Call[] = [];
  const look = (node: Expression): void => {
    if (node.kind === 'call' && isSeriesName(node.name)) found.push(node);
    else childrenOf(node).forEach(look);
  };
  if (ast !== null) look(ast);
  return found
    .map((call) => ({
      start: call.span.start,
      end: call.span.end,
      column: canonicalText(call),
    }))
    .toSorted((a, b) => a.start - b.start);
}

interface AddedColumn extends SeriesCall {
  readonly field: ConditionField;
  /** Over events, as the query's text has to say it. */
  readonly text: string;
}

interface CallsAsColumns {
  readonly calls: AskedQuery['calls'];
  readonly added: readonly AddedColumn[];
  readonly mistakes: AskedQuery['mistakes'];
}

/** Finds or adds the column of each call; equal calls have one. */
function callsAsColumns(plain: AskedQuery, conditions: Conditions): CallsAsColumns {
  const columns = selectColumns(plain.text, plain.planned) ?? [];
  const texts = new Map(
    columns.map(({ expression: { span }, name }) => [name, plain.text.slice(span.start, span.end)]),
  );
  /** Canonical text → name. */
  const names = new Map(columns.map(({ expression, name }) => [canonicalText(expression), name]));
  const taken = new Set(plain.planned.columns.map(({ name }) => name));
  const added: AddedColumn[] = [];
  const mistakes: AskedQuery['mistakes'][number][] = [];
  const columnOf = (field: ConditionField, call: SeriesCall): SeriesCall => {
    const condition = conditions[field];
    const written = condition.slice(call.start, call.end);
    const unknown = unknownColumn(written, [...taken]);
    if (unknown !== null) {
      const at = { start: call.start + unknown.start, end: call.start + unknown.end };
      const diagnostic = diagnosticFrom(condition, { ...unknown, span: at });
      mistakes.push({ field, diagnostic });
      return call;
    }
    const text = overEvents(written, texts);
    const { ast } = parseExpression(text);
    const canonical = ast === null ? text : canonicalText(ast);
    const known = names.get(canonical);
    if (known !== undefined) return { ...call, column: known };
    // Another column may be called so, and mean something else.
    let { column } = call;
    while (taken.has(column)) column = `${column} *`;
    taken.add(column);
    names.set(canonical, column);
    added.push({ ...call, column, field, text: canonical });
    return { ...call, column };
  };
  const calls = {
    when: plain.calls.when.map((call) => columnOf('when', call)),
    clear_when: plain.calls.clear_when.map((call) => columnOf('clear_when', call)),
    min_volume: plain.calls.min_volume.map((call) => columnOf('min_volume', call)),
  };
  return { calls, added, mistakes };
}

/** Names of functions mean the same in any case. */
function canonicalText(node: Expression): string {
  return printExpression(node.kind === 'call' ? { ...node, name: node.name.toLowerCase() } : node);
}

/**
 * The call with what its columns are in the place of their names: in a select list none is known.
 */
function overEvents(call: string, columns: ReadonlyMap<string, string>): string {
  const { ast } = parseExpression(call);
  if (ast === null) return call;
  return replacedText(call, ast, (part) => {
    if (part.kind === 'call' && isAggregateName(part.name))
      return call.slice(part.span.start, part.span.end);
    const text = part.kind === 'property' ? columns.get(nameOf(part)) : undefined;
    return text === undefined ? null : `(${text})`;
  });
}

/** A name in a call, outside of aggregates, that is no column: to the query it might be a field. */
function unknownColumn(
  call: string,
  names: readonly string[],
): { code: string; message: string; hint: string; start: number; end: number } | null {
  const { ast } = parseExpression(call);
  const look = (node: Expression): Extract<Expression, { kind: 'property' }> | null => {
    if (node.kind === 'call' && isAggregateName(node.name)) return null;
    if (node.kind === 'property') return names.includes(nameOf(node)) ? null : node;
    for (const child of childrenOf(node)) {
      const found = look(child);
      if (found !== null) return found;
    }
    return null;
  };
  const found = ast === null ? null : look(ast);
  if (found === null) return null;
  const near = suggest(nameOf(found), names);
  return {
    code: 'MQL_UNKNOWN_FIELD',
    message: `the query has no column \`${nameOf(found)}\``,
    hint: near === null ? 'Name it in the select list.' : `Did you mean \`${near}\`?`,
    ...{ start: found.span.start, end: found.span.end },
  };
}

function nameOf(node: Extract<Expression, { kind: 'property' }>): string {
  const { root, steps } = node;
  return root.kind !== 'event' && steps.length === 0 ? root.name : printExpression(node);
}

/** The query with the columns at the end of its select list. */
function withColumns(
  plain: AskedQuery,
  conditions: Conditions,
  how: { readonly added: readonly AddedColumn[]; readonly plan: RuleScope['plan'] },
): AskedQuery {
  const endOfList = parse(plain.text).ast?.select.at(-1)?.span.end ?? 0;
  let inserted = '';
  const places = how.added.map((column) => {
    const begin = endOfList + inserted.length;
    inserted += `, ${column.text} as ${quoteName(column.column)}`;
    return { column, begin, end: endOfList + inserted.length };
  });
  const text = plain.text.slice(0, endOfList) + inserted + plain.text.slice(endOfList);
  const planned = how.plan(text, plain.params);
  const mistakes = planned.diagnostics.flatMap((diagnostic) => {
    if (diagnostic.severity !== 'error') return [];
    const { code, hint, message, span } = diagnostic;
    const place = places.find(({ begin, end }) => span.start >= begin && span.start < end);
    const { field, ...at } = (place ?? places[0]!).column;
    const found = diagnosticFrom(conditions[field], { code, message, hint, span: at });
    return [{ field, diagnostic: found }];
  });
  return { ...plain, text, planned, mistakes };
}

/** Where the query is planned already; other texts are planned without an engine. */
export function scopeOf({ params, planned, text }: AskedQuery): RuleScope {
  const alone = scopeAlone();
  const saved = { name: '', version: 0, text, params };
  return {
    plan: (query, given) => (query === text ? planned : alone.plan(query, given)),
    saved: { names: () => [], get: () => saved },
  };
}
