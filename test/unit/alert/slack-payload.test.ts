/** What Slack is sent, against the shapes that it publishes. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Delivery } from '../../../src/alert/receivers/contract.ts';
import { assert } from '../../../src/core/assert.ts';
import type { HttpAnswer } from '../../../src/outbound/http-exchange.ts';
import { PLAIN, ReceiverRig } from '../../support/receiver-rig.ts';
import { endedSample, sampleAlert, sampleNotification } from '../../support/sample-notification.ts';

const rig = new ReceiverRig();

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
        type: z.literal('image'),
        image_url: z.url().max(3_000),
        alt_text: z.string().min(1).max(2_000),
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
    await rig.receiver(settings).deliver(sampleNotification(), null);
    delete process.env['SQUILLA_TEST_SLACK'];
    expect(rig.posts[0]?.url).toBe('https://hooks.slack.test/services/T0/B0/x');
    const message = z.strictObject({ text: z.string(), blocks: Blocks }).parse(rig.bodies()[0]);
    expect(message.text).toBe('[FIRING] sps-drop (region=eu-west): starts fell');
    expect(message.blocks).toEqual([
      {
        type: 'header',
        text: {
          type: 'plain_text',
          text: '[FIRING] sps-drop (region=eu-west): starts fell',
          emoji: false,
        },
      },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:rotating_light: *what* starts fell
*where* region=eu-west
*why* value 3 below 10 for 30 s
*since* 2026-01-05T12:00:00Z
*value* sps 3 (before 100), expected 98
*trend* █·▁
*seen* complete: 3 of 3 agents, source live, traffic flowing
*moved* eu-west 60 → 3
*example* title=Ocean status=503
*detail* from 100 to 3 &lt;b&gt;
*owner* playback
<https://wiki.test/sps|runbook>
<http://squilla.test/#q=select&amp;run=1|query>`,
        },
      },
    ]);
    expect(rig.posts[0]?.body).toContain('&lt;b&gt;');
    expect(rig.posts[0]?.body).not.toContain('<b>');
    expect(rig.posts[0]?.body).toContain('<https://wiki.test/sps|runbook>');
  });

  test('a picture is a block after its alert', async () => {
    const target = rig.receiver('type: slack, tokenFile: KEY, channel: C1');
    rig.image = (alert) => `https://pages.test/trend/${alert}.png`;
    await target.deliver(sampleNotification(), null);
    const { blocks } = z.object({ blocks: Blocks }).parse(rig.bodies()[0]);
    expect(blocks.map(({ type }) => type)).toEqual(['header', 'section', 'image']);
    expect(blocks[2]).toEqual({
      type: 'image',
      image_url: 'https://pages.test/trend/0.png',
      alt_text: 'sps-drop: █·▁',
    });
  });

  test.each([
    [
      'an app',
      'type: slack, tokenFile: KEY, channel: C1',
      { status: 200, text: '{"ok":false,"error":"invalid_blocks"}' },
    ],
    [
      'a webhook',
      'type: slack, webhookUrlEnv: SQUILLA_TEST_SLACK',
      { status: 400, text: 'invalid_blocks' },
    ],
  ])(
    '%s: what Slack finds wrong with a block costs the ornaments, not the page',
    async (_, settings, answer) => {
      process.env['SQUILLA_TEST_SLACK'] = 'https://hooks.slack.test/services/T0/B0/x';
      const target = rig.receiver(settings);
      rig.answers = [
        { ...answer, ...PLAIN },
        { status: 200, text: '{"ok":true,"ts":"1.1","channel":"C1"}', ...PLAIN },
      ];
      const { outcome } = await target.deliver(sampleNotification(), null);
      delete process.env['SQUILLA_TEST_SLACK'];
      expect(outcome).toBe('taken');
      expect(rig.bodies()[1]).not.toHaveProperty('blocks');
      expect(rig.bodies()[1]).toMatchObject({
        text: expect.stringMatching(/since {3}2026-01-05T12:00:00Z\nvalue {3}sps 3/),
      });
    },
  );

  test('long texts keep to the bounds and tear no link', async () => {
    const target = rig.receiver('type: slack, tokenFile: KEY, channel: C1');
    const long = sampleAlert({
      annotations: { summary: 's'.repeat(5_000), description: 'd'.repeat(5_000) },
      link: `https://squilla.test/#q=${'x'.repeat(4_000)}`,
    });
    await target.deliver(sampleNotification({ alerts: [long] }), null);
    Blocks.parse((rig.bodies()[0] as { blocks: unknown }).blocks);
    expect(rig.posts[0]?.body).toContain('<https://wiki.test/sps|runbook>');
    expect(rig.posts[0]?.body).not.toContain('https://squilla.test');
  });

  test('an app edits its message, and replies to what must be noticed', async () => {
    const target = rig.receiver('type: slack, tokenFile: KEY, channel: C1');
    const ok = (ts: string): HttpAnswer => ({
      status: 200,
      text: JSON.stringify({ ok: true, ts, channel: 'C1' }),
      ...PLAIN,
    });
    rig.answers = [ok('1.1'), ok('1.1'), ok('2.2'), ok('1.1')];
    const first = await target.deliver(sampleNotification(), null);
    assert(first.outcome === 'taken', () => 'not taken');
    const memo = first.memo ?? null;
    await target.deliver(sampleNotification({ reason: 'repeat' }), memo);
    await target.deliver(endedSample(), memo);
    expect(rig.posts.map(({ url }) => url.slice('https://slack.com/api/'.length))).toEqual([
      'chat.postMessage',
      'chat.update',
      'chat.postMessage',
      'chat.update',
    ]);
    expect(rig.bodies()[0]).toMatchObject({ channel: 'C1' });
    expect(rig.bodies()[1]).toMatchObject({ channel: 'C1', ts: '1.1' });
    expect(rig.bodies()[2]).toEqual({
      channel: 'C1',
      thread_ts: '1.1',
      reply_broadcast: true,
      text: '[FIRING] still sps-drop (region=eu-west): starts fell',
    });
    expect(rig.bodies()[3]).toMatchObject({ ts: '1.1', text: expect.stringContaining('RESOLVED') });
    expect(rig.posts[0]?.headers['Authorization']).toBe(`Bearer ${'k'.repeat(32)}`);
  });

  test('a message that cannot be edited any more is posted anew', async () => {
    const target = rig.receiver('type: slack, tokenFile: KEY, channel: C1');
    const memo = JSON.stringify({ channel: 'C1', ts: '1.1' });
    rig.answers = [
      { status: 200, text: '{"ok":false,"error":"message_not_found"}', ...PLAIN },
      { status: 200, text: '{"ok":true,"ts":"2.2","channel":"C1"}', ...PLAIN },
    ];
    const delivery = await target.deliver(endedSample(), memo);
    expect(delivery).toMatchObject({ outcome: 'taken', memo: '{"channel":"C1","ts":"2.2"}' });
    expect(rig.bodies()[1]).toMatchObject({
      channel: 'C1',
      text: expect.stringContaining('RESOLVED'),
    });
    expect(rig.bodies()[1]).not.toHaveProperty('ts');
  });

  test.each<[string, Delivery['outcome']]>([
    ['{"ok":false,"error":"channel_not_found"}', 'refused'],
    ['{"ok":false,"error":"ratelimited"}', 'retry'],
    ['<html>', 'retry'],
  ])('its answer %s under status 200 means %s', async (text, outcome) => {
    const target = rig.receiver('type: slack, tokenFile: KEY, channel: C1');
    rig.answers = [{ status: 200, text, ...PLAIN }];
    expect((await target.deliver(sampleNotification(), null)).outcome).toBe(outcome);
  });
});
