/**
 * Runs the recorded answers of Mantis' own query engine against this one and sorts every case into
 * one of four: equal, deliberate (listed with the difference it falls under), unsupported (listed
 * by id), or unexplained, which fails the build. A listed case that has become equal is unexplained
 * too: lists must not outlive their reasons.
 */
import { readFileSync } from 'node:fs';
import { hasErrors } from '../../grammar/diagnostic.ts';
import { parse } from '../../grammar/parse.ts';
import { compileSampler } from '../../src/edge/sampler.ts';
import { compilePredicate } from '../../src/expr/row.ts';
import { createEvalCounters, createRowContext } from '../../src/expr/context.ts';
import { readPath } from '../../src/ir/path.ts';
import type { FieldPath } from '../../src/ir/expression.ts';
import type { QueryPlan } from '../../src/ir/plan.ts';
import type { Event, Value } from '../../src/model/value.ts';
import { isObject } from '../../src/model/value.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { evaluate, evaluateTimed } from '../../src/reference/evaluate.ts';

const GOLDEN = new URL('../golden/', import.meta.url);

export interface MantisCase {
  readonly id: string;
  readonly kind: 'match' | 'project' | 'stream' | 'syntax-error';
  /** A list: the union of what several queries need. */
  readonly query: string | readonly string[];
  readonly events: readonly Event[];
  readonly streams?: Readonly<Record<string, readonly Event[]>>;
  /** [ms, stream, event] under a virtual clock. */
  readonly timeline?: readonly (readonly [number, string, Event])[];
  readonly subjects?: readonly string[];
  readonly expected: unknown;
}

export type Verdict = 'equal' | 'deliberate' | 'unsupported' | 'unexplained';

export interface Outcome {
  readonly id: string;
  readonly kind: MantisCase['kind'];
  readonly query: string;
  readonly verdict: Verdict;
  /** What was expected and what came, where they differ. */
  readonly detail: string;
}

export interface Lists {
  readonly deliberate: Readonly<
    Record<string, { readonly difference: string; readonly reason: string }>
  >;
  readonly unsupported: readonly string[];
}

export function readCases(): readonly MantisCase[] {
  const text = readFileSync(new URL('mantis-mql.jsonl', GOLDEN), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MantisCase);
}

export function readLists(): Lists {
  return {
    deliberate: {
      ...(readJson('deliberate-syntax.json') as Lists['deliberate']),
      ...(readJson('deliberate.json') as Lists['deliberate']),
    },
    unsupported: readJson('unsupported.json') as Lists['unsupported'],
  };
}

export async function judge(item: MantisCase, lists: Lists): Promise<Outcome> {
  const { same, detail } = await compare(item);
  const isDeliberate = Object.hasOwn(lists.deliberate, item.id);
  const isUnsupported = lists.unsupported.includes(item.id);
  let verdict: Verdict = same ? 'equal' : 'unexplained';
  if (!same && isDeliberate) verdict = 'deliberate';
  if (!same && isUnsupported) verdict = 'unsupported';
  const stale = same && (isDeliberate || isUnsupported);
  if (stale) verdict = 'unexplained';
  return {
    id: item.id,
    kind: item.kind,
    query: JSON.stringify(item.query),
    verdict,
    detail: stale ? 'is listed, but equals Mantis' : detail,
  };
}

interface Comparison {
  readonly same: boolean;
  readonly detail: string;
}

async function compare(item: MantisCase): Promise<Comparison> {
  switch (item.kind) {
    case 'match':
      return compareMatch(item);
    case 'project':
      return compareProject(item);
    case 'stream':
      return compareStream(item);
    case 'syntax-error':
      return compareSyntax(item);
  }
}

function planOf(text: string): QueryPlan | string {
  const { plan, diagnostics } = planQuery(text, { mode: 'finite' });
  if (plan !== null) return plan;
  const errors = diagnostics.filter((d) => d.severity === 'error');
  return errors.map((d) => `${d.code}: ${d.message}`).join('; ');
}

function compareMatch(item: MantisCase): Comparison {
  const plan = planOf(String(item.query));
  if (typeof plan === 'string') return differ(item.expected, plan);
  const subjects = plan.sources.map((source) => source.pattern);
  if (item.subjects !== undefined && !equal(subjects, item.subjects)) {
    return differ(item.subjects, subjects);
  }
  const { where } = plan.source;
  const matches = where === null ? () => true : compilePredicate(where, createEvalCounters());
  const row = createRowContext();
  const { sample } = plan.source;
  const takes = sample === null ? () => 1 : compileSampler(sample, '');
  const actual = item.events.map((event, index) => {
    row.event = event;
    return takes(event, index + 1, 0) > 0 && matches(row);
  });
  return verdictOf(item.expected, actual);
}

