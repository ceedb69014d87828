/** What receivers are sent, byte by byte or against the shapes their makers publish. */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/alert/receivers/contract.ts';
import { PLAIN, ReceiverRig } from '../../support/receiver-rig.ts';
import { endedSample, sampleAlert, sampleNotification } from '../../support/sample-notification.ts';

const rig = new ReceiverRig();

/** What annotations carry of a page, beside those of the rule. */
const PAGED = {
  value: 'sps 3 (before 100), expected 98',
  trend: '█·▁',
  seen: 'complete: 3 of 3 agents, source live, traffic flowing',
  moved: 'eu-west 60 → 3',
  example: 'title=Ocean status=503',
  runbook_url: 'https://wiki.test/sps',
};

describe('webhooks', () => {
  test('a CloudEvent, signed over time and body', async () => {
    await rig
      .receiver("type: webhook, url: 'https://h.test/x', secretFile: KEY")
      .deliver(sampleNotification(), null);
    const { headers = {}, body = '' } = rig.posts[0] ?? {};
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
    const labels = { alertname: 'sps-drop', severity: 'critical', region: 'us' };
    const endsAtMs = sampleAlert().startsAtMs + 1_000;
    const other = sampleAlert({ labels, endsAtMs, evidence: null, runbook: null });
    await rig
      .receiver("type: alertmanager-webhook, url: 'https://h.test/x'")
      .deliver(sampleNotification({ alerts: [sampleAlert(), other] }), null);
    const common = {
      summary: 'starts fell',
      description: 'from 100 to 3 <b>',
      reason: 'value 3 below 10 for 30 s',
    };
    expect(rig.bodies()[0]).toEqual({
      version: '4',
      groupKey: '{} {"alertname":"sps-drop"}',
      truncatedAlerts: 0,
      status: 'firing',
      receiver: 'oncall',
      groupLabels: { alertname: 'sps-drop' },
      commonLabels: { alertname: 'sps-drop', severity: 'critical' },
      commonAnnotations: common,
      externalURL: 'http://squilla.test',
      notification_reason: 'new',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'sps-drop', severity: 'critical', region: 'eu-west' },
          annotations: { ...common, ...PAGED },
          startsAt: '2026-01-05T12:00:00.000Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: 'http://squilla.test/#q=select&run=1',
          fingerprint: '0123456789abcdef',
        },
        {
          status: 'resolved',
          labels,
          annotations: common,
          startsAt: '2026-01-05T12:00:00.000Z',
          endsAt: '2026-01-05T12:00:01.000Z',
          generatorURL: 'http://squilla.test/#q=select&run=1',
          fingerprint: '0123456789abcdef',
        },
      ],
    });
  });

  test('an Alertmanager gets alerts that outlive the next repetition, and real ends', async () => {
    const target = rig.receiver("type: alertmanager, url: 'https://am.test/'");
    await target.deliver(sampleNotification(), null);
    await target.deliver(endedSample(), null);
    expect(rig.posts[0]?.url).toBe('https://am.test/api/v2/alerts');
    const alert = {
      labels: { alertname: 'sps-drop', severity: 'critical', region: 'eu-west' },
      annotations: {
        ...{ summary: 'starts fell', description: 'from 100 to 3 <b>' },
        ...{ reason: 'value 3 below 10 for 30 s', ...PAGED },
      },
      startsAt: '2026-01-05T12:00:00.000Z',
      endsAt: '2026-01-06T12:00:01.000Z',
      generatorURL: 'http://squilla.test/#q=select&run=1',
    };
    expect(rig.bodies()).toEqual([
      [alert],
      [
        {
          ...alert,
          annotations: { ...alert.annotations, reason: 'value 98 above 10' },
          endsAt: '2026-01-05T12:01:00.000Z',
        },
      ],
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
    const target = rig.receiver("type: webhook, url: 'https://h.test/x'");
    rig.answers = [{ status, text: 'why', ...PLAIN, retryAfterMs: 7_000 }];
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
  const target = rig.receiver(settings);
  await target.deliver(sampleNotification(), null);
  await target.deliver(sampleNotification(), null);
  const names = rig.posts.map(({ headers }) => headers['Squilla-Delivery']);
  expect(names).toEqual(['d'.repeat(32), 'd'.repeat(32)]);
});

test('the log of the engine gets the page', async () => {
  const delivery = await rig.receiver('type: log').deliver(sampleNotification(), null);
  expect(delivery).toMatchObject({ outcome: 'taken' });
  expect(rig.logged).toEqual([
    {
      message: '[FIRING] sps-drop (region=eu-west): starts fell',
      receiver: 'oncall',
      reason: 'new',
      incident: 'i'.repeat(32),
      alerts: [expect.objectContaining({ what: 'starts fell', runbook: 'https://wiki.test/sps' })],
    },
  ]);
});

describe('a command', () => {
  const command = (script: string): string =>
    `type: command, command: [${JSON.stringify(process.execPath)}, -e, ${JSON.stringify(script)}]`;

  test('gets the notification on its input, and nothing of it as an argument', async () => {
    const file = join(rig.folder, 'got');
    const script = `const c=[];process.stdin.on('data',d=>c.push(d)).on('end',()=>require('fs').writeFileSync(${JSON.stringify(file)},JSON.stringify([process.argv.length,Object.keys(process.env).sort(),JSON.parse(Buffer.concat(c)).data.title])))`;
    process.env['SQUILLA_TEST_SECRET'] = 'not for commands';
    const delivery = await rig.receiver(command(script)).deliver(sampleNotification(), null);
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
    const delivery = await rig.receiver(command(script)).deliver(sampleNotification(), null);
    expect(delivery.outcome).toBe(outcome);
  });

  test('a program that is not there is refused', async () => {
    const delivery = await rig
      .receiver('type: command, command: /nowhere/x')
      .deliver(sampleNotification(), null);
    expect(delivery.outcome).toBe('refused');
  });
});
