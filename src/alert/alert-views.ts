/** What the API says of rules and alerts. JSON-safe. */
import type { Acknowledgement } from './notify/notification.ts';
import type { Muted } from './notify/notifier-messages.ts';
import type { AlertService } from './alert-service.ts';
import type { RuleEntry } from './rule-book.ts';
import type { RuleWatch } from './rule-watch.ts';
import { isFiring } from './transition.ts';
import type { AlertCondition, AlertState, FiringAlert } from './transition.ts';

export type RuleHealth = 'ok' | 'broken' | 'deaf' | 'paused' | 'silent' | 'late' | 'full';

export interface RuleView {
  readonly name: string;
  readonly version: number;
  readonly origin: string;
  readonly author: string;
  readonly updatedAt: number;
  /** As it runs, with the columns that the conditions need. */
  readonly query: string;
  /** Name of the saved query that it asks; null: it has its own. */
  readonly saved: string | null;
  readonly when: string | null;
  readonly severity: string;
  readonly owner: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** The worst state of its alerts. */
  readonly state: AlertState;
  readonly health: RuleHealth;
  /** Why it is not well; null: it is. */
  readonly trouble: string | null;
  /** End of the newest window that was evaluated, ms UTC; null: none yet. */
  readonly evaluatedThrough: number | null;
  readonly alerts: { readonly watched: number; readonly pending: number; readonly firing: number };
}

export interface RuleDetail extends RuleView {
  /** The rule alone, in YAML. */
  readonly text: string;
  readonly keys: readonly KeyView[];
}

export interface KeyView {
  readonly key: string;
  readonly state: AlertState;
  readonly values: object;
  /** Newest last; null: no number. */
  readonly trail: readonly (number | null)[];
}

/** Where an incident stands on its route's ladder. */
export interface Escalation {
  readonly stepsDone: number;
  readonly steps: number;
  /** Null: all steps are done, or somebody has acknowledged. */
  readonly next: { readonly receiver: string; readonly atMs: number } | null;
}

/** What the notifier makes of an alert. */
export interface AlertNotified {
  /** Why nobody is told; all empty: somebody is. */
  readonly muted: Muted;
  /** Id of the incident that it is told in; null: it is told in none (yet). */
  readonly incident: string | null;
  readonly acknowledgement: Acknowledgement | null;
  /** Null: its route has no ladder, or the incident has not begun. */
  readonly escalation: Escalation | null;
  readonly receivers: readonly string[];
}

export interface AlertView extends AlertNotified {
  readonly rule: string;
  readonly condition: AlertCondition;
  readonly key: string;
  readonly state: AlertState;
  readonly episode: string;
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly reason: string;
  readonly values: object;
  readonly evidence: object;
  readonly annotations: object;
  readonly runbook: string | null;
  readonly owner: string | null;
  readonly evaluatedThrough: number | null;
}

/** Alerts of one rule that are listed; the others are counted. */
const KEYS_LISTED = 1_000;

export function ruleView(service: AlertService, entry: RuleEntry): RuleView {
  const { rule, version, origin, author, atMs } = entry;
  const watch = service.engine.watch(rule.name);
  const [health, trouble] = healthOf(service, entry, watch);
  const firing = watch === null ? 0 : [...watch.firing()].length;
  const pending = watch?.pendingCount() ?? 0;
  const through = watch?.evaluatedThroughMs ?? -Infinity;
  return {
    name: rule.name,
    version,
    origin,
    author,
    updatedAt: Math.floor(atMs),
    query: watch?.rule.query ?? rule.query ?? '',
    saved: rule.saved,
    when: rule.when,
    severity: rule.severity,
    owner: rule.owner,
    labels: rule.labels,
    state: firing > 0 ? 'firing' : pending > 0 ? 'pending' : 'ok',
    health,
    trouble,
    evaluatedThrough: Number.isFinite(through) ? through : null,
    alerts: { watched: watch?.keyCount ?? 0, pending, firing },
  };
}

export function ruleDetail(service: AlertService, entry: RuleEntry): RuleDetail {
  const watch = service.engine.watch(entry.rule.name);
  const keys: KeyView[] = [];
  for (const { text, state, row, place } of watch?.keys() ?? []) {
    if (keys.length >= KEYS_LISTED) break;
    const values: (number | null)[] = [];
    const { trail } = watch!;
    const { oldest, newest } = trail;
    for (let window = oldest; window <= newest; window++) {
      const value = trail.value(place, window);
      values.push(Number.isNaN(value) ? null : value);
    }
    keys.push({ key: text, state: state.state, values: row ?? {}, trail: values });
  }
  return { ...ruleView(service, entry), text: entry.text, keys };
}

