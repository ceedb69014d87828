/** Transitions of a rule's own alerts, with the evidence that a page shows. */
import type { ToldWindow } from '../coordinator/window-cycle.ts';
import { numberText } from '../model/value-text.ts';
import type { Value, ValueObject } from '../model/value.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { episodeName, EXEMPLARS_MAX } from './transition.ts';
import type { AlertState, AlertTransition, Contributor, SparkPoint } from './transition.ts';
import { keyLabels } from './watched-key.ts';
import type { WatchedKey } from './watched-key.ts';
import type { WindowTrail } from './window-trail.ts';

const CONTRIBUTORS_MAX = 5;
/** A link shows this many windows before the one that decided. */
const LINK_WINDOWS = 30;

export interface MovedAlert {
  readonly rule: CompiledRule;
  readonly key: WatchedKey;
  readonly from: AlertState;
  readonly to: AlertState;
}

export interface MoveCause {
  /** Null: a person or a reload did it. */
  readonly window: ToldWindow | null;
  readonly nowMs: number;
  readonly trail: WindowTrail;
  readonly keys: Iterable<WatchedKey>;
  readonly why?: string;
}

export function keyTransition(alert: MovedAlert, cause: MoveCause): AlertTransition {
  const { key, from, to } = alert;
  const { rule, version } = alert.rule;
  const { state } = key;
  const nowMs = Math.floor(cause.nowMs);
  const window =
    cause.window === null ? null : { startMs: cause.window.startMs, endMs: cause.window.endMs };
  const endedMs = window?.endMs ?? nowMs;
  const { text } = key;
  const episode = episodeName(
    { rule: rule.name, condition: 'threshold', key: text },
    state.openedMs,
  );
  const startsAtMs = startOf(alert);
  const reason = cause.why ?? reasonOf(alert);
  return {
    id: `${episode}.${state.sequence}`,
    atMs: nowMs,
    window,
    rule: rule.name,
    ruleVersion: version,
    key: text,
    labels: {
      ...rule.labels,
      ...keyLabels(key.key),
      alertname: rule.name,
      severity: rule.severity,
    },
    episode,
    condition: 'threshold',
    from,
    to,
    startsAtMs,
    endsAtMs: to === 'ok' ? endedMs : null,
    severity: rule.severity,
    annotations: { templates: rule.annotations, view: viewOf(alert, cause, startsAtMs, reason) },
    evidence: evidenceOf(alert, cause, endedMs),
    route: rule.route,
    runbook: rule.runbook,
    owner: rule.owner,
    reason,
  };
}

function startOf({ key, to }: MovedAlert): number {
  const { firedMs, openedMs } = key.state;
  if (to === 'ok') return key.transition?.startsAtMs ?? openedMs;
  return firedMs === 0 ? openedMs : firedMs;
}

function evidenceOf(
  { rule, key }: MovedAlert,
  cause: MoveCause,
  endedMs: number,
): AlertTransition['evidence'] {
  return {
    values: key.row ?? {},
    previous: previousOf(rule, key, cause.trail),
    baseline: baselineOf(rule, key.row),
    completeness: cause.window?.completeness ?? null,
    query: rule.canonical,
    queryLink: {
      query: rule.canonical,
      fromMs: endedMs - rule.windowMs - LINK_WINDOWS * rule.stepMs,
      toMs: endedMs,
    },
    sparkline: sparkline(key, cause.trail),
    exemplars: exemplarsOf(key.row),
    contributors: contributors(key, cause),
  };
}

/** What the trail remembers of the key one window earlier. */
function previousOf(
  { valueColumn }: CompiledRule,
  { key, place }: WatchedKey,
  trail: WindowTrail,
): ValueObject | null {
  const value = trail.value(place, trail.newest - 1);
  if (valueColumn === null || Number.isNaN(value)) return null;
  return { ...key, [valueColumn]: value };
}

/** Events of the first column that is a list of such. */
function exemplarsOf(row: ValueObject | null): readonly ValueObject[] {
  for (const value of Object.values(row ?? {})) {
    if (Array.isArray(value) && value.length > 0 && value.every(isEvent)) {
      return value.slice(0, EXEMPLARS_MAX);
    }
  }
  return [];
}

