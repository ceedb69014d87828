/** Rules as they are written ⇒ rules with every default filled in. */
import { RULE_DEFAULTS } from './rule.ts';
import type { DegradedPolicy, FlapPolicy, Rule, SidePolicy } from './rule.ts';
import type { PrometheusRule, RuleText } from './rule-shape.ts';
import type { AlertSeverity } from './transition.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
  d: 24 * 3_600_000,
  w: 7 * 24 * 3_600_000,
};

export function ruleFrom(text: RuleText): Rule {
  const [m, n] = text.m_of_n ?? [RULE_DEFAULTS.mOfN.m, RULE_DEFAULTS.mOfN.n];
  const { min_volume: volume } = text;
  return {
    name: text.name,
    query: text.query ?? null,
    saved: text.saved ?? null,
    when: text.when ?? null,
    by: text.by ?? null,
    forMs: durationMs(text.for, RULE_DEFAULTS.forMs),
    mOfN: { m, n },
    keepFiringMs: durationMs(text.keep_firing_for, RULE_DEFAULTS.keepFiringMs),
    clearWhen: text.clear_when ?? null,
    minVolume: volume === undefined ? null : { of: volume.of, atLeast: volume.at_least },
    flap: flapFrom(text.flap),
    severity: text.severity ?? RULE_DEFAULTS.severity,
    labels: text.labels ?? {},
    annotations: text.annotations ?? {},
    runbook: text.runbook ?? null,
    owner: text.owner ?? null,
    route: text.route ?? null,
    onSilent: sideFrom(text.on_silent, RULE_DEFAULTS.onSilent),
    onDegraded: degradedFrom(text.on_degraded),
    onLag: sideFrom(text.on_engine_lag, RULE_DEFAULTS.onLag),
    paused: text.paused ?? false,
  };
}

/** `expr` is a query whose rows are the alerts, as a Prometheus expression's samples are. */
export function ruleFromPrometheus(
  rule: PrometheusRule,
  groupLabels: Readonly<Record<string, string>>,
): Rule {
  const labels: Record<string, string> = { ...groupLabels, ...rule.labels };
  const { severity, ...others } = labels;
  const isOurs = severity === 'critical' || severity === 'warning' || severity === 'info';
  const ours: AlertSeverity = isOurs ? severity : RULE_DEFAULTS.severity;
  return ruleFrom({
    name: rule.alert,
    query: rule.expr,
    severity: ours,
    labels: others,
    ...(rule.for === undefined ? {} : { for: rule.for }),
    ...(rule.keep_firing_for === undefined ? {} : { keep_firing_for: rule.keep_firing_for }),
    annotations: rule.annotations ?? {},
  });
}

/** `1h30m` and the like. */
export function durationMs(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    ms += Number(amount) * (UNITS_MS[unit ?? 's'] ?? 0);
  }
  return ms;
}

function flapFrom(text: RuleText['flap']): FlapPolicy | null {
  if (text === 'ignore') return null;
  const { flap } = RULE_DEFAULTS;
  return {
    episodes: text?.episodes ?? flap.episodes,
    withinMs: durationMs(text?.within, flap.withinMs),
    holdMs: durationMs(text?.hold, flap.holdMs),
  };
}

function sideFrom(text: RuleText['on_silent'], otherwise: SidePolicy): SidePolicy | null {
  if (text === 'ignore') return null;
  return {
    forMs: durationMs(text?.for, otherwise.forMs),
    severity: text?.severity ?? otherwise.severity,
  };
}

function degradedFrom(text: RuleText['on_degraded']): DegradedPolicy {
  return {
    below: text?.below ?? RULE_DEFAULTS.onDegraded.below,
    holdMs: durationMs(text?.hold, RULE_DEFAULTS.onDegraded.holdMs),
  };
}
