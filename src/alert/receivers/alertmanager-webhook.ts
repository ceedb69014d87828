/** What speaks Alertmanager's webhook, version 4: the dozens of bridges that exist. */
import { nameOf } from '../notify/notified-alert.ts';
import type { Notification } from '../notify/notification.ts';
import { annotationsOf, commonOf, webhookAlert } from './alertmanager-alert.ts';
import type { ReceiverKind } from './contract.ts';
import { deliveryFrom, post } from './http-delivery.ts';

export const ALERTMANAGER_WEBHOOK: ReceiverKind = {
  type: 'alertmanager-webhook',
  read: (fields) => {
    const url = fields.url('url');
    const token = fields.secret('token', false);
    const allowPrivate = fields.boolean('allowPrivate', false);
    return (parts) => ({
      deliver: async (notification) => {
        if (notification.reason === 'acknowledged') {
          return { outcome: 'taken', note: 'acknowledgements have no place in this webhook' };
        }
        const headers = {
          'Content-Type': 'application/json',
          ...(token !== null && { Authorization: `Bearer ${token.reveal()}` }),
        };
        const body = JSON.stringify(webhookBody(notification));
        return deliveryFrom(await post(parts, notification, { url, headers, body, allowPrivate }));
      },
    });
  },
};

export function webhookBody(notification: Notification): object {
  const { alerts, group, receiver, status, truncated, reason } = notification;
  const [first] = alerts;
  return {
    version: '4',
    groupKey: group.key,
    truncatedAlerts: truncated,
    status,
    receiver,
    groupLabels: group.labels,
    commonLabels: commonOf(alerts.map(({ labels }) => labels)),
    commonAnnotations: commonOf(alerts.map(annotationsOf)),
    externalURL: externalUrlOf(first?.link ?? null),
    notification_reason: reason,
    alerts:
      first === undefined
        ? [{ status, labels: { alertname: nameOf({ labels: {} }) } }]
        : alerts.map(webhookAlert),
  };
}

function externalUrlOf(link: string | null): string {
  return link === null || !URL.canParse(link) ? '' : new URL(link).origin;
}
