/**
 * Alerts as Prometheus and others post them to `/api/v2/alerts`. Who posts keeps posting while the
 * alert lasts; one that is not posted again until its `endsAt` has ended, as the protocol has it.
 */
import { DEFAULTS } from '../../config.ts';
import { err, ok } from '../../core/result.ts';
import type { Result } from '../../core/result.ts';
import type { AlertSeverity } from '../transition.ts';
import { digest, fingerprintOf } from './notified-alert.ts';
import type { NotifiedAlert } from './notified-alert.ts';
import type { Labels } from './matcher.ts';

export interface PostedAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Null: now. */
  readonly startsAtMs: number | null;
  /** Null: `postedAlertMs` from now. */
  readonly endsAtMs: number | null;
  readonly link: string | null;
}

/** An array of alerts, from a body; the first mistake as a sentence. */
export function postedAlertsFrom(body: unknown): Result<readonly PostedAlert[], string> {
  if (!Array.isArray(body)) return err('the body must be an array of alerts');
  if (body.length > DEFAULTS.postedAlertsMax) {
    return err(`at most ${DEFAULTS.postedAlertsMax} alerts may be posted at once`);
  }
  const alerts: PostedAlert[] = [];
  for (const [index, item] of body.entries()) {
    const alert = postedAlertFrom(item);
    if (!alert.ok) return err(`alert ${index + 1}: ${alert.error}`);
    alerts.push(alert.value);
  }
  return ok(alerts);
}

function postedAlertFrom(item: unknown): Result<PostedAlert, string> {
  const { labels, annotations, startsAt, endsAt, generatorURL } = (item ?? {}) as Record<
    string,
    unknown
  >;
  const kept = labelsFrom(labels);
  if (kept === null) return err('`labels` must be an object of texts');
  if ((kept['alertname'] ?? '') === '') return err('the label `alertname` is missing');
  const notes = labelsFrom(annotations ?? {});
  if (notes === null) return err('`annotations` must be an object of texts');
  const startsAtMs = timeFrom(startsAt);
  const endsAtMs = timeFrom(endsAt);
  if (startsAtMs === undefined || endsAtMs === undefined) return err('a time is not RFC 3339');
  if (startsAtMs !== null && endsAtMs !== null && endsAtMs < startsAtMs) {
    return err('`endsAt` is before `startsAt`');
  }
  return ok({
    labels: kept,
    annotations: notes,
    startsAtMs,
    endsAtMs,
    link: linkFrom(generatorURL),
  });
}

/** The episode after the post; `known` is the alert's newest one, if any. */
export function alertFromPost(
  post: PostedAlert,
  known: NotifiedAlert | null,
  nowMs: number,
): NotifiedAlert {
  const fingerprint = fingerprintOf(post.labels);
  const lasting = known !== null && known.endsAtMs === null ? known : null;
  const expiresAtMs = post.endsAtMs ?? nowMs + DEFAULTS.postedAlertMs;
  const hasEnded = expiresAtMs <= nowMs;
  const startsAtMs = lasting?.startsAtMs ?? post.startsAtMs ?? nowMs;
  return {
    episode: lasting?.episode ?? digest(JSON.stringify([fingerprint, startsAtMs])).slice(0, 32),
    fingerprint,
    origin: 'posted',
    labels: post.labels,
    annotations: post.annotations,
    severity: severityOf(post.labels),
    startsAtMs,
    // A sender's clock may be behind ours.
    endsAtMs: hasEnded ? Math.max(expiresAtMs, startsAtMs) : null,
    updatedAtMs: nowMs,
    expiresAtMs: hasEnded ? null : expiresAtMs,
    link: post.link,
    runbook: post.annotations['runbook_url'] ?? null,
    owner: post.labels['owner'] ?? post.labels['team'] ?? null,
    route: null,
    reason: hasEnded ? 'the sender says that it has ended' : 'posted by another system',
    evidence: null,
  };
}

function severityOf({ severity }: Labels): AlertSeverity {
  if (severity === 'critical' || severity === 'page') return 'critical';
  return severity === 'info' || severity === 'none' ? 'info' : 'warning';
}

function labelsFrom(value: unknown): Record<string, string> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const labels: Record<string, string> = {};
  const entries = Object.entries(value);
  if (entries.length > DEFAULTS.alertLabelsMax) return null;
  for (const [name, text] of entries) {
    if (typeof text !== 'string' || text.length > DEFAULTS.annotationLengthMax) return null;
    // An empty label is as good as none.
    if (text !== '' && name !== '__proto__') labels[name] = text;
  }
  return labels;
}

/** Null: none given, as Go's zero time is too; undefined: no time. */
function timeFrom(value: unknown): number | null | undefined {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d[Tt ]/.test(value)) return undefined;
  const timeMs = Date.parse(value);
  if (Number.isNaN(timeMs)) return undefined;
  return timeMs <= 0 ? null : timeMs;
}

/** Only what a browser may open from a page of ours. */
function linkFrom(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 2_048 || !URL.canParse(value)) return null;
  const { protocol } = new URL(value);
  return protocol === 'http:' || protocol === 'https:' ? value : null;
}
