/** A notification about one or more alerts of a rule, to look at what receivers make of it. */
import type { NotifiedAlert } from '../../src/alert/notify/notified-alert.ts';
import type { Notification } from '../../src/alert/notify/notification.ts';
import { EVIDENCE, START_MS } from './notify-world.ts';

export function sampleAlert(changes: Partial<NotifiedAlert> = {}): NotifiedAlert {
  return {
    episode: 'e'.repeat(32),
    fingerprint: '0123456789abcdef',
    origin: 'rule',
    labels: { alertname: 'sps-drop', severity: 'critical', region: 'eu-west' },
    annotations: { summary: 'starts fell', description: 'from 100 to 3 <b>' },
    severity: 'critical',
    startsAtMs: START_MS,
    endsAtMs: null,
    updatedAtMs: START_MS,
    expiresAtMs: null,
    link: 'http://squilla.test/#q=select&run=1',
    runbook: 'https://wiki.test/sps',
    owner: 'playback',
    route: null,
    reason: 'value 3 below 10 for 30 s',
    evidence: {
      ...EVIDENCE,
      completeness: {
        status: 'complete',
        reasons: [],
        agents: { expected: 3, reporting: 3, missing: [] },
        events: { seen: 10, matched: 3, late: 0, dropped: {} },
        sampleFactor: 1,
        coveredMs: 1_000,
        traffic: 'flowing',
        source: 'live',
        engine: 'current',
        watermark: START_MS,
        emittedAt: START_MS,
      },
    },
    ...changes,
  };
}

export function sampleNotification(changes: Partial<Notification> = {}): Notification {
  return {
    id: 'd'.repeat(32),
    incident: 'i'.repeat(32),
    receiver: 'oncall',
    reason: 'new',
    status: 'firing',
    atMs: START_MS + 1_000,
    group: { key: '{} {"alertname":"sps-drop"}', labels: { alertname: 'sps-drop' } },
    alerts: [sampleAlert()],
    truncated: 0,
    acknowledgement: null,
    ...changes,
  };
}

export function endedSample(): Notification {
  const alerts = [sampleAlert({ endsAtMs: START_MS + 60_000, reason: 'value 98 above 10' })];
  return sampleNotification({ alerts, reason: 'resolved', status: 'resolved' });
}
