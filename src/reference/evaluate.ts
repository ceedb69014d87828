/**
 * `evaluate`: the public function that runs a query over a finite list of events, or lists of named
 * streams. No clock runs and nothing is late: windows reach from the earliest to the latest event,
 * and at the end everything closes. The answers are the naive interpreter's, which the live engine
 * is tested against. Mistakes are diagnostics; neither text nor data makes it throw.
 */
import { diagnosticFrom } from '../../grammar/diagnostic.ts';
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import { parse } from '../../grammar/parse.ts';
import { ANALYSIS_CODES } from '../analyze/codes.ts';
import type { FieldCatalogue } from '../analyze/field-catalogue.ts';
import { DEFAULT_STREAM } from '../analyze/source-scope.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { OutputColumn, QueryPlan, SampleSpec } from '../ir/plan.ts';
import { sampleShare } from '../ir/sample.ts';
import { sampleOf } from '../ir/source-stage.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { planQuery } from '../plan/plan-query.ts';
import type { Completeness } from '../wire/results.ts';
import { catalogueOf, readEvents, timeEvents } from './evaluate-input.ts';
import { readTables } from './evaluate-tables.ts';
import type { EvaluateEvents, InputEvent, InputProblem } from './evaluate-input.ts';
import type { FiniteRun } from './evaluate-stretches.ts';
import { definitionsOf, runWithViews } from './evaluate-views.ts';
import type { GivenView } from './evaluate-views.ts';
import type { ReferenceTables } from './reference-join.ts';

export interface EvaluateOptions {
  /** Path of the field that holds an event's time, e.g. `meta.ts`. */
  readonly time?: string;
  /** What `now()` says, and the time of events without one; ms since 1970. Default 0. */
  readonly now?: number;
  /** Values of the query's `$parameters`. */
  readonly params?: Readonly<Record<string, Value>>;
  /** Queries that FROM may read by name, with values of their own `$parameters`. */
  readonly views?: Readonly<Record<string, GivenView>>;
  /** What joins without WITHIN look up, by name. */
  readonly tables?: Readonly<Record<string, EvaluateTable>>;
}

/** Rows by the value of the column `key`; the last of several with one key counts. */
export interface EvaluateTable {
  readonly key: string;
  readonly rows: readonly object[];
}

export interface Evaluation {
  /** In order of window and result; windowed rows carry `window_start` and `window_end`. */
  readonly rows: readonly ValueObject[];
  readonly diagnostics: readonly Diagnostic[];
  readonly completeness: Completeness;
}

/**
 * @example
 * const { rows } = await evaluate('select count(*) where status >= 500', [{ status: 503 }]);
 * // [{ 'COUNT(*)': 1 }]
 */
export async function evaluate(
  query: string,
  events: EvaluateEvents,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const text = textFrom(query);
  const now = Number.isFinite(options.now) ? (options.now ?? 0) : 0;
  const input = readEvents(events, sourcesOf(text, options.views ?? {}));
  const timed = timeEvents(input.events, options.time, now);
  const given = readTables(options.tables ?? {});
  const problems = [...input.problems, ...timed.problems, ...given.problems];
  const evaluation = run(text, timed.events, {
    now,
    params: options.params,
    views: options.views,
    catalogue: catalogueOf(input, given.tables),
    tables: given.tables,
    problems,
  });
  return withRefused(evaluation, input.refused);
}

