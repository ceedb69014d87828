/**
 * Our alerts in the shapes of Alertmanager, for its API, its webhook and ourselves in its place.
 */
import { isFiringAlert } from '../notify/notified-alert.ts';
import type { NotifiedAlert } from '../notify/notified-alert.ts';
import type { Labels } from '../notify/matcher.ts';
import { linesOf } from './page.ts';

/** Go's zero time: it has not ended. */
export const NO_END = '0001-01-01T00:00:00Z';

export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Lines of a page that Alertmanager has no place for. */
const PAGE_LINES: ReadonlySet<string> = new Set(['value', 'trend', 'seen', 'moved', 'example']);

/** Annotations of the rule, and with them what a page needs. */
export function annotationsOf(alert: NotifiedAlert): Labels {
  const lines = linesOf(alert).filter(({ name }) => PAGE_LINES.has(name));
  return {
    ...Object.fromEntries(lines.map(({ name, text }) => [name, text])),
    ...alert.annotations,
    reason: alert.reason,
    ...(alert.runbook !== null && { runbook_url: alert.runbook }),
  };
}

/** Members that the labels or annotations of all alerts share, with equal values. */
export function commonOf(sets: readonly Labels[]): Labels {
  const [first = {}, ...others] = sets;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((set) => set[name] === value)),
  );
}

export function webhookAlert(alert: NotifiedAlert): object {
  return {
    status: isFiringAlert(alert) ? 'firing' : 'resolved',
    labels: alert.labels,
    annotations: annotationsOf(alert),
    startsAt: isoTime(alert.startsAtMs),
    endsAt: alert.endsAtMs === null ? NO_END : isoTime(alert.endsAtMs),
    generatorURL: alert.link ?? '',
    fingerprint: alert.fingerprint,
  };
}
