/** The OpenAPI descriptions of the notifier's routes. */
import { z } from '@hono/zod-openapi';
import type { Description } from './openapi.ts';
import type { NOTIFY_ROUTES } from './notify-routes.ts';

const JSON_TYPE = 'application/json';
const optionalText = z.string().optional();
const anything = z.record(z.string(), z.unknown());
const object = { [JSON_TYPE]: anything };
const labels = z.record(z.string(), z.string());
const time = z.string().describe('RFC 3339');

const Silence = z
  .object({
    matchers: z.array(z.string()).describe('region = "eu-west", service =~ "pay.*"'),
    for: optionalText.describe('how long: 2h; or `endsAt`'),
    startsAt: time.optional(),
    endsAt: time.optional(),
    author: optionalText,
    comment: z.string().describe('why'),
    id: optionalText.describe('changes the silence of that id'),
  })
  .openapi('Silence');

const PostedAlert = z
  .object({
    labels: labels.describe('`alertname` is needed'),
    annotations: labels.optional(),
    startsAt: time.optional(),
    endsAt: time.optional(),
    generatorURL: optionalText,
  })
  .openapi('PostedAlert');

const AmSilence = z
  .object({
    id: optionalText,
    matchers: z.array(
      z.object({
        name: z.string(),
        value: z.string(),
        isRegex: z.boolean(),
        isEqual: z.boolean().optional(),
      }),
    ),
    startsAt: time,
    endsAt: time,
    createdBy: z.string(),
    comment: z.string(),
  })
  .openapi('AlertmanagerSilence');

const list = { [JSON_TYPE]: z.array(anything) };
const filter = z.object({ filter: z.array(z.string()).optional().describe('matchers') });

export const NOTIFY_DESCRIPTIONS: Readonly<Record<keyof typeof NOTIFY_ROUTES, Description>> = {
  silences: {
    summary: 'Silences, with what each mutes now and whether it is stale',
    answer: object,
  },
  addSilence: { summary: 'Silence alerts', body: { [JSON_TYPE]: Silence }, answer: object },
  previewSilence: {
    summary: 'What these matchers would mute now',
    body: { [JSON_TYPE]: z.object({ matchers: z.array(z.string()) }) },
    answer: object,
  },
  trend: {
    summary: 'The picture of an alert in a page',
    description: 'Its signed address, which a page has, is the permission.',
    answer: { 'image/png': z.string() },
  },
  expireSilence: { summary: 'End a silence; what still fires is told', status: 204, answer: null },
  incidents: { summary: 'Incidents that are open at receivers', answer: object },
  acknowledge: {
    summary: 'Acknowledge an incident: no repetition, no escalation',
    description: '`incident`: its id, the beginning of it, or the name of its alert.',
    body: {
      [JSON_TYPE]: z.object({
        incident: z.string(),
        for: optionalText,
        comment: optionalText,
        by: optionalText,
      }),
    },
    answer: object,
  },
  unacknowledge: { summary: 'Take an acknowledgement back; it pages', status: 204, answer: null },
  receivers: { summary: 'Receivers, without secrets, with their queues', answer: object },
  testReceiver: {
    summary: 'Send a test page now',
    description: 'The answer says what the receiver said.',
    body: object,
    answer: object,
  },
  routes: { summary: 'The routing tree, and the state of its files', answer: object },
  testRoute: {
    summary: 'Where an alert with these labels would go',
    body: { [JSON_TYPE]: z.object({ labels }) },
    answer: object,
  },
  notifications: {
    summary: 'The delivery log, newest first',
    query: z.object({
      receiver: optionalText,
      incident: optionalText,
      state: optionalText.describe('waiting, sent, failed or dropped'),
      limit: optionalText,
      text: optionalText.describe('true: with the page as plain text, as receivers get it'),
    }),
    answer: object,
  },
  amAlerts: { summary: 'Alertmanager: alerts that fire', query: filter, answer: list },
  amPostAlerts: {
    summary: 'Alertmanager: take alerts, as Prometheus sends them',
    description: 'Post again before `endsAt`, or the alert ends.',
    body: { [JSON_TYPE]: z.array(PostedAlert) },
    answer: null,
  },
  amGroups: { summary: 'Alertmanager: alerts by receiver and name', query: filter, answer: list },
  amSilences: { summary: 'Alertmanager: silences', query: filter, answer: list },
  amPostSilence: {
    summary: 'Alertmanager: add or change a silence',
    body: { [JSON_TYPE]: AmSilence },
    answer: object,
  },
  amSilence: { summary: 'Alertmanager: one silence', answer: object },
  amExpireSilence: { summary: 'Alertmanager: end a silence', answer: null },
  amStatus: { summary: 'Alertmanager: version and uptime', answer: object },
  amReceivers: { summary: 'Alertmanager: names of receivers', answer: list },
};
