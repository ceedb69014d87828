/** What PagerDuty is sent, against the shape that it publishes. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ReceiverRig } from '../../support/receiver-rig.ts';
import { endedSample, sampleAlert, sampleNotification } from '../../support/sample-notification.ts';

const rig = new ReceiverRig();

/** @see https://developer.pagerduty.com/docs/send-alert-event */
const PagerDutyEvent = z.strictObject({
  routing_key: z.string().length(32),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().max(255),
  client: z.string().optional(),
  client_url: z.url().optional(),
  links: z.array(z.strictObject({ href: z.url(), text: z.string() })).optional(),
  images: z
    .array(
      z.strictObject({
        src: z.url({ protocol: /^https$/ }),
        href: z.url().optional(),
        alt: z.string().optional(),
      }),
    )
    .optional(),
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
    const { outcome } = await rig.receiver(settings).deliver(sampleNotification(), null);
    expect(outcome).toBe('taken');
    expect(rig.posts[0]?.url).toBe('https://events.pagerduty.com/v2/enqueue');
    const [event] = rig.bodies().map((body) => PagerDutyEvent.parse(body));
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
              example: 'title=Ocean status=503',
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

  test('pictures go along where they can be fetched', async () => {
    const target = rig.receiver(settings);
    rig.image = (alert) => `https://pages.test/trend/${alert}.png`;
    await target.deliver(sampleNotification({ alerts: Array(5).fill(sampleAlert()) }), null);
    const event = PagerDutyEvent.parse(rig.bodies()[0]);
    expect(event.images).toEqual(
      [0, 1, 2].map((alert) => ({
        src: `https://pages.test/trend/${alert}.png`,
        href: 'http://squilla.test/#q=select&run=1',
        alt: 'sps-drop: █·▁',
      })),
    );
  });

  test('an acknowledgement and an end go under the same key', async () => {
    const acknowledgement = { by: 'ann', comment: '', atMs: 0, untilMs: null };
    const target = rig.receiver(settings);
    await target.deliver(sampleNotification({ reason: 'acknowledged', acknowledgement }), null);
    await target.deliver(endedSample(), null);
    expect(rig.bodies()).toEqual([
      {
        routing_key: 'k'.repeat(32),
        dedup_key: 'i'.repeat(32),
        event_action: 'acknowledge',
      },
      { routing_key: 'k'.repeat(32), dedup_key: 'i'.repeat(32), event_action: 'resolve' },
    ]);
  });

  test('what was over before it was told is opened and closed', async () => {
    await rig.receiver(settings).deliver({ ...endedSample(), reason: 'new' }, null);
    const actions = rig.bodies().map((body) => PagerDutyEvent.parse(body).event_action);
    expect(actions).toEqual(['trigger', 'resolve']);
  });

  test('what is too large leaves out its details and keeps to the bounds', async () => {
    const description = 'x'.repeat(300_000);
    const long = sampleAlert({ annotations: { summary: 's'.repeat(5_000), description } });
    const alerts = [long, long, long];
    await rig
      .receiver(settings)
      .deliver(sampleNotification({ alerts: [long], truncated: 0 }), null);
    await rig.receiver(settings).deliver(sampleNotification({ alerts }), null);
    const [post] = rig.posts;
    expect(Buffer.byteLength(post?.body ?? '')).toBeLessThan(512_000);
    const event = PagerDutyEvent.parse(JSON.parse(post?.body ?? ''));
    expect(event.payload?.custom_details).toEqual({ note: 'left out: too large' });
    // Queries as long as these are in no page; an address is, and there may be many.
    const link = `https://squilla.test/#q=${'x'.repeat(60_000)}`;
    const many = Array(20).fill(sampleAlert({ link }));
    await rig.receiver(settings).deliver(sampleNotification({ alerts: many }), null);
    expect(Buffer.byteLength(rig.posts[0]?.body ?? '')).toBeLessThan(512_000);
    expect(PagerDutyEvent.parse(rig.bodies()[0]).links).toBeUndefined();
  });
});
