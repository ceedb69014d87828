/**
 * Unit tests of rules: a series of rows, or events, under virtual time, and what has to become of
 * them. The engine that runs is the one that ships.
 */
import { groupKey } from '../model/group-key.ts';
import type { Value, ValueObject } from '../model/value.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';
import { canonicalJson } from '../plan/fingerprint.ts';
import { AlertEngine } from './alert-engine.ts';
import { assumedCompleteness } from './assumed-completeness.ts';
import type { CheckedRule } from './check-rules.ts';
import { Replay } from './replay.ts';
import { rowsQuery } from './rows-query.ts';
import { durationMs } from './rule-from-text.ts';
import { scopeOf } from './rule-query.ts';
import { NOTHING_SAVED } from './rule-scope.ts';
import type { RuleTest } from './rule-test-shape.ts';
import { isSeries, readSeries } from './series-notation.ts';
import type { SeriesValue } from './series-notation.ts';
import { isAudible } from './transition.ts';
import type { AlertState, AlertTransition } from './transition.ts';

export interface RuleTestResult {
  readonly name: string;
  /** Empty: it passed. */
  readonly failures: readonly string[];
}

/** Tests begin here: a whole minute, hour and day. */
const START_MS = Date.UTC(2026, 0, 1);
const KEYS_MAX = 10_000;

/** `saved`: queries that the rules, or their queries, name. */
export function runRuleTest(
  test: RuleTest,
  rules: readonly CheckedRule[],
  saved: ViewDefinitions = NOTHING_SAVED,
): RuleTestResult {
  const chosen = test.rule === undefined ? rules : rules.filter((r) => r.rule.name === test.rule);
  const [rule] = chosen;
  if (rule === undefined || chosen.length > 1) {
    const names = rules.map(({ rule: { name } }) => name).join(', ');
    return { name: test.name, failures: [`\`rule\` has to name one of ${names}`] };
  }
  if ((test.series === undefined) === (test.events === undefined)) {
    return { name: test.name, failures: ['a test has either `series` or `events`'] };
  }
  const outcome = test.series === undefined ? runEvents(test, rule, saved) : runSeries(test, rule);
  if (typeof outcome === 'string') return { name: test.name, failures: [outcome] };
  return {
    name: test.name,
    failures: [...stateFailures(test, outcome), ...pageFailures(test, outcome)],
  };
}

// ---- Running ------------------------------------------------------------------------------------

function runEvents(
  test: RuleTest,
  { rule, compiled }: CheckedRule,
  saved: ViewDefinitions,
): AlertTransition[] | string {
  const events: { timeMs: number; stream: string; event: ValueObject }[] = [];
  for (const { stream, event, at, from, to, every } of test.events ?? []) {
    const add = (ms: number): void =>
      void events.push({ stream, timeMs: START_MS + ms, event: event as ValueObject });
    if (at !== undefined) {
      add(durationMs(at, 0));
      continue;
    }
    const everyMs = durationMs(every, 0);
    if (to === undefined || everyMs === 0) return 'an event has `at`, or `to` and `every`';
    const endMs = durationMs(to, 0);
    for (let ms = durationMs(from, 0); ms < endMs; ms += everyMs) add(ms);
  }
  events.sort((a, b) => a.timeMs - b.timeMs);
  const rules = [{ rule, version: 1 }];
  const replay = new Replay({ rules, saved, startMs: START_MS, stepMs: compiled.stepMs });
  for (const event of events) replay.feed(event);
  const lastMs = events.at(-1)?.timeMs ?? START_MS;
  replay.advanceTo(START_MS + durationMs(test.for, lastMs - START_MS + compiled.stepMs));
  return replay.transitions;
}

function runSeries(test: RuleTest, checked: CheckedRule): AlertTransition[] | string {
  const { rule, compiled } = checked;
  const table = tableOf(test.series ?? []);
  if (typeof table === 'string') return table;
  const extended = rowsQuery(checked, new Set((test.series ?? []).flatMap(Object.keys)));
  if (typeof extended === 'string') return `series: ${extended}`;
  const agents = agentsOf(test);
  if (typeof agents === 'string') return agents;
  const engine = new AlertEngine({
    limits: { keysMax: KEYS_MAX, trailWindows: 30 },
    scope: scopeOf(checked.asked),
  });
  engine.setRules([{ rule, version: 1 }], START_MS);
  const transitions: AlertTransition[] = [];
  for (let i = 0; i < Math.max(table.windows, agents.length); i++) {
    const endMs = START_MS + (i + 1) * compiled.stepMs;
    const [reporting, expected] = agents[Math.min(i, agents.length - 1)] ?? [1, 1];
    const place = { number: i, startMs: endMs - compiled.windowMs };
    const rows = extended.extend(table.rows(i), place, reporting >= expected);
    const window = {
      ...{ startMs: place.startMs, endMs, revision: 0, provisional: false, rows },
      completeness: assumedCompleteness({ reporting, expected, endMs }),
    };
    // What nobody can have sent is quiet.
    const groups = rows.map((row) => compiled.groupBy?.map((name) => row[name] ?? null) ?? []);
    const quiet = new Set(reporting < expected ? groups.map(groupKey) : []);
    engine.hear({ type: 'window', listeners: [rule.name], window, quiet }, endMs);
    engine.tick(endMs);
    transitions.push(...engine.take().transitions);
  }
  return transitions;
}

