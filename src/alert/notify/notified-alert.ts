/**
 * One episode of an alert as people are told of it, whether a rule of ours or a Prometheus that
 * sends us its alerts raised it. JSON-safe: it is stored, and travels in notifications.
 */
import { createHash } from 'node:crypto';
import type { AlertEvidence, AlertSeverity } from '../transition.ts';
import type { Labels } from './matcher.ts';

export interface NotifiedAlert {
  /** The episode: from the first firing to its end. Unique, and the same after a restart. */
  readonly episode: string;
  /** The alert that the episode is of; 16 hexadecimal digits. */
  readonly fingerprint: string;
  readonly origin: 'rule' | 'posted';
  readonly labels: Labels;
  /** Rendered. */
  readonly annotations: Labels;
  readonly severity: AlertSeverity;
  readonly startsAtMs: number;
  /** Null while it fires. */
  readonly endsAtMs: number | null;
  readonly updatedAtMs: number;
  /** A posted alert that is not posted again until then has ended; null: it has no such time. */
  readonly expiresAtMs: number | null;
  /** Opens what it was raised by: our query at the time, or the page the sender named. */
  readonly link: string | null;
  readonly runbook: string | null;
  readonly owner: string | null;
  /** Name of the route that its rule asks for. */
  readonly route: string | null;
  /** Why it fires or has ended, in a sentence. */
  readonly reason: string;
  /** Null for posted alerts. */
  readonly evidence: AlertEvidence | null;
}

export function isFiringAlert(alert: NotifiedAlert): boolean {
  return alert.endsAtMs === null;
}

/** Equal for equal label sets, whatever the order. */
export function fingerprintOf(labels: Labels, ...also: readonly string[]): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return digest(JSON.stringify([pairs, ...also])).slice(0, 16);
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function nameOf(alert: Pick<NotifiedAlert, 'labels'>): string {
  return alert.labels['alertname'] ?? 'alert';
}
