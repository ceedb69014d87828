/**
 * Slack: by an incoming webhook, or as an app (`chat.postMessage`). As an app one message stands
 * for one incident: it is edited as the incident changes and when it is over, and what must be
 * noticed comes as a reply that is shown in the channel, too.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage
 */
import type { Notification } from '../notify/notification.ts';
import type { Delivery, ReceiverKind, ReceiverParts } from './contract.ts';
import { deliveryFrom, post } from './http-delivery.ts';
import { acknowledgementText, cut, linesOf, pageText, titleOf, trendAlt } from './page.ts';
import type { PageLine } from './page.ts';
import type { Secret } from './secret.ts';

const API = 'https://slack.com/api';
/** Slack's own bounds are 150 for a header and 3,000 for a section; 50 blocks a message. */
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;
const LINK_MAX = 1_000;
const PLAIN_MAX = 3_500;
const ALERTS_SHOWN = 10;
const IMAGES_SHOWN = 3;

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
  const send = async (message: object): Promise<Delivery> => {
    const body = JSON.stringify(message);
    return deliveryFrom(await post(parts, notification, { url, headers, body, allowPrivate }));
  };
  const delivery = await send(slackMessage(notification, parts));
  return isTooRich(delivery) ? send(plainMessage(notification)) : delivery;
}

/** Slack refuses a whole message for one block, as when it cannot fetch a picture. */
function isTooRich({ outcome, note }: Delivery): boolean {
  return outcome === 'refused' && /invalid_blocks|msg_blocks_too_long/.test(note);
}

/** A page without ornaments is better than none. */
function plainMessage(notification: Notification): { readonly text: string } {
  return { text: cut(escaped(pageText(notification)), PLAIN_MAX) };
}

/** What every request of one delivery needs. */
interface Telling {
  readonly notification: Notification;
  readonly app: App;
  readonly parts: ReceiverParts;
}

async function viaApp(memo: string | null, telling: Telling): Promise<Delivery> {
  const { notification, parts } = telling;
  const message = slackMessage(notification, parts);
  const delivery = await tell(memo, message, telling);
  return isTooRich(delivery) ? tell(memo, plainMessage(notification), telling) : delivery;
}

async function tell(
  memo: string | null,
  message: { readonly text: string },
  telling: Telling,
): Promise<Delivery> {
  const { notification, app } = telling;
  const anew = { channel: app.channel, ...message };
  if (memo === null) return call('chat.postMessage', anew, telling);
  const posted = JSON.parse(memo) as Posted;
  // Without blocks of its own an edited message would keep those that it had.
  const edited = await call('chat.update', { blocks: [], ...posted, ...message }, telling);
  if (isTooRich(edited)) return edited;
  // Somebody deleted the message, or it is too old to be edited: the incident goes on in another.
  if (edited.outcome === 'refused') return call('chat.postMessage', anew, telling);
  // An edit makes no sound; a repetition and its like are there to be noticed.
  const isLoud = ['repeat', 'unmuted', 'escalation', 'unacknowledged'].includes(
    notification.reason,
  );
  if (edited.outcome !== 'taken' || !isLoud) return edited;
  const { channel, ts } = posted;
  const text = escaped(titleOf(notification, HEADER_MAX));
  const reply = { channel, thread_ts: ts, reply_broadcast: true, text };
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

export function slackMessage(
  notification: Notification,
  { imageUrl }: Pick<ReceiverParts, 'imageUrl'>,
): {
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
      ...alerts.slice(0, ALERTS_SHOWN).flatMap((alert, index) => {
        const image = index < IMAGES_SHOWN ? imageUrl(notification, index) : null;
        const text = { type: 'mrkdwn', text: alertText(alert, icon) };
        return [
          { type: 'section', text },
          ...(image === null
            ? []
            : [{ type: 'image', image_url: image, alt_text: trendAlt(alert) }]),
        ];
      }),
      ...(notes.length === 0
        ? []
        : [{ type: 'context', elements: [{ type: 'mrkdwn', text: escaped(notes.join(' · ')) }] }]),
    ],
  };
}

/** Links keep their place: a torn one would lead nowhere. */
function alertText(alert: Parameters<typeof linesOf>[0], icon: string): string {
  const lines = linesOf(alert);
  const links = lines.filter(isLink).map(({ name, text }) => `<${escaped(text)}|${name}>`);
  const whole = links.filter((link) => link.length <= LINK_MAX);
  let room = SECTION_MAX - icon.length - 1;
  for (const link of whole) room -= link.length + 1;
  const texts: string[] = [];
  for (const line of lines) {
    if (isLink(line) || room <= 1) continue;
    const text = cut(`*${line.name}* ${escaped(line.text)}`, room - 1);
    texts.push(text);
    room -= text.length + 1;
  }
  return `${icon} ${[...texts, ...whole].join('\n')}`;
}

function isLink({ name, text }: PageLine): boolean {
  return (name === 'query' || name === 'runbook') && /^https?:\/\/[^\s|>]+$/.test(text);
}

/** The three characters that Slack gives a meaning. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
