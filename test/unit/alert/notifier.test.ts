import { describe, expect, test } from 'vitest';
import { NotifyWorld, RECEIVERS, START_MS } from '../../support/notify-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const PLAIN = `${RECEIVERS}
route: { receiver: chat, groupBy: [alertname], groupWait: 1s, groupInterval: 30s, repeat: 4h }
`;

describe('grouping', () => {
  test('what begins together is told together, once', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down', { region: 'eu' });
    world.fire('down', { region: 'us' });
    world.fire('slow');
    expect(world.news()).toEqual([]);
    world.pass(SECOND);
    expect(world.news()).toEqual(['chat new firing +down/eu +down/us', 'chat new firing +slow']);
    world.pass(HOUR);
    expect(world.news()).toEqual([]);
  });

  test('what joins an incident is told after the interval, the incident keeps its name', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down', { region: 'eu' });
    world.pass(SECOND);
    world.pass(5 * SECOND);
    world.fire('down', { region: 'us' });
    world.pass(24 * SECOND);
    expect(world.news()).toEqual(['chat new firing +down/eu']);
    world.pass(SECOND);
    expect(world.news()).toEqual(['chat changed firing +down/eu +down/us']);
    expect(new Set(world.told.map(({ incident }) => incident)).size).toBe(1);
    expect(new Set(world.told.map(({ id }) => id)).size).toBe(2);
  });

  test('`...` makes a group of every alert', () => {
    const world = new NotifyWorld(PLAIN.replace('[alertname]', '["..."]'));
    world.fire('down', { region: 'eu' });
    world.fire('down', { region: 'us' });
    world.pass(SECOND);
    expect(world.news()).toHaveLength(2);
    expect(new Set(world.told.map(({ incident }) => incident)).size).toBe(2);
  });

  test('it is repeated while it lasts', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down');
    world.pass(SECOND + 8 * HOUR);
    expect(world.news()).toEqual([
      'chat new firing +down',
      'chat repeat firing +down',
      'chat repeat firing +down',
    ]);
  });
});

describe('the all-clear', () => {
  test('comes at once when nothing fires any more', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down', { region: 'eu' });
    world.fire('down', { region: 'us' });
    world.pass(SECOND);
    world.news();
    world.end('down', { region: 'eu' });
    expect(world.news()).toEqual([]);
    world.end('down', { region: 'us' });
    expect(world.news()).toEqual(['chat resolved resolved -down/eu -down/us']);
    expect(world.stored).toEqual({ alerts: 0, groups: 0, silences: 0 });
  });

  test('waits for the interval if it is asked to', () => {
    const world = new NotifyWorld(PLAIN.replace('repeat: 4h', 'repeat: 4h, allClear: grouped'));
    world.fire('down');
    world.pass(SECOND);
    world.news();
    world.end('down');
    world.pass(29 * SECOND);
    expect(world.news()).toEqual([]);
    world.pass(SECOND);
    expect(world.news()).toEqual(['chat resolved resolved -down']);
  });

  test('is left out if nobody wants it', () => {
    const world = new NotifyWorld(PLAIN.replace('repeat: 4h', 'repeat: 4h, allClear: never'));
    world.fire('down');
    world.pass(SECOND);
    world.news();
    world.end('down');
    world.pass(HOUR);
    expect(world.news()).toEqual([]);
    expect(world.stored.groups).toBe(0);
  });

  test('a new episode right after the end is not swallowed', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down');
    world.pass(SECOND);
    const first = world.incident;
    world.end('down');
    world.pass(10);
    world.fire('down');
    world.pass(SECOND);
    expect(world.news()).toEqual([
      'chat new firing +down',
      'chat resolved resolved -down',
      'chat new firing +down',
    ]);
    expect(world.incident).not.toBe(first);
  });

  test('an episode that came and went between two flushes is told all the same', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down', { region: 'eu' });
    world.pass(SECOND);
    world.news();
    world.fire('down', { region: 'us' });
    world.pass(SECOND);
    world.end('down', { region: 'us' });
    world.pass(30 * SECOND);
    expect(world.news()).toEqual(['chat changed firing +down/eu -down/us']);
  });

  test('an episode shorter than the group wait is told once, as over', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down');
    world.pass(500);
    world.end('down');
    world.pass(HOUR);
    expect(world.news()).toEqual(['chat new resolved -down']);
    expect(world.stored.alerts).toBe(0);
  });
});

describe('posted alerts', () => {
  const post = (endsAtMs: number | null, startsAtMs: number | null = null) => ({
    labels: { alertname: 'posted' },
    annotations: {},
    startsAtMs,
    endsAtMs,
    link: null,
  });

  test('last as long as they are posted again, and end when they are not', () => {
    const world = new NotifyWorld(PLAIN);
    for (let n = 0; n < 10; n += 1) {
      world.do({ type: 'posted', alerts: [post(world.nowMs + 4 * MINUTE)] });
      world.pass(MINUTE);
    }
    expect(world.news()).toEqual(['chat new firing +posted']);
    world.pass(3 * MINUTE);
    expect(world.news()).toEqual(['chat resolved resolved -posted']);
    expect(world.told.at(-1)?.alerts[0]?.reason).toBe('its sender stopped sending it');
  });

  test('end when the sender says so, and begin anew after that', () => {
    const world = new NotifyWorld(PLAIN);
    world.do({ type: 'posted', alerts: [post(null)] });
    world.pass(MINUTE);
    world.do({ type: 'posted', alerts: [post(world.nowMs)] });
    expect(world.news()).toEqual(['chat new firing +posted', 'chat resolved resolved -posted']);
    world.pass(MINUTE);
    world.do({ type: 'posted', alerts: [post(null)] });
    world.pass(MINUTE);
    expect(world.news()).toEqual(['chat new firing +posted']);
  });

  test('by a clock behind ours never end before they began', () => {
    const world = new NotifyWorld(PLAIN);
    world.do({ type: 'posted', alerts: [post(null)] });
    world.pass(SECOND);
    world.do({ type: 'posted', alerts: [post(START_MS - MINUTE)] });
    expect(world.told.at(-1)?.alerts[0]).toMatchObject({
      startsAtMs: START_MS,
      endsAtMs: START_MS,
    });
  });

  test('that are over already when they come are nobody’s business', () => {
    const world = new NotifyWorld(PLAIN);
    world.do({ type: 'posted', alerts: [post(START_MS - 1, START_MS - 2)] });
    world.pass(HOUR);
    expect(world.news()).toEqual([]);
    expect(world.stored.alerts).toBe(0);
  });
});

describe('routes', () => {
  const TREE = `${RECEIVERS}
