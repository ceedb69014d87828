/**
 * Another Alertmanager, by its API v2: our alerts go through its routing and silences. It forgets
 * an alert that is not sent again, so ours carry an end that lies beyond the next repetition.
 */
import { isFiringAlert } from '../notify/notified-alert.ts';
import type { NotifiedAlert } from '../notify/notified-alert.ts';
import type { Notification } from '../notify/notification.ts';
import { annotationsOf, isoTime } from './alertmanager-alert.ts';
import type { ReceiverKind } from './contract.ts';
import { deliveryFrom, post } from './http-delivery.ts';

const HOLD_MS = 24 * 3_600_000;

export const ALERTMANAGER: ReceiverKind = {
  type: 'alertmanager',
  read: (fields) => {
    const url = fields.url('url').replace(/\/$/, '');
    const holdMs = fields.duration('holdFor', HOLD_MS);
    const token = fields.secret('token', false);
    const allowPrivate = fields.boolean('allowPrivate', false);
    return (parts) => ({
      deliver: async (notification) => {
        if (notification.reason === 'acknowledged' || notification.alerts.length === 0) {
          return { outcome: 'taken', note: 'nothing to say' };
        }
        const headers = {
          'Content-Type': 'application/json',
          ...(token !== null && { Authorization: `Bearer ${token.reveal()}` }),
        };
        const body = JSON.stringify(alertmanagerAlerts(notification, holdMs));
        return deliveryFrom(
          await post(parts, notification, {
            url: `${url}/api/v2/alerts`,
            headers,
            body,
            allowPrivate,
          }),
        );
      },
    });
  },
};

export function alertmanagerAlerts({ alerts, atMs }: Notification, holdMs: number): object[] {
  return alerts.map((alert: NotifiedAlert) => ({
    labels: alert.labels,
    annotations: annotationsOf(alert),
    startsAt: isoTime(alert.startsAtMs),
    endsAt: isoTime(isFiringAlert(alert) ? atMs + holdMs : (alert.endsAtMs ?? atMs)),
    generatorURL: alert.link ?? '',
  }));
}
