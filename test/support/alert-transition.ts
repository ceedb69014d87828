/** Builders of transitions and firing alerts for tests: whole ones, of which a test names parts. */
import { episodeName } from '../../src/alert/transition.ts';
import type { AlertTransition, FiringAlert } from '../../src/alert/transition.ts';

/** A transition into `firing` at 1,000 ms of window [0, 1000), unless `parts` say otherwise. */
export function alertTransition(parts: Partial<AlertTransition> = {}): AlertTransition {
  const rule = parts.rule ?? 'sps-drop';
  const key = parts.key ?? '{"region":"eu-west"}';
  const condition = parts.condition ?? 'threshold';
  const episode = parts.episode ?? episodeName({ rule, condition, key }, 1_000);
  return {
    id: `${episode}.1`,
    atMs: 1_060,
    window: { startMs: 0, endMs: 1_000 },
    rule,
    ruleVersion: 1,
    key,
    labels: { alertname: rule, severity: 'critical', region: 'eu-west' },
    episode,
    condition,
    from: 'ok',
    to: 'firing',
    startsAtMs: 1_000,
    endsAtMs: null,
    severity: 'critical',
    annotations: { templates: { summary: '{{key.region}}: {{row.n}}' }, view: {} },
    evidence: {
      values: { region: 'eu-west', n: 3 },
      previous: { region: 'eu-west', n: 40 },
      baseline: null,
      completeness: null,
      query: 'SELECT COUNT(*) AS n FROM plays WINDOW 1s GROUP BY region',
      queryLink: { query: 'SELECT COUNT(*) AS n FROM plays', fromMs: 0, toMs: 1_000 },
      sparkline: [{ atMs: 1_000, value: 3 }],
      contributors: [],
    },
    route: null,
    runbook: null,
    owner: null,
    reason: 'n < 10',
    ...parts,
  };
}

/** An alert that fires since {@link alertTransition}. */
export function firingAlert(parts: Partial<AlertTransition> = {}): FiringAlert {
  const transition = alertTransition(parts);
  return {
    transition,
    evaluatedThroughMs: transition.startsAtMs,
    values: transition.evidence.values,
  };
}