/** As {@link evaluate}, over events whose times and streams are known. */
export async function evaluateTimed(
  query: string,
  events: readonly InputEvent[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { tables, problems } = readTables(options.tables ?? {});
  const { now = 0, params, views } = options;
  return run(query, events, { now, params, views, tables, problems });
}

interface RunOptions {
  readonly now: number;
  readonly params: EvaluateOptions['params'];
  readonly views: EvaluateOptions['views'];
  readonly catalogue?: FieldCatalogue;
  readonly tables: ReferenceTables;
  readonly problems: readonly InputProblem[];
}

function run(text: string, events: readonly InputEvent[], options: RunOptions): Evaluation {
  const { catalogue, now, params, tables, views } = options;
  const planned = planQuery(text, {
    mode: 'finite',
    ...(views === undefined ? {} : { views: definitionsOf(views) }),
    ...(catalogue === undefined ? {} : { catalogue }),
    ...(params === undefined ? {} : { params }),
  });
  const { plan, diagnostics } = planned;
  const problems = [...options.problems];
  const refused = problems.some(({ code }) => ANALYSIS_CODES[code].severity === 'error');
  if (plan === null || refused) {
    const said = [...diagnostics, ...diagnosticsFrom(problems, text)];
    return { rows: [], diagnostics: said, completeness: completenessOf(NOTHING_RUN, null, now) };
  }
  const finite = runWithViews({ plan, views: planned.views }, events, { nowMs: now, tables });
  problems.push(...finite.problems, ...mismatchesOf(finite.counters));
  return {
    rows: rowsOf(plan, finite),
    diagnostics: [...diagnostics, ...diagnosticsFrom(problems, text)],
    completeness: completenessOf(finite, sampleOf(plan), now),
  };
}

/** The streams that a bare list of events stands for; a text with mistakes names none. */
function sourcesOf(text: string, views: Readonly<Record<string, GivenView>>): readonly string[] {
  const sources = parse(text).ast?.from?.sources ?? [];
  if (sources.length === 0) return [DEFAULT_STREAM];
  return sources.flatMap(({ name }) => {
    const view = Object.hasOwn(views, name) ? views[name] : undefined;
    if (view === undefined) return [name];
    // Below a view stand the streams that it reads; without it, a circle has an end.
    const { [name]: _, ...others } = views;
    return sourcesOf(typeof view === 'string' ? view : view.query, others);
  });
}

function rowsOf(plan: QueryPlan, finite: FiniteRun): readonly ValueObject[] {
  const optional = plan.final.columns.filter((column) => isPlain(column, plan));
  return finite.windows.flatMap(({ windowStart, windowEnd, rows }) =>
    rows.map((row) => {
      const shown = withoutMissing(row, optional);
      if (windowStart === null) return shown;
      return { window_start: windowStart, window_end: windowEnd, ...shown };
    }),
  );
}

/** Columns that show a part of an event: left out where the event lacks it. */
function isPlain(column: OutputColumn, { aggregate }: QueryPlan): boolean {
  if (column.spread) return false;
  if (aggregate === null) return true;
  if (column.expression.op !== 'slot') return false;
  const spec = aggregate.aggregates[column.expression.index - aggregate.keys.length];
  return spec?.name === 'first_event';
}

function withoutMissing(row: ValueObject, optional: readonly OutputColumn[]): ValueObject {
  const missing = new Set(
    optional.map(({ name }) => name).filter((name) => (row[name] ?? null) === null),
  );
  if (missing.size === 0) return row;
  return Object.fromEntries(Object.entries(row).filter(([name]) => !missing.has(name)));
}

function diagnosticsFrom(problems: readonly InputProblem[], text: string): readonly Diagnostic[] {
  const span = { start: 0, end: 0 };
  return problems.map(({ code, message, hint }) => {
    const { remedy, severity } = ANALYSIS_CODES[code];
    return diagnosticFrom(text, { code, severity, message, span, hint: hint ?? remedy });
  });
}

const NOTHING_RUN: FiniteRun = {
  windows: [],
  problems: [],
  seen: 0,
  matched: 0,
  firstMs: null,
  lastMs: null,
  counters: createEvalCounters(),
};

/** What was false or null because values were of other types; a missing value is of none. */
function mismatchesOf({ typeMismatches, nonFinite }: FiniteRun['counters']): InputProblem[] {
  const problems: InputProblem[] = [];
  if (typeMismatches > 0) {
    const what = typeMismatches === 1 ? 'one comparison or' : `${typeMismatches} comparisons or`;
    const message = `${what} calculations met null or values of different types: false, or null`;
    problems.push({ code: 'MQL_MISMATCHES', message });
  }
  if (nonFinite > 0) {
    const what = nonFinite === 1 ? 'one calculation' : `${nonFinite} calculations`;
    const message = `${what} gave no finite number, as by a division by zero: null`;
    problems.push({ code: 'MQL_MISMATCHES', message });
  }
  return problems;
}

function completenessOf(finite: FiniteRun, sample: SampleSpec | null, now: number): Completeness {
  const { firstMs, lastMs, matched, seen } = finite;
  const first = finite.windows[0]?.windowStart ?? firstMs ?? now;
  const last = finite.windows.at(-1)?.windowEnd ?? lastMs ?? now;
  return {
    status: 'complete',
    reasons: [],
    agents: { expected: 0, reporting: 0, missing: [] },
    events: { seen, matched, late: 0, dropped: {} },
    sampleFactor: sampleShare(sample),
    coveredMs: last - first,
    traffic: seen === 0 ? 'zero' : 'flowing',
    source: seen === 0 ? 'none' : 'live',
    engine: 'current',
    watermark: lastMs ?? now,
    emittedAt: now,
  };
}

/** Input that was no event is missing from the answer, and the answer says so. */
function withRefused(evaluation: Evaluation, refused: number): Evaluation {
  if (refused === 0) return evaluation;
  const { completeness } = evaluation;
  const events = { ...completeness.events, dropped: { invalid: refused } };
  return {
    ...evaluation,
    completeness: { ...completeness, status: 'degraded', reasons: ['dropped'], events },
  };
}

/** JavaScript callers may pass anything; what is no text is a mistake of the query, not a throw. */
function textFrom(query: unknown): string {
  return typeof query === 'string' ? query : String(query);
}