/** `notified`: null where nobody is told of anything. */
export function alertView(
  { transition, evaluatedThroughMs, values }: FiringAlert,
  notified: AlertNotified | null,
): AlertView {
  const { annotations, evidence, startsAtMs, to } = transition;
  return {
    rule: transition.rule,
    condition: transition.condition,
    key: transition.key,
    state: to,
    episode: transition.episode,
    severity: transition.severity,
    labels: transition.labels,
    startsAt: startsAtMs,
    reason: transition.reason,
    values,
    evidence,
    annotations: annotations.templates,
    runbook: transition.runbook,
    owner: transition.owner,
    evaluatedThrough: Number.isFinite(evaluatedThroughMs) ? evaluatedThroughMs : null,
    ...(notified ?? NOT_NOTIFIED),
  };
}

const NOT_NOTIFIED: AlertNotified = {
  muted: { silences: [], maintenance: [], inhibitions: [] },
  incident: null,
  acknowledgement: null,
  escalation: null,
  receivers: [],
};

function healthOf(
  { engine }: AlertService,
  { rule }: RuleEntry,
  watch: RuleWatch | null,
): [RuleHealth, string | null] {
  const [mistake] = engine.mistakes(rule.name);
  if (mistake !== undefined) return ['broken', `${mistake.field}: ${mistake.message}`];
  if (rule.paused) return ['paused', null];
  const deafness = engine.deafness(rule.name);
  if (deafness !== null) return ['deaf', deafness];
  if (watch === null) return ['deaf', 'it has not begun'];
  if (watch.gap !== null) return ['silent', watch.sides.state('silent').why];
  const lag = watch.sides.state('lag');
  if (lag.sinceMs !== null) return ['late', lag.why];
  if (watch.keysRefused > 0) return ['full', 'it tells more alerts apart than `ruleKeysMax`'];
  return ['ok', null];
}

// ---- Prometheus' shapes -------------------------------------------------------------------------

/** As Prometheus answers `/api/v1/alerts`. */
export function prometheusAlerts(service: AlertService): object {
  const alerts = service.book.entries().flatMap(({ rule }) => activeAlerts(service, rule.name));
  return { status: 'success', data: { alerts } };
}

/** As Prometheus answers `/api/v1/rules`: a group for each origin. */
export function prometheusRules(service: AlertService): object {
  const groups = new Map<string, object[]>();
  for (const entry of service.book.entries()) {
    const { rule, origin } = entry;
    const view = ruleView(service, entry);
    const rules = groups.get(origin) ?? [];
    rules.push({
      type: 'alerting',
      name: rule.name,
      query: view.query,
      duration: rule.forMs / 1_000,
      keepFiringFor: rule.keepFiringMs / 1_000,
      labels: { ...rule.labels, severity: rule.severity },
      annotations: rule.annotations,
      state: view.state === 'ok' ? 'inactive' : view.state,
      health: view.health === 'broken' || view.health === 'deaf' ? 'err' : 'ok',
      ...(view.trouble === null ? {} : { lastError: view.trouble }),
      lastEvaluation: isoTime(view.evaluatedThrough),
      evaluationTime: 0,
      alerts: activeAlerts(service, rule.name),
    });
    groups.set(origin, rules);
  }
  const data = [...groups].map(([name, rules]) => ({
    ...{ name, file: name, rules, interval: 0, limit: 0, evaluationTime: 0 },
    lastEvaluation: isoTime(null),
  }));
  return { status: 'success', data: { groups: data } };
}

function activeAlerts(service: AlertService, rule: string): object[] {
  const watch = service.engine.watch(rule);
  if (watch === null) return [];
  const pending = [...watch.pending()];
  return [...pending, ...[...watch.firing()].map(({ transition }) => transition)].map(
    ({ labels, annotations, to, startsAtMs, evidence }) => ({
      labels,
      annotations: annotations.templates,
      state: isFiring(to) ? 'firing' : 'pending',
      activeAt: isoTime(startsAtMs),
      value: valueText(evidence.sparkline.at(-1)?.value ?? null),
    }),
  );
}

function valueText(value: number | null): string {
  return value === null ? 'NaN' : String(value);
}

function isoTime(ms: number | null): string {
  return ms === null ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString();
}
