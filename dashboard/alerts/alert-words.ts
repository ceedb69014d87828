/** Alerts as people read them: order, names, values, links. Pure. */
import type { AlertView } from '../../src/alert/alert-views.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { numberText, safeText } from '../format.ts';

const SEVERITIES: readonly string[] = ['critical', 'warning', 'info'];

/** Worst first; unknown ones after the known. */
export function severityRank(severity: string): number {
  const at = SEVERITIES.indexOf(severity);
  return at === -1 ? SEVERITIES.length : at;
}

export interface RuleGroup {
  readonly rule: string;
  readonly severity: string;
  /** Newest first. */
  readonly alerts: readonly AlertView[];
}

/** Alerts by rule: the worst rule first, then the one that fired last. */
export function groupByRule(alerts: readonly AlertView[]): readonly RuleGroup[] {
  const groups = new Map<string, AlertView[]>();
  for (const alert of alerts) {
    const known = groups.get(alert.rule);
    if (known === undefined) groups.set(alert.rule, [alert]);
    else known.push(alert);
  }
  return [...groups]
    .map(([rule, list]) => {
      list.sort((a, b) => b.startsAt - a.startsAt);
      const worst = list.reduce((a, b) =>
        severityRank(b.severity) < severityRank(a.severity) ? b : a,
      );
      return { rule, severity: worst.severity, alerts: list };
    })
    .sort(
      (a, b) =>
        severityRank(a.severity) - severityRank(b.severity) ||
        (b.alerts[0]?.startsAt ?? 0) - (a.alerts[0]?.startsAt ?? 0),
    );
}

/** Labels that tell an alert from others of its rule. */
export function ownLabels(
  labels: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  return Object.entries(labels).filter(([name]) => !COMMON_LABELS.has(name));
}

const COMMON_LABELS: ReadonlySet<string> = new Set(['alertname', 'severity']);

/** Matchers that mute exactly this alert's labels, as the API takes them. */
export function matchersFor(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(labels)
    .filter(([name]) => name !== 'severity')
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
}

/** Only web addresses become links: a rule's text is data, and `javascript:` is an address too. */
export function webLink(address: string | null): string | null {
  if (address === null) return null;
  try {
    const url = new URL(address);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

export interface DecidingValue {
  readonly column: string;
  readonly fired: number;
  /** In the newest window; null: no number there. */
  readonly now: number | null;
}

/**
 * The column that decided is the one whose value ends the evidence's series; null: none is known.
 */
export function decidingValue(alert: AlertView): DecidingValue | null {
  const evidence = alert.evidence as Partial<EvidenceParts>;
  const last = evidence.sparkline?.at(-1)?.value;
  const fired = evidence.values ?? {};
  if (typeof last !== 'number') return null;
  const column = Object.keys(fired).find(
    (name) => fired[name] === last && !/^window_(?:start|end)$/.test(name),
  );
  if (column === undefined) return null;
  const now = (alert.values as Readonly<Record<string, unknown>>)[column];
  return { column, fired: last, now: typeof now === 'number' ? now : null };
}

export interface EvidenceParts {
  readonly values: Readonly<Record<string, unknown>>;
  readonly baseline: unknown;
  readonly sparkline: readonly { readonly atMs: number; readonly value: number | null }[];
  readonly contributors: readonly {
    readonly key: Readonly<Record<string, unknown>>;
    readonly value: number;
    readonly previous: number | null;
  }[];
  readonly query: string;
  /** Events of the window; older alerts have none. */
  readonly exemplars: readonly ValueObject[];
  readonly completeness: {
    readonly agents: { readonly expected: number; readonly reporting: number };
    readonly status: string;
  } | null;
}

export function evidenceOf({ evidence }: AlertView): Partial<EvidenceParts> {
  return evidence;
}

/** A key as the API writes it, `{"region":"eu"}`, as `region eu`. */
export function keyText(key: string): string {
  try {
    const parsed: unknown = JSON.parse(key);
    if (typeof parsed !== 'object' || parsed === null) return safeText(key);
    const parts = Object.entries(parsed).map(([name, value]) => `${name} ${String(value)}`);
    return parts.length === 0 ? 'all' : safeText(parts.join(' · '));
  } catch {
    return safeText(key);
  }
}

/** Columns of a row that say something, `sps 9 · starts 12`. */
export function rowText(row: object, keyNames: readonly string[] = []): string {
  return Object.entries(row)
    .filter(([name, value]) => typeof value === 'number' && !name.startsWith('window_'))
    .filter(([name]) => !keyNames.includes(name))
    .slice(0, 4)
    .map(([name, value]) => `${safeText(name, 40)} ${numberText(value as number)}`)
    .join(' · ');
}