route:
  receiver: chat
  groupWait: 0s
  routes:
    - { match: [severity = info], receiver: chat }
    - { match: ['region =~ "eu-.*"'], receiver: phone, continue: true }
    - { match: ['region != ""', 'region !~ us.*'], receiver: boss }
    - { name: mine, match: [owner = me], receiver: boss }
`;

  test('the first that fits takes an alert, further ones only after `continue`', () => {
    const world = new NotifyWorld(TREE);
    world.fire('a', { region: 'eu-west' });
    world.fire('b', { region: 'us-east' });
    world.fire('c', { severity: 'info', region: 'eu-west' });
    world.pass(0);
    expect(world.news().sort()).toEqual([
      'boss new firing +a/eu-west',
      'chat new firing +b/us-east',
      'chat new firing +c/eu-west',
      'phone new firing +a/eu-west',
    ]);
  });

  test('a rule may name its route', () => {
    const world = new NotifyWorld(TREE);
    world.fire('a', {}, { route: 'mine' });
    world.fire('b', {}, { route: 'gone' });
    world.pass(0);
    expect(world.news()).toEqual(['boss new firing +a', 'chat new firing +b']);
  });
});

test('without a route nobody is told, and alerts are held all the same', () => {
  const world = new NotifyWorld(RECEIVERS);
  world.fire('down');
  world.pass(HOUR);
  expect(world.news()).toEqual([]);
  expect(world.stored).toMatchObject({ alerts: 1, groups: 0 });
  world.reload(PLAIN);
  world.pass(SECOND);
  expect(world.news()).toEqual(['chat new firing +down']);
});

test('a notification holds so many alerts and counts the rest', () => {
  const world = new NotifyWorld(PLAIN);
  for (let n = 0; n < 103; n += 1) world.fire('down', { region: `r${n}` });
  world.pass(SECOND);
  expect(world.told[0]).toMatchObject({ truncated: 3, status: 'firing' });
  expect(world.told[0]?.alerts).toHaveLength(100);
  for (let n = 0; n < 103; n += 1) world.end('down', { region: `r${n}` });
  expect(world.told.at(-1)).toMatchObject({ truncated: 3, status: 'resolved' });
  expect(world.stored).toEqual({ alerts: 0, groups: 0, silences: 0 });
});