interface SeriesTable {
  readonly windows: number;
  rows(window: number): ValueObject[];
}

function tableOf(series: NonNullable<RuleTest['series']>): SeriesTable | string {
  const all: { constants: ValueObject; values: [string, SeriesValue[]][] }[] = [];
  let windows = 0;
  for (const columns of series) {
    const constants: Record<string, Value> = {};
    const values: [string, SeriesValue[]][] = [];
    for (const [name, value] of Object.entries(columns)) {
      if (typeof value !== 'string' || !isSeries(value)) {
        constants[name] = value;
        continue;
      }
      const read = readSeries(value);
      if (!read.ok) return `${name}: ${read.error}`;
      values.push([name, read.value]);
      windows = Math.max(windows, read.value.length);
    }
    all.push({ constants, values });
  }
  if (windows === 0) return '`series` has no series of values, such as `100x10 3x5`';
  const rows = (window: number): ValueObject[] =>
    all.flatMap(({ constants, values }) => {
      const row: Record<string, Value> = { ...constants };
      for (const [name, list] of values) {
        const value = list[window];
        if (value === undefined) return [];
        row[name] = value;
      }
      return [row];
    });
  return { windows, rows };
}

/** Reporting and expected agents of each window. */
function agentsOf({ agents }: RuleTest): [number, number][] | string {
  if (agents === undefined) return [];
  const read = readSeries(agents.reporting);
  if (!read.ok) return `agents: ${read.error}`;
  return read.value.map((reporting) => [reporting ?? 0, agents.expected]);
}

// ---- Judging ------------------------------------------------------------------------------------

interface Named {
  readonly key?: Readonly<Record<string, unknown>> | undefined;
  readonly condition?: string | undefined;
}

function stateFailures({ expect }: RuleTest, transitions: readonly AlertTransition[]): string[] {
  const failures: string[] = [];
  for (const { at, state, ...named } of expect ?? []) {
    const atMs = START_MS + durationMs(at, 0);
    let found: AlertState = 'ok';
    for (const transition of transitions) {
      if (decidedMs(transition) <= atMs && isOf(transition, named)) found = transition.to;
    }
    if (found !== state) failures.push(`at ${at} ${nameOf(named)} is ${found}, not ${state}`);
  }
  return failures;
}

function pageFailures({ pages }: RuleTest, transitions: readonly AlertTransition[]): string[] {
  if (pages === undefined) return [];
  const told = transitions.filter(isAudible);
  const wanted = pages.map(({ at, to, ...named }) => pageText(durationMs(at, 0), to, named));
  const found = told.map((transition) => {
    const { key, condition, to } = transition;
    const named = { key: JSON.parse(key) as Record<string, unknown>, condition };
    return pageText(decidedMs(transition) - START_MS, to === 'ok' ? 'ok' : 'firing', named);
  });
  if (found.join('\n') === wanted.join('\n')) return [];
  const list = (lines: readonly string[]): string =>
    lines.map((line) => `\n    ${line}`).join('') || ' none';
  return [`pages:${list(found)}\n  wanted:${list(wanted)}`];
}

function decidedMs({ window, atMs }: AlertTransition): number {
  return window?.endMs ?? atMs;
}

function isOf(transition: AlertTransition, named: Named): boolean {
  return (
    transition.condition === (named.condition ?? 'threshold') &&
    (named.key === undefined || transition.key === canonicalJson(named.key))
  );
}

function nameOf({ key, condition = 'threshold' }: Named): string {
  return `${condition === 'threshold' ? '' : `${condition} `}${canonicalJson(key ?? {})}`;
}

function pageText(offsetMs: number, to: string, named: Named): string {
  return `${offsetMs / 1_000}s ${nameOf(named)} ${to}`;
}
