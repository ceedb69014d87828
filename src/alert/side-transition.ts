/** Transitions of the alerts about sources, engine and the rule itself. */
import type { CompiledRule } from './compiled-rule.ts';
import type { SideCondition, SideState } from './side-alert.ts';
import { episodeName } from './transition.ts';
import type { AlertSeverity, AlertTransition } from './transition.ts';

const SUMMARIES: Readonly<Record<SideCondition, string>> = {
  silent: 'Telemetry of {{rule}} is missing: {{why}}. Its alerts stay as they are.',
  lag: 'Squilla is behind with {{rule}}: {{why}}.',
  'rule-error': '{{rule}} cannot be evaluated: {{why}}.',
};

export function sideTransition(
  { rule, version, canonical, windowMs }: CompiledRule,
  alert: {
    readonly condition: SideCondition;
    readonly state: SideState;
    readonly outcome: 'fires' | 'ends';
    readonly severity: AlertSeverity;
    readonly nowMs: number;
  },
): AlertTransition {
  const { condition, state, outcome, severity } = alert;
  const nowMs = Math.floor(alert.nowMs);
  const episode = episodeName({ rule: rule.name, condition, key: '{}' }, state.openedMs);
  const fires = outcome === 'fires';
  return {
    id: `${episode}.${state.sequence}`,
    atMs: nowMs,
    window: null,
    rule: rule.name,
    ruleVersion: version,
    key: '{}',
    labels: { ...rule.labels, alertname: rule.name, severity, condition },
    episode,
    condition,
    from: fires ? 'ok' : 'firing',
    to: fires ? 'firing' : 'ok',
    startsAtMs: state.openedMs,
    endsAtMs: fires ? null : nowMs,
    severity,
    annotations: {
      templates: { summary: SUMMARIES[condition] },
      view: { rule: rule.name, why: state.why, severity, condition },
    },
    evidence: {
      values: {},
      previous: null,
      baseline: null,
      completeness: null,
      query: canonical,
      queryLink: { query: canonical, fromMs: nowMs - 10 * windowMs, toMs: nowMs },
      sparkline: [],
      contributors: [],
    },
    route: rule.route,
    runbook: rule.runbook,
    owner: rule.owner,
    reason: state.why,
  };
}
