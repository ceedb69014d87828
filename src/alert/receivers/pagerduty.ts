/**
 * PagerDuty, Events API v2: an incident is one alert there, by its dedup key; acknowledgements and
 * ends follow. What is too large for the API leaves out its details first.
 * @see https://developer.pagerduty.com/docs/events-api-v2/overview/
 */
import { isFiringAlert, nameOf } from '../notify/notified-alert.ts';
import type { NotifiedAlert } from '../notify/notified-alert.ts';
import type { Notification } from '../notify/notification.ts';
import type { AlertSeverity } from '../transition.ts';
import type { Delivery, ReceiverKind, ReceiverParts } from './contract.ts';
import { deliveryFrom, post } from './http-delivery.ts';
import { cut, linesOf, timeText, titleOf, trendAlt } from './page.ts';
import type { Secret } from './secret.ts';

const ENDPOINT = 'https://events.pagerduty.com/v2/enqueue';
const SUMMARY_MAX = 1_024;
const DEDUP_KEY_MAX = 255;
const BODY_BYTES_MAX = 512_000;
const DETAILED_ALERTS_MAX = 20;
const IMAGES_MAX = 3;

export interface PagerDutyEvent {
  readonly routing_key: string;
  readonly event_action: 'trigger' | 'acknowledge' | 'resolve';
  readonly dedup_key: string;
  readonly client?: string;
  readonly client_url?: string;
  readonly links?: readonly { readonly href: string; readonly text: string }[];
  readonly images?: readonly {
    readonly src: string;
    readonly href?: string;
    readonly alt: string;
  }[];
  readonly payload?: PagerDutyPayload;
}

interface PagerDutyPayload {
  readonly summary: string;
  readonly source: string;
  readonly severity: AlertSeverity;
  readonly timestamp: string;
  readonly component?: string;
  readonly group?: string;
  readonly class: string;
  readonly custom_details?: Readonly<Record<string, unknown>>;
}

interface Settings {
  readonly routingKey: Secret;
  readonly url: string;
  readonly allowPrivate: boolean;
}

export const PAGERDUTY: ReceiverKind = {
  type: 'pagerduty',
  read: (fields) => {
    const routingKey = fields.secret('routingKey');
    const url = fields.url('url', ENDPOINT);
    const allowPrivate = fields.boolean('allowPrivate', false);
    return (parts) => ({
      deliver: (notification) =>
        deliver(notification, { routingKey: routingKey as Secret, url, allowPrivate }, parts),
    });
  },
};

async function deliver(
  notification: Notification,
  settings: Settings,
  parts: ReceiverParts,
): Promise<Delivery> {
  const { url, allowPrivate, routingKey } = settings;
  let last: Delivery = { outcome: 'taken', note: 'nothing to say' };
  const images = imagesOf(notification, parts);
  for (const event of pagerDutyEvents(notification, routingKey.reveal(), images)) {
    const body = bodyOf(event);
    const headers = { 'Content-Type': 'application/json' };
    last = deliveryFrom(await post(parts, notification, { url, headers, body, allowPrivate }));
    if (last.outcome !== 'taken') return last;
  }
  return last;
}

/** An incident that was over before it could be told is opened and closed. */
export function pagerDutyEvents(
  notification: Notification,
  routingKey: string,
  images: PagerDutyEvent['images'] = [],
): PagerDutyEvent[] {
  const { reason, status, incident } = notification;
  const base = { routing_key: routingKey, dedup_key: incident.slice(0, DEDUP_KEY_MAX) };
  const trigger = (): PagerDutyEvent => ({
    ...base,
    event_action: 'trigger',
    ...told(notification),
    ...(images.length > 0 && { images }),
  });
  if (reason === 'acknowledged') return [{ ...base, event_action: 'acknowledge' }];
  if (status === 'firing') return [trigger()];
  const resolve: PagerDutyEvent = { ...base, event_action: 'resolve' };
  return reason === 'resolved' ? [resolve] : [trigger(), resolve];
}

function told(
  notification: Notification,
): Pick<PagerDutyEvent, 'payload' | 'links' | 'client' | 'client_url'> {
  const { alerts, group, truncated } = notification;
  const [first] = alerts;
  const region = first?.labels['region'];
  const links = alerts.flatMap(linksOf).slice(0, DETAILED_ALERTS_MAX);
  return {
    client: 'Squilla',
    ...(first?.link != null && { client_url: first.link }),
    ...(links.length > 0 && { links }),
    payload: {
      summary: cut(titleOf(notification, SUMMARY_MAX), SUMMARY_MAX),
      source: first?.labels['instance'] ?? region ?? 'squilla',
      severity: worst(alerts),
      timestamp: timeText(first?.startsAtMs ?? notification.atMs),
      ...(first?.labels['service'] !== undefined && { component: first.labels['service'] }),
      ...(region !== undefined && { group: region }),
      class: first === undefined ? 'alert' : nameOf(first),
      custom_details: {
        ...group.labels,
        firing: alerts.filter(isFiringAlert).length + truncated,
        alerts: alerts.slice(0, DETAILED_ALERTS_MAX).map(detailsOf),
      },
    },
  };
}

function detailsOf(alert: NotifiedAlert): Record<string, string> {
  return Object.fromEntries(linesOf(alert).map(({ name, text }) => [name, text]));
}

/** Of those alerts whose trend is known. */
function imagesOf(
  notification: Notification,
  { imageUrl }: ReceiverParts,
): PagerDutyEvent['images'] {
  return notification.alerts.slice(0, IMAGES_MAX).flatMap((alert, index) => {
    const src = imageUrl(notification, index);
    if (src === null) return [];
    return [{ src, ...(alert.link !== null && { href: alert.link }), alt: trendAlt(alert) }];
  });
}

function linksOf({ link, runbook }: NotifiedAlert): { href: string; text: string }[] {
  return [
    ...(link === null ? [] : [{ href: link, text: 'The query when it fired, then live' }]),
    ...(runbook === null ? [] : [{ href: runbook, text: 'Runbook' }]),
  ];
}

function worst(alerts: readonly NotifiedAlert[]): AlertSeverity {
  const severities = new Set(alerts.map(({ severity }) => severity));
  if (severities.has('critical')) return 'critical';
  return severities.has('warning') ? 'warning' : 'info';
}

/** Leaves out what is too much: details first, then what has addresses in it. */
function bodyOf(event: PagerDutyEvent): string {
  const body = JSON.stringify(event);
  if (Buffer.byteLength(body) <= BODY_BYTES_MAX || event.payload === undefined) return body;
  const payload = { ...event.payload, custom_details: { note: 'left out: too large' } };
  const brief = JSON.stringify({ ...event, payload });
  if (Buffer.byteLength(brief) <= BODY_BYTES_MAX) return brief;
  const { client_url: _url, links: _links, images: _images, ...bare } = event;
  return JSON.stringify({ ...bare, payload });
}
