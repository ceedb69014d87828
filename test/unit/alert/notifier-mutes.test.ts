import { describe, expect, test } from 'vitest';
import { StaleSilences } from '../../../src/alert/notify/stale-silences.ts';
import { NotifyWorld, RECEIVERS } from '../../support/notify-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const PLAIN = `${RECEIVERS}
route: { receiver: chat, groupBy: [alertname], groupWait: 1s, groupInterval: 30s, repeat: 4h }
`;

describe('silences', () => {
  test('nobody is told while they last; when they run out it is told at once', () => {
    const world = new NotifyWorld(PLAIN);
    world.silence('s', 'alertname = down', HOUR);
    world.fire('down');
    world.fire('slow');
    world.pass(HOUR - 1);
    expect(world.news()).toEqual(['chat new firing +slow']);
    world.pass(1);
    expect(world.news()).toEqual(['chat unmuted firing +down']);
  });

  test('over a page that is out they stop repetitions, and page again when they run out', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down');
    world.pass(SECOND);
    const { incident } = world;
    world.news();
    world.silence('s', 'alertname = down', 24 * HOUR);
    world.pass(24 * HOUR - 1);
    expect(world.news()).toEqual([]);
    world.pass(1);
    expect(world.news()).toEqual(['chat unmuted firing +down']);
    expect(world.incident).toBe(incident);
  });

  test('ending one early is as good as its expiry', () => {
    const world = new NotifyWorld(PLAIN);
    world.silence('s', 'alertname = down', 24 * HOUR);
    world.fire('down');
    world.pass(MINUTE);
    world.do({ type: 'expire-silence', id: 's' });
    expect(world.news()).toEqual(['chat unmuted firing +down']);
  });

  test('what ended under one is not told', () => {
    const world = new NotifyWorld(PLAIN);
    world.silence('s', 'alertname = down', HOUR);
    world.fire('down');
    world.pass(MINUTE);
    world.end('down');
    world.pass(24 * HOUR);
    expect(world.news()).toEqual([]);
    expect(world.stored).toMatchObject({ alerts: 0, groups: 0 });
  });

  test('the all-clear of what was paged before is told under one, too', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down');
    world.pass(SECOND);
    world.silence('s', 'alertname = down', HOUR);
    world.news();
    world.end('down');
    expect(world.news()).toEqual(['chat resolved resolved -down']);
  });

  test('an incident is not over while a part of it is silenced', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down', { region: 'eu' });
    world.fire('down', { region: 'us' });
    world.pass(SECOND);
    world.news();
    world.silence('s', 'region = eu', HOUR);
    world.end('down', { region: 'us' });
    world.pass(30 * SECOND);
    expect(world.news()).toEqual(['chat changed firing -down/us']);
    world.end('down', { region: 'eu' });
    expect(world.news()).toEqual(['chat resolved resolved -down/eu']);
  });

  test('one that begins later mutes from then on', () => {
    const world = new NotifyWorld(PLAIN);
    const silence = world.silenceOf('s', 'alertname = down', 2 * HOUR);
    const later = { ...silence, startsAtMs: world.nowMs + HOUR };
    world.do({ type: 'put-silence', silence: later });
    world.pass(HOUR);
    world.fire('down');
    world.pass(MINUTE);
    expect(world.news()).toEqual([]);
  });

  test('expired ones are forgotten in the end', () => {
    const world = new NotifyWorld(PLAIN);
    world.silence('s', 'alertname = down', HOUR);
    world.pass(2 * HOUR);
    expect(world.stored.silences).toBe(1);
    world.pass(6 * 24 * HOUR);
    world.do({ type: 'put-silence', silence: world.silenceOf('t', 'a = b', HOUR) });
    expect(world.stored.silences).toBe(1);
  });
});

describe('a stale silence', () => {
  const DAY = 24 * HOUR;
  const stale = new StaleSilences();
  const news = (world: NotifyWorld): string[] =>
    stale.news(world.notifier, world.nowMs, DAY).map(({ why }) => why);

  test('is told once, and again when it was of use in between', () => {
    const world = new NotifyWorld(PLAIN);
    world.silence('s', 'alertname = down', 30 * DAY);
    world.pass(DAY - 1);
    expect(news(world)).toEqual([]);
    world.pass(1);
    expect(news(world)).toEqual(['it has muted nothing in 24 h']);
    world.pass(HOUR);
    expect(news(world)).toEqual([]);
    world.fire('down');
    world.pass(2 * DAY);
    // It mutes an alert all the time.
    expect(news(world)).toEqual([]);
    world.end('down');
    world.restart();
    world.pass(DAY - 1);
    expect(news(world)).toEqual([]);
    world.pass(1);
    expect(news(world)).toEqual(['it last muted something 24 h ago']);
  });
});

describe('maintenance windows', () => {
  const NIGHTLY = `${PLAIN}
maintenance:
  - name: backup
    match: [alertname = down]
    schedule: '0 2 * * *'
    duration: 1h
    timeZone: Europe/Berlin
`;

  test('mute each time they come, and page what still fires after them', () => {
    const world = new NotifyWorld(NIGHTLY);
    // 02:00 in Berlin is 01:00 UTC in winter; the world begins at noon UTC.
    world.pass(13 * HOUR);
    world.fire('down');
    world.pass(HOUR - 1);
    expect(world.news()).toEqual([]);
    world.pass(1);
    expect(world.news()).toEqual(['chat unmuted firing +down']);
    world.pass(23 * HOUR + MINUTE);
    world.news();
    world.pass(59 * MINUTE);
    expect(world.news()).toEqual(['chat unmuted firing +down']);
  });
});

describe('inhibition', () => {
  const INHIBITING = `${PLAIN}
inhibit:
  - { source: [alertname = datacenter], target: [alertname = down], equal: [region] }
`;

  test('mutes what another alert explains, and only in the same place', () => {
    const world = new NotifyWorld(INHIBITING);
    world.fire('down', { region: 'eu' });
    world.fire('down', { region: 'us' });
    world.fire('datacenter', { region: 'eu' });
    world.pass(SECOND);
    expect(world.news().sort()).toEqual([
      'chat new firing +datacenter/eu',
      'chat new firing +down/us',
    ]);
  });

  test('what still fires afterwards is told, what was told before is not told again', () => {
    const world = new NotifyWorld(INHIBITING);
    world.fire('down', { region: 'us' });
    world.pass(SECOND);
    world.fire('datacenter', { region: 'eu' });
    world.fire('datacenter', { region: 'us' });
    world.fire('down', { region: 'eu' });
    world.pass(MINUTE);
    world.news();
    world.end('datacenter', { region: 'us' });
    world.end('datacenter', { region: 'eu' });
    world.pass(MINUTE);
    expect(world.news()).toEqual([
      'chat changed firing +datacenter/eu -datacenter/us',
      'chat changed firing +down/us +down/eu',
      'chat resolved resolved -datacenter/eu',
    ]);
  });
});
