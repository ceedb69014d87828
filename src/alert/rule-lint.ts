/** What is no mistake and still wakes people for nothing, or nobody for something. */
import type { Expression } from '../ir/expression.ts';
import type { CheckedRule } from './check-rules.ts';

export interface RuleWarning {
  readonly rule: string;
  readonly code: RuleWarningCode;
  readonly message: string;
  readonly hint: string;
}

export type RuleWarningCode =
  | 'no-volume-floor'
  | 'short-window'
  | 'matches-nothing'
  | 'unbounded-keys'
  | 'no-patience'
  | 'no-hysteresis'
  | 'no-owner';

export interface LintFacts {
  /** How long an agent may hold an event back, ms. */
  readonly agentFlushMs: number;
  /** Names of the streams there are; null: unknown. */
  readonly streams: readonly string[] | null;
}

/** Names of fields that have a value of their own for each event or person. */
const UNBOUNDED = /(?:^|[._-])(?:id|uuid|session|user|request|trace|span|ip|email|token)s?$/i;

export function lintRule(checked: CheckedRule, facts: LintFacts): RuleWarning[] {
  const warnings: RuleWarning[] = [];
  const { rule } = checked;
  const warn = (code: RuleWarningCode, message: string, hint: string): void =>
    void warnings.push({ rule: rule.name, code, message, hint });
  if (isRatio(checked) && rule.minVolume === null) {
    const hint = 'Count the events, too, and add `min_volume: { of: …, at_least: … }`.';
    warn('no-volume-floor', 'a ratio or quantile of few events jumps about', hint);
  }
  const { stepMs, windowMs } = checked.compiled;
  const patienceMs = rule.forMs + (rule.mOfN.m - 1) * stepMs;
  if (windowMs < 2 * facts.agentFlushMs) {
    const hint = `Use a WINDOW of ${10 * facts.agentFlushMs} ms or more.`;
    warn('short-window', `agents hold events back for up to ${facts.agentFlushMs} ms`, hint);
  }
  if (patienceMs === 0 && windowMs < 30_000 && !isSmoothed(checked)) {
    const hint = 'Add `for: 30s`, or `m_of_n: [3, 5]`.';
    warn('no-patience', `one window of ${windowMs / 1_000} s pages`, hint);
  }
  if (rule.clearWhen === null && rule.keepFiringMs === 0) {
    const hint = 'Add `clear_when` with some distance to `when`, or `keep_firing_for`.';
    warn('no-hysteresis', 'a value at the threshold fires and resolves in turn', hint);
  }
  const unbounded = checked.compiled.by.filter((name) => UNBOUNDED.test(name));
  if (unbounded.length > 0) {
    const hint = 'Alert by what an owner can act on: a region, a service.';
    warn('unbounded-keys', `there may be an alert for each ${unbounded.join(', ')}`, hint);
  }
  for (const name of missingStreams(checked, facts.streams)) {
    const hint = 'See `squilla streams` for what there is.';
    warn('matches-nothing', `no stream is called ${name}`, hint);
  }
  if (rule.severity === 'critical' && rule.owner === null && rule.route === null) {
    warn('no-owner', 'it wakes somebody, and does not say whom', 'Add `owner` or `route`.');
  }
  return warnings;
}

/** Conditions over shares, averages and quantiles mean little where little happens. */
function isRatio({ compiled, planned }: CheckedRule): boolean {
  const { plan } = planned;
  if (plan?.aggregate == null || compiled.when === null) return false;
  const { keys, aggregates } = plan.aggregate;
  const jumps = (node: Expression): boolean => {
    if (node.op === 'slot') {
      return JUMPY.has(aggregates[node.index - keys.length]?.name ?? '');
    }
    return node.op === 'call' && (node.name === 'divide' || node.args.some(jumps));
  };
  return plan.final.columns.some(
    ({ name, expression }) => compiled.when?.columns.includes(name) === true && jumps(expression),
  );
}

/** What follows the last windows by and by has patience of its own. */
function isSmoothed({ compiled, planned }: CheckedRule): boolean {
  const { plan } = planned;
  if (plan?.aggregate == null || compiled.when === null) return false;
  const before = plan.aggregate.keys.length + plan.aggregate.aggregates.length;
  const smooth = (node: Expression): boolean => {
    if (node.op === 'slot') return plan.series?.functions[node.index - before]?.name === 'ewma';
    return node.op === 'call' && node.args.some(smooth);
  };
  const { columns } = compiled.when;
  const read = plan.final.columns.filter(({ name }) => columns.includes(name));
  return read.length > 0 && read.every(({ expression }) => smooth(expression));
}

const JUMPY: ReadonlySet<string> = new Set(['avg', 'quantile', 'stddev', 'variance', 'apdex']);

function missingStreams({ planned }: CheckedRule, streams: readonly string[] | null): string[] {
  if (streams === null) return [];
  return (planned.plan?.sources ?? [])
    .filter(({ pattern, glob }) => !glob && !streams.includes(pattern))
    .map(({ pattern }) => pattern);
}
