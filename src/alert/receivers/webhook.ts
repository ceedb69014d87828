/**
 * Any program: one CloudEvent for each notification, in structured JSON, signed when a secret is
 * given. The signature is over time and body, so that an old request cannot be sent again.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
import { createHmac } from 'node:crypto';
import type { Notification } from '../notify/notification.ts';
import type { Delivery, ReceiverKind, ReceiverParts } from './contract.ts';
import { deliveryFrom, post } from './http-delivery.ts';
import { isoTime } from './alertmanager-alert.ts';
import { linesOf, titleOf } from './page.ts';
import type { Secret } from './secret.ts';

interface Settings {
  readonly url: string;
  readonly secret: Secret | null;
  readonly token: Secret | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly allowPrivate: boolean;
}

/** Headers that a setting must not take over. */
const OWN_HEADERS = /^(?:host|content-.*|transfer-encoding|connection|squilla-.*)$/i;
const TOKEN_HEADERS = /^(?:authorization|cookie|x-api-key)$/i;

export const WEBHOOK: ReceiverKind = {
  type: 'webhook',
  read: (fields) => {
    const settings: Settings = {
      url: fields.url('url'),
      secret: fields.secret('secret', false),
      token: fields.secret('token', false),
      headers: fields.pairs('headers'),
      allowPrivate: fields.boolean('allowPrivate', false),
    };
    for (const name of Object.keys(settings.headers)) {
      if (OWN_HEADERS.test(name)) fields.mistake('headers', `${name} is set by Squilla`);
      if (TOKEN_HEADERS.test(name)) fields.mistake('headers', `${name}: use \`tokenFile\``);
    }
    return (parts) => ({ deliver: (notification) => deliver(notification, settings, parts) });
  },
};

async function deliver(
  notification: Notification,
  settings: Settings,
  parts: ReceiverParts,
): Promise<Delivery> {
  const body = JSON.stringify(cloudEvent(notification));
  const headers: Record<string, string> = {
    ...settings.headers,
    'Content-Type': 'application/cloudevents+json; charset=utf-8',
  };
  if (settings.token !== null) headers['Authorization'] = `Bearer ${settings.token.reveal()}`;
  if (settings.secret !== null) {
    headers['Squilla-Signature'] = signature(body, settings.secret.reveal(), notification.atMs);
  }
  const { url, allowPrivate } = settings;
  return deliveryFrom(await post(parts, notification, { url, headers, body, allowPrivate }));
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA-256 of `SECONDS.BODY`. */
export function signature(body: string, secret: string, atMs: number): string {
  const seconds = Math.floor(atMs / 1_000);
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}

export function cloudEvent(notification: Notification): object {
  const { id, reason, status, atMs, incident, receiver, group, alerts, truncated } = notification;
  const kind =
    reason === 'acknowledged' || reason === 'heartbeat' || reason === 'test' ? reason : status;
  return {
    specversion: '1.0',
    id,
    source: '/squilla/alerts',
    type: `dev.squilla.alert.${kind}`,
    ...(incident !== '' && { subject: incident }),
    time: isoTime(atMs),
    datacontenttype: 'application/json',
    data: {
      title: titleOf(notification),
      reason,
      status,
      incident,
      receiver,
      group,
      acknowledgement: notification.acknowledgement,
      truncated,
      alerts: alerts.map((alert) => ({
        ...alert,
        page: Object.fromEntries(linesOf(alert).map(({ name, text }) => [name, text])),
      })),
    },
  };
}
