/** Pages about Squilla itself: a test that somebody asked for, and the heartbeat. */
import type { Notification } from './notification.ts';

export type OwnReason = 'test' | 'heartbeat';

export interface OwnParts {
  readonly id: string;
  readonly receiver: string;
  readonly reason: OwnReason;
  readonly nowMs: number;
}

export function ownNotification({ id, receiver, reason, nowMs }: OwnParts): Notification {
  const isTest = reason === 'test';
  const alertname = isTest ? 'SquillaTest' : 'SquillaHeartbeat';
  const alert = {
    episode: id,
    fingerprint: '0000000000000000',
    origin: 'rule',
    labels: { alertname, severity: 'info' },
    annotations: { summary: isTest ? 'a test; nothing is wrong' : 'Squilla is alive' },
    severity: 'info',
    startsAtMs: nowMs,
    endsAtMs: null,
    updatedAtMs: nowMs,
    expiresAtMs: null,
    link: null,
    runbook: null,
    owner: null,
    route: null,
    reason: isTest ? 'somebody asked for it' : 'sent at every interval',
    evidence: null,
  } as const;
  return {
    id,
    // One key for all heartbeats and one for each test, so that an incident can be closed by hand.
    incident: isTest ? `squilla-test-${id}` : 'squilla-heartbeat',
    receiver,
    reason,
    status: 'firing',
    atMs: nowMs,
    group: { key: reason, labels: { alertname } },
    alerts: [alert],
    truncated: 0,
    acknowledgement: null,
  };
}