/** What the publisher sends: every path the plans read, as nested maps, indexes as keys. */
function compareProject(item: MantisCase): Comparison {
  const queries = typeof item.query === 'string' ? [item.query] : item.query;
  const plans: QueryPlan[] = [];
  for (const query of queries) {
    const plan = planOf(query);
    if (typeof plan === 'string') return differ(item.expected, plan);
    plans.push(plan);
  }
  const whole = plans.some((plan) => plan.source.allFields);
  const paths = plans.flatMap((plan) => plan.source.fields);
  const actual = item.events.map((event) => (whole ? event : projected(event, paths)));
  return verdictOf(item.expected, actual);
}

type Tree = { [key: string]: Value | Tree };

function projected(event: Event, paths: readonly FieldPath[]): Value {
  const tree: Tree = {};
  for (const path of [...paths].sort((a, b) => b.length - a.length)) {
    const value = readPath(event, path);
    if (value === null) continue;
    let at = tree;
    for (const [index, step] of path.entries()) {
      const key = stepKey(step);
      if (index === path.length - 1) at[key] = value;
      else at = (at[key] ??= {}) as Tree;
    }
  }
  return tree;
}

function stepKey(step: FieldPath[number]): string {
  if (step.by === 'name') return step.name;
  if (step.by === 'key') return step.key;
  return step.by === 'index' ? String(step.index) : step.by;
}

async function compareStream(item: MantisCase): Promise<Comparison> {
  const query = String(item.query);
  const result = await resultOf(item, query);
  const errors = result.diagnostics.filter((d) => d.severity === 'error');
  if (errors.length > 0)
    return differ(
      item.expected,
      errors.map((d) => `${d.code}: ${d.message}`),
    );
  const expected = Array.isArray(item.expected) ? item.expected.flat() : item.expected;
  const actual = result.rows.map(withoutWindow);
  const ordered = /order by/i.test(query) || !/group by/i.test(query);
  return verdictOf(expected, actual, ordered);
}

async function resultOf(item: MantisCase, query: string): ReturnType<typeof evaluate> {
  const { timeline } = item;
  if (timeline === undefined) return evaluate(query, item.streams ?? { stream: item.events });
  return evaluateTimed(
    query,
    timeline.map(([timeMs, stream, event]) => ({ timeMs, stream, event })),
  );
}

function withoutWindow(row: Event): Event {
  const { window_start: _start, window_end: _end, ...rest } = row;
  return rest;
}

function compareSyntax(item: MantisCase): Comparison {
  const refused = hasErrors(parse(String(item.query)).diagnostics);
  return refused ? { same: true, detail: '' } : differ(item.expected, 'parses');
}

function verdictOf(expected: unknown, actual: unknown, ordered = true): Comparison {
  const same = ordered ? equal(expected, actual) : equalInAnyOrder(expected, actual);
  return same ? { same, detail: '' } : differ(expected, actual);
}

function differ(expected: unknown, actual: unknown): Comparison {
  const detail = `expected ${JSON.stringify(expected)} but got ${JSON.stringify(actual)}`;
  return { same: false, detail };
}

function equalInAnyOrder(expected: unknown, actual: unknown): boolean {
  if (!Array.isArray(expected) || !Array.isArray(actual)) return equal(expected, actual);
  const left = [...actual];
  for (const one of expected) {
    const at = left.findIndex((other) => equal(one, other));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}

/** Numbers to 12 digits; Clojure's ratios as numbers; null and missing are one. */
function equal(expected: unknown, actual: unknown): boolean {
  if (typeof expected === 'number' && typeof actual === 'number') {
    return Math.abs(expected - actual) <= 1e-12 * Math.max(1, Math.abs(expected));
  }
  if (Array.isArray(expected) || Array.isArray(actual)) {
    if (!Array.isArray(expected) || !Array.isArray(actual)) return false;
    return expected.length === actual.length && expected.every((item, i) => equal(item, actual[i]));
  }
  if (!isObject(expected as Value)) return expected === actual;
  const left = expected as Readonly<Record<string, unknown>>;
  if (typeof left['$ratio'] === 'string') {
    const [over, under] = left['$ratio'].split('/').map(Number);
    return equal((over ?? 0) / (under ?? 1), actual);
  }
  if (!isObject(actual as Value)) return false;
  const right = actual as Readonly<Record<string, unknown>>;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => equal(left[key] ?? null, right[key] ?? null));
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, GOLDEN), 'utf8'));
}
