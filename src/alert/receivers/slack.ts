/**
 * Slack: by an incoming webhook, or as an app (`chat.postMessage`). As an app one message stands
 * for one incident: it is edited as the incident changes and when it is over, and what must be
 * noticed comes as a reply that is shown in the channel, too.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage
 */
import type { Notification } from '../notify/notification.ts';
import type { Delivery, ReceiverKind, ReceiverParts } from './contract.ts';
import { deliveryFrom, post } from './http-delivery.ts';
import { acknowledgementText, cut, linesOf, titleOf } from './page.ts';
import type { Secret } from './secret.ts';

const API = 'https://slack.com/api';
/** Slack's own bounds are 150 for a header and 3,000 for a section; 50 blocks a message. */
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;
const ALERTS_SHOWN = 10;

interface App {
  readonly token: Secret;
  readonly channel: string;
  readonly api: string;
  readonly allowPrivate: boolean;
}

/** The message that stands for an incident. */
interface Posted {
  readonly channel: string;
  readonly ts: string;
}

export const SLACK: ReceiverKind = {
  type: 'slack',
  read: (fields) => {
    const webhookUrl = fields.secret('webhookUrl', false);
    const token = fields.secret('token', false);
    const channel = fields.text('channel', '');
    const api = fields.url('apiUrl', API);
    const allowPrivate = fields.boolean('allowPrivate', false);
    const isNamed = fields.has('webhookUrlFile') || fields.has('webhookUrlEnv');
    const isApp = fields.has('tokenFile') || fields.has('tokenEnv');
    if (isNamed === isApp) {
      fields.mistake('type', 'give `webhookUrlFile`, or `tokenFile` and `channel`');
    } else if (isApp && channel === '') {
      fields.mistake('type', '`channel` is missing: its id, such as C024BE91L');
    }
    return (parts) => ({
      deliver: (notification, memo) => {
        if (token !== null) {
          const app = { token, channel, api, allowPrivate };
          return viaApp(memo, { notification, app, parts });
        }
        return viaWebhook(notification, (webhookUrl as Secret).reveal(), allowPrivate, parts);
      },
    });
  },
};

async function viaWebhook(
  notification: Notification,
  url: string,
  allowPrivate: boolean,
  parts: ReceiverParts,
): Promise<Delivery> {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify(slackMessage(notification));
  return deliveryFrom(await post(parts, notification, { url, headers, body, allowPrivate }));
}

/** What every request of one delivery needs. */
interface Telling {
  readonly notification: Notification;
  readonly app: App;
  readonly parts: ReceiverParts;
}

async function viaApp(memo: string | null, telling: Telling): Promise<Delivery> {
  const { notification, app } = telling;
  const message = slackMessage(notification);
  const anew = { channel: app.channel, ...message };
  if (memo === null) return call('chat.postMessage', anew, telling);
  const posted = JSON.parse(memo) as Posted;
  const edited = await call('chat.update', { ...posted, ...message }, telling);
  // Somebody deleted the message, or it is too old to be edited: the incident goes on in another.
  if (edited.outcome === 'refused') return call('chat.postMessage', anew, telling);
  // An edit makes no sound; a repetition and its like are there to be noticed.
  const isLoud = ['repeat', 'unmuted', 'escalation', 'unacknowledged'].includes(
    notification.reason,
  );
  if (edited.outcome !== 'taken' || !isLoud) return edited;
  const { channel, ts } = posted;
  const reply = { channel, thread_ts: ts, reply_broadcast: true, text: message.text };
  const said = await call('chat.postMessage', reply, telling);
  return said.outcome === 'taken' ? edited : said;
}

async function call(method: string, body: object, telling: Telling): Promise<Delivery> {
  const { app, notification, parts } = telling;
  const { api, token, allowPrivate } = app;
  const answer = await post(parts, notification, {
    url: `${api}/${method}`,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      Authorization: `Bearer ${token.reveal()}`,
    },
    body: JSON.stringify(body),
    allowPrivate,
  });
  const delivery = deliveryFrom(answer);
  if (delivery.outcome !== 'taken' || answer.status === null) return delivery;
  return said(answer.text);
}

/** Slack says in the body, under status 200, whether it did what it was asked. */
function said(text: string): Delivery {
  let reply: { ok?: unknown; error?: unknown; ts?: unknown; channel?: unknown };
  try {
    reply = JSON.parse(text) as typeof reply;
  } catch {
    return { outcome: 'retry', note: 'Slack answered with something else than JSON' };
  }
  const { ok, ts, channel, error } = reply;
  if (ok === true && typeof ts === 'string' && typeof channel === 'string') {
    return { outcome: 'taken', note: 'ok', memo: JSON.stringify({ channel, ts }) };
  }
  const note = `Slack says ${typeof error === 'string' ? error : 'nothing'}`;
  const isPassing =
    error === 'ratelimited' || error === 'internal_error' || error === 'fatal_error';
  return { outcome: isPassing ? 'retry' : 'refused', note };
}

export function slackMessage(notification: Notification): {
  readonly text: string;
  readonly blocks: readonly object[];
} {
  const { alerts, truncated, acknowledgement, status } = notification;
  const title = titleOf(notification, HEADER_MAX);
  const hidden = truncated + Math.max(0, alerts.length - ALERTS_SHOWN);
  const notes = [
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
    ...(acknowledgement === null ? [] : [acknowledgementText(acknowledgement)]),
  ];
  const icon = status === 'resolved' ? ':white_check_mark:' : ':rotating_light:';
  return {
    // What notifications and screen readers show.
    text: escaped(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title, emoji: false } },
      ...alerts.slice(0, ALERTS_SHOWN).map((alert) => ({
        type: 'section',
        text: { type: 'mrkdwn', text: cut(alertText(alert, icon), SECTION_MAX) },
      })),
      ...(notes.length === 0
        ? []
        : [{ type: 'context', elements: [{ type: 'mrkdwn', text: escaped(notes.join(' · ')) }] }]),
    ],
  };
}

function alertText(alert: Parameters<typeof linesOf>[0], icon: string): string {
  const lines = linesOf(alert).map(({ name, text }) => {
    const isLink = (name === 'query' || name === 'runbook') && /^https?:\/\/[^\s|>]+$/.test(text);
    return isLink ? `<${escaped(text)}|${name}>` : `*${name}* ${escaped(text)}`;
  });
  return `${icon} ${lines.join('\n')}`;
}

/** The three characters that Slack gives a meaning. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
