/** What receivers are sent, byte by byte or against the shapes their makers publish. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readNotifyConfig } from '../../../src/alert/notify/read-config.ts';
import { assert } from '../../../src/core/assert.ts';
import type { Delivery, Receiver } from '../../../src/alert/receivers/contract.ts';
import type { HttpAnswer, HttpAsk } from '../../../src/outbound/http-exchange.ts';
import { runProgram } from '../../../src/outbound/program.ts';
import { sendMail } from '../../../src/outbound/smtp.ts';
import { endedSample, sampleAlert, sampleNotification } from '../../support/sample-notification.ts';

let folder = '';
const posts: HttpAsk[] = [];
let answers: HttpAnswer[] = [];
/** Of answers without anything special. */
const PLAIN = { isCut: false, headers: {}, retryAfterMs: null };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'squilla-receivers-'));
  writeFileSync(join(folder, 'key'), `${'k'.repeat(32)}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

function receiver(settings: string): Receiver {
  const text = `receivers: { r: { ${settings.replaceAll('KEY', join(folder, 'key'))} } }`;
  const read = readNotifyConfig([{ path: 'x.yaml', text }]);
  assert(read.ok, () => (read.ok ? '' : read.error.join('\n')));
  const spec = read.value.receivers.get('r');
  assert(spec !== undefined, () => 'no receiver');
  posts.length = 0;
  answers = [];
  const http = (post: HttpAsk): Promise<HttpAnswer> => {
    posts.push(post);
    return Promise.resolve(answers.shift() ?? { status: 200, text: 'ok', ...PLAIN });
  };
  const senders = { http, mail: sendMail, run: runProgram };
  return spec.create({ ...senders, deliveryMs: 1_000, responseBytesMax: 1_000 });
}

function bodies(): unknown[] {
  return posts.map(({ body }) => JSON.parse(body ?? '') as unknown);
}

/** @see https://developer.pagerduty.com/docs/send-alert-event */
const PagerDutyEvent = z.strictObject({
  routing_key: z.string().length(32),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().max(255),
  client: z.string().optional(),
  client_url: z.url().optional(),
  links: z.array(z.strictObject({ href: z.url(), text: z.string() })).optional(),
  images: z.array(z.strictObject({ src: z.url() })).optional(),
  payload: z
    .strictObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()),
    })
    .optional(),
});

describe('PagerDuty', () => {
  const settings = 'type: pagerduty, routingKeyFile: KEY';

  test('a page triggers', async () => {
    const { outcome } = await receiver(settings).deliver(sampleNotification(), null);
    expect(outcome).toBe('taken');
    expect(posts[0]?.url).toBe('https://events.pagerduty.com/v2/enqueue');
    const [event] = bodies().map((body) => PagerDutyEvent.parse(body));
    expect(event).toEqual({
      routing_key: 'k'.repeat(32),
      dedup_key: 'i'.repeat(32),
      event_action: 'trigger',
      client: 'Squilla',
      client_url: 'http://squilla.test/#q=select&run=1',
      links: [
        { href: 'http://squilla.test/#q=select&run=1', text: 'The query when it fired, then live' },
        { href: 'https://wiki.test/sps', text: 'Runbook' },
      ],
      payload: {
        summary: '[FIRING] sps-drop (region=eu-west): starts fell',
        source: 'eu-west',
        severity: 'critical',
        timestamp: '2026-01-05T12:00:00Z',
        group: 'eu-west',
        class: 'sps-drop',
        custom_details: {
          alertname: 'sps-drop',
          firing: 1,
          alerts: [
            {
              what: 'starts fell',
              where: 'region=eu-west',
              why: 'value 3 below 10 for 30 s',
              since: '2026-01-05T12:00:00Z',
              value: 'sps 3 (before 100), expected 98',
              trend: '█·▁',
              seen: 'complete: 3 of 3 agents, source live, traffic flowing',
              moved: 'eu-west 60 → 3',
              detail: 'from 100 to 3 <b>',
              owner: 'playback',
              runbook: 'https://wiki.test/sps',
              query: 'http://squilla.test/#q=select&run=1',
            },
          ],
        },
      },
    });
  });

  test('an acknowledgement and an end go under the same key', async () => {
    const acknowledgement = { by: 'ann', comment: '', atMs: 0, untilMs: null };
    const target = receiver(settings);
    await target.deliver(sampleNotification({ reason: 'acknowledged', acknowledgement }), null);
    await target.deliver(endedSample(), null);
    expect(bodies()).toEqual([
      {
        routing_key: 'k'.repeat(32),
        dedup_key: 'i'.repeat(32),
        event_action: 'acknowledge',
      },
      { routing_key: 'k'.repeat(32), dedup_key: 'i'.repeat(32), event_action: 'resolve' },
    ]);
  });

  test('what was over before it was told is opened and closed', async () => {
    await receiver(settings).deliver({ ...endedSample(), reason: 'new' }, null);
    const actions = bodies().map((body) => PagerDutyEvent.parse(body).event_action);
    expect(actions).toEqual(['trigger', 'resolve']);
  });

  test('what is too large leaves out its details and keeps to the bounds', async () => {
    const description = 'x'.repeat(300_000);
    const long = sampleAlert({ annotations: { summary: 's'.repeat(5_000), description } });
    const alerts = [long, long, long];
    await receiver(settings).deliver(sampleNotification({ alerts: [long], truncated: 0 }), null);
    await receiver(settings).deliver(sampleNotification({ alerts }), null);
    const [post] = posts;
    expect(Buffer.byteLength(post?.body ?? '')).toBeLessThan(512_000);
    const event = PagerDutyEvent.parse(JSON.parse(post?.body ?? ''));
    expect(event.payload?.custom_details).toEqual({ note: 'left out: too large' });
  });
});

/** @see https://docs.slack.dev/reference/block-kit/blocks */
const Blocks = z
  .array(
    z.union([
      z.strictObject({
        type: z.literal('header'),
        text: z.strictObject({
          type: z.literal('plain_text'),
          text: z.string().max(150),
          emoji: z.boolean(),
        }),
      }),
      z.strictObject({
        type: z.literal('section'),
        text: z.strictObject({ type: z.literal('mrkdwn'), text: z.string().max(3_000) }),
      }),
      z.strictObject({
        type: z.literal('context'),
        elements: z.array(z.strictObject({ type: z.literal('mrkdwn'), text: z.string() })).max(10),
      }),
    ]),
  )
  .max(50);

describe('Slack', () => {
  test('an incoming webhook gets text and blocks, with nothing left to interpret', async () => {
    const settings = 'type: slack, webhookUrlEnv: SQUILLA_TEST_SLACK';
    process.env['SQUILLA_TEST_SLACK'] = 'https://hooks.slack.test/services/T0/B0/x';
    await receiver(settings).deliver(sampleNotification(), null);
    delete process.env['SQUILLA_TEST_SLACK'];
    expect(posts[0]?.url).toBe('https://hooks.slack.test/services/T0/B0/x');
    const message = z.strictObject({ text: z.string(), blocks: Blocks }).parse(bodies()[0]);
    expect(message.text).toBe('[FIRING] sps-drop (region=eu-west): starts fell');
    expect(posts[0]?.body).toContain('&lt;b&gt;');
    expect(posts[0]?.body).not.toContain('<b>');
    expect(posts[0]?.body).toContain('<https://wiki.test/sps|runbook>');
  });

  test('an app edits its message, and replies to what must be noticed', async () => {
    const target = receiver('type: slack, tokenFile: KEY, channel: C1');
    const ok = (ts: string): HttpAnswer => ({
      status: 200,
      text: JSON.stringify({ ok: true, ts, channel: 'C1' }),
      ...PLAIN,
    });
    answers = [ok('1.1'), ok('1.1'), ok('2.2'), ok('1.1')];
    const first = await target.deliver(sampleNotification(), null);
    assert(first.outcome === 'taken', () => 'not taken');
    const memo = first.memo ?? null;
    await target.deliver(sampleNotification({ reason: 'repeat' }), memo);
    await target.deliver(endedSample(), memo);
    expect(posts.map(({ url }) => url.slice('https://slack.com/api/'.length))).toEqual([
      'chat.postMessage',
      'chat.update',
      'chat.postMessage',
      'chat.update',
    ]);
    expect(bodies()[0]).toMatchObject({ channel: 'C1' });
    expect(bodies()[1]).toMatchObject({ channel: 'C1', ts: '1.1' });
    expect(bodies()[2]).toEqual({
      channel: 'C1',
      thread_ts: '1.1',
      reply_broadcast: true,
      text: '[FIRING] still sps-drop (region=eu-west): starts fell',
    });
    expect(bodies()[3]).toMatchObject({ ts: '1.1', text: expect.stringContaining('RESOLVED') });
    expect(posts[0]?.headers['Authorization']).toBe(`Bearer ${'k'.repeat(32)}`);
  });

  test('a message that cannot be edited any more is posted anew', async () => {
    const target = receiver('type: slack, tokenFile: KEY, channel: C1');
    const memo = JSON.stringify({ channel: 'C1', ts: '1.1' });
    answers = [
      { status: 200, text: '{"ok":false,"error":"message_not_found"}', ...PLAIN },
      { status: 200, text: '{"ok":true,"ts":"2.2","channel":"C1"}', ...PLAIN },
    ];
    const delivery = await target.deliver(endedSample(), memo);
    expect(delivery).toMatchObject({ outcome: 'taken', memo: '{"channel":"C1","ts":"2.2"}' });
    expect(bodies()[1]).toMatchObject({ channel: 'C1', text: expect.stringContaining('RESOLVED') });
    expect(bodies()[1]).not.toHaveProperty('ts');
  });

  test.each<[string, Delivery['outcome']]>([
    ['{"ok":false,"error":"channel_not_found"}', 'refused'],
    ['{"ok":false,"error":"ratelimited"}', 'retry'],
    ['<html>', 'retry'],
  ])('its answer %s under status 200 means %s', async (text, outcome) => {
    const target = receiver('type: slack, tokenFile: KEY, channel: C1');
    answers = [{ status: 200, text, ...PLAIN }];
    expect((await target.deliver(sampleNotification(), null)).outcome).toBe(outcome);
  });
});

describe('webhooks', () => {
  test('a CloudEvent, signed over time and body', async () => {
    await receiver("type: webhook, url: 'https://h.test/x', secretFile: KEY").deliver(
      sampleNotification(),
      null,
    );
    const { headers = {}, body = '' } = posts[0] ?? {};
    expect(JSON.parse(body)).toMatchObject({
      specversion: '1.0',
      id: 'd'.repeat(32),
      source: '/squilla/alerts',
      type: 'dev.squilla.alert.firing',
      subject: 'i'.repeat(32),
      time: '2026-01-05T12:00:01.000Z',
      datacontenttype: 'application/json',
      data: { reason: 'new', status: 'firing', alerts: [{ page: { what: 'starts fell' } }] },
    });
    const mac = createHmac('sha256', 'k'.repeat(32)).update(`1767614401.${body}`).digest('hex');
    expect(headers['Squilla-Signature']).toBe(`t=1767614401,v1=${mac}`);
    expect(headers['Squilla-Delivery']).toBe('d'.repeat(32));
    expect(headers['Content-Type']).toBe('application/cloudevents+json; charset=utf-8');
  });

  test('Alertmanager’s webhook, version 4', async () => {
    const other = sampleAlert({
      labels: { alertname: 'sps-drop', severity: 'critical', region: 'us' },
      endsAtMs: sampleAlert().startsAtMs + 1_000,
    });
    await receiver("type: alertmanager-webhook, url: 'https://h.test/x'").deliver(
      sampleNotification({ alerts: [sampleAlert(), other] }),
      null,
    );
    expect(bodies()[0]).toEqual({
      version: '4',
      groupKey: '{} {"alertname":"sps-drop"}',
      truncatedAlerts: 0,
      status: 'firing',
      receiver: 'oncall',
      groupLabels: { alertname: 'sps-drop' },
      commonLabels: { alertname: 'sps-drop', severity: 'critical' },
      commonAnnotations: {
        summary: 'starts fell',
        description: 'from 100 to 3 <b>',
        reason: 'value 3 below 10 for 30 s',
        runbook_url: 'https://wiki.test/sps',
      },
      externalURL: 'http://squilla.test',
      notification_reason: 'new',
      alerts: [
        expect.objectContaining({ status: 'firing', endsAt: '0001-01-01T00:00:00Z' }),
        expect.objectContaining({ status: 'resolved', endsAt: '2026-01-05T12:00:01.000Z' }),
      ],
    });
  });

  test('an Alertmanager gets alerts that outlive the next repetition, and real ends', async () => {
    const target = receiver("type: alertmanager, url: 'https://am.test/'");
    await target.deliver(sampleNotification(), null);
    await target.deliver(endedSample(), null);
    expect(posts[0]?.url).toBe('https://am.test/api/v2/alerts');
    expect(bodies()).toMatchObject([
      [{ labels: { alertname: 'sps-drop' }, endsAt: '2026-01-06T12:00:01.000Z' }],
      [{ labels: { alertname: 'sps-drop' }, endsAt: '2026-01-05T12:01:00.000Z' }],
    ]);
  });

  test.each<[number, Delivery['outcome']]>([
    [204, 'taken'],
    [301, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [408, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ])('status %i means %s', async (status, outcome) => {
    const target = receiver("type: webhook, url: 'https://h.test/x'");
    answers = [{ status, text: 'why', ...PLAIN, retryAfterMs: 7_000 }];
    const delivery = await target.deliver(sampleNotification(), null);
    expect(delivery.outcome).toBe(outcome);
    if (status === 429) expect(delivery).toMatchObject({ afterMs: 7_000 });
  });
});

test.each([
  'type: pagerduty, routingKeyFile: KEY',
  'type: slack, tokenFile: KEY, channel: C1',
  "type: webhook, url: 'https://h.test/x'",
  "type: alertmanager, url: 'https://h.test/x'",
  "type: alertmanager-webhook, url: 'https://h.test/x'",
])('%s: the request names the delivery, at each attempt alike', async (settings) => {
  const target = receiver(settings);
  await target.deliver(sampleNotification(), null);
  await target.deliver(sampleNotification(), null);
  const names = posts.map(({ headers }) => headers['Squilla-Delivery']);
  expect(names).toEqual(['d'.repeat(32), 'd'.repeat(32)]);
});

describe('a command', () => {
  const command = (script: string): string =>
    `type: command, command: [${JSON.stringify(process.execPath)}, -e, ${JSON.stringify(script)}]`;

  test('gets the notification on its input, and nothing of it as an argument', async () => {
    const file = join(folder, 'got');
    const script = `const c=[];process.stdin.on('data',d=>c.push(d)).on('end',()=>require('fs').writeFileSync(${JSON.stringify(file)},JSON.stringify([process.argv.length,Object.keys(process.env).sort(),JSON.parse(Buffer.concat(c)).data.title])))`;
    process.env['SQUILLA_TEST_SECRET'] = 'not for commands';
    const delivery = await receiver(command(script)).deliver(sampleNotification(), null);
    delete process.env['SQUILLA_TEST_SECRET'];
    expect(delivery).toEqual({ outcome: 'taken', note: 'exit 0' });
    const { readFileSync } = await import('node:fs');
    const [count, names, title] = JSON.parse(readFileSync(file, 'utf8')) as [
      number,
      string[],
      string,
    ];
    expect(count).toBe(1);
    expect(names).not.toContain('SQUILLA_TEST_SECRET');
    expect(names).toContain('SQUILLA_DELIVERY');
    expect(title).toBe('[FIRING] sps-drop (region=eu-west): starts fell');
  });

  test.each<[string, Delivery['outcome']]>([
    ['process.exit(75)', 'retry'],
    ["console.error('bad'); process.exit(3)", 'refused'],
    ['setInterval(() => {}, 1000)', 'retry'],
  ])('%s means %s', async (script, outcome) => {
    const delivery = await receiver(command(script)).deliver(sampleNotification(), null);
    expect(delivery.outcome).toBe(outcome);
  });

  test('a program that is not there is refused', async () => {
    const delivery = await receiver('type: command, command: /nowhere/x').deliver(
      sampleNotification(),
      null,
    );
    expect(delivery.outcome).toBe('refused');
  });
});