function isEvent(value: Value): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The other number that the condition reads beside the value itself. */
function baselineOf({ when, valueColumn }: CompiledRule, row: ValueObject | null): Value {
  const other = when?.columns.find((name) => name !== valueColumn);
  const value = other === undefined ? null : row?.[other];
  return typeof value === 'number' ? value : null;
}

function viewOf(
  { rule, key, to }: MovedAlert,
  cause: MoveCause,
  startsAtMs: number,
  reason: string,
): ValueObject {
  const { completeness, startMs, endMs } = cause.window ?? {};
  const value = rule.valueColumn === null ? null : (key.row?.[rule.valueColumn] ?? null);
  return {
    ...{ rule: rule.rule.name, severity: rule.rule.severity, state: to, reason },
    key: key.key,
    row: key.row ?? {},
    previous: previousOf(rule, key, cause.trail) ?? {},
    value,
    baseline: baselineOf(rule, key.row),
    window: { start: isoTime(startMs), end: isoTime(endMs) },
    since: isoTime(startsAtMs),
    completeness: {
      status: completeness?.status ?? null,
      reporting: completeness?.agents.reporting ?? null,
      expected: completeness?.agents.expected ?? null,
    },
    exemplars: exemplarsOf(key.row),
    labels: rule.rule.labels,
    ...{ runbook: rule.rule.runbook, owner: rule.rule.owner },
  };
}

function reasonOf({ rule, key, from, to }: MovedAlert): string {
  const { when, clearWhen } = rule;
  const text = when?.text ?? 'the query gives a row';
  const values = valuesText(rule, key.row);
  switch (to) {
    case 'pending':
    case 'firing':
      return `${text}${patienceText(rule, from)}${values}`;
    case 'recovering':
    case 'ok':
      if (from === 'pending') return `not for long enough: ${text}${values}`;
      if (key.row === null) return `no longer among the rows: ${text}`;
      return clearWhen === null ? `no longer: ${text}${values}` : `${clearWhen.text}${values}`;
  }
}

function patienceText({ rule }: CompiledRule, from: AlertState): string {
  if (from !== 'pending') return '';
  return ` for ${rule.forMs / 1_000} s`;
}

/** ` (n = 3, expected = 40)`: the columns that the condition reads. */
function valuesText({ when, valueColumn }: CompiledRule, row: ValueObject | null): string {
  if (row === null) return '';
  const names = when?.columns ?? (valueColumn === null ? [] : [valueColumn]);
  const parts = names.flatMap((name) => {
    const value = row[name];
    if (value === undefined || (typeof value === 'object' && value !== null)) return [];
    return [`${name} = ${typeof value === 'number' ? numberText(value) : String(value)}`];
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function sparkline({ place }: WatchedKey, trail: WindowTrail): SparkPoint[] {
  const points: SparkPoint[] = [];
  for (let window = trail.oldest; window <= trail.newest; window++) {
    const note = trail.at(window);
    if (note === null) continue;
    const value = trail.value(place, window);
    points.push({ atMs: note.endMs, value: Number.isNaN(value) ? null : value });
  }
  return points;
}

/** Other keys whose value moved most between the last two windows. */
function contributors(own: WatchedKey, { trail, keys, window }: MoveCause): Contributor[] {
  if (window === null) return [];
  const found: { key: ValueObject; value: number; previous: number | null; moved: number }[] = [];
  let least = 0;
  for (const other of keys) {
    if (other === own) continue;
    const value = trail.value(other.place, trail.newest);
    const before = trail.value(other.place, trail.newest - 1);
    const moved = Math.abs(value - before);
    if (!(moved > least)) continue;
    found.push({ key: other.key, value, previous: Number.isNaN(before) ? null : before, moved });
    if (found.length <= CONTRIBUTORS_MAX) continue;
    found.sort((a, b) => b.moved - a.moved).pop();
    least = found.at(-1)?.moved ?? 0;
  }
  found.sort((a, b) => b.moved - a.moved);
  return found.map(({ key, value, previous }) => ({ key, value, previous }));
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
