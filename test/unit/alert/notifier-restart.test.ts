import { describe, expect, test } from 'vitest';
import { NotifyWorld, RECEIVERS, START_MS } from '../../support/notify-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const PLAIN = `${RECEIVERS}
route: { receiver: chat, groupBy: [alertname], groupWait: 1s, groupInterval: 30s, repeat: 4h }
`;

describe('acknowledgement and escalation', () => {
  const LADDER = `${RECEIVERS}
route:
  receiver: chat
  groupWait: 0s
  repeat: 1h
  escalate: [{ after: 5m, receiver: phone }, { after: 15m, receiver: boss }]
`;

  test('the ladder is climbed while nobody says anything', () => {
    const world = new NotifyWorld(LADDER);
    world.fire('down');
    world.pass(20 * MINUTE);
    expect(world.news()).toEqual([
      'chat new firing +down',
      'phone escalation firing +down',
      'boss escalation firing +down',
    ]);
    world.end('down');
    expect(world.news().sort()).toEqual([
      'boss resolved resolved -down',
      'chat resolved resolved -down',
      'phone resolved resolved -down',
    ]);
  });

  test('an acknowledgement stops it, and repetitions; receivers hear of it', () => {
    const world = new NotifyWorld(LADDER);
    world.fire('down');
    world.pass(MINUTE);
    world.news();
    const { incident } = world;
    world.do({ type: 'acknowledge', incident, by: 'ann', comment: 'on it', untilMs: null });
    world.pass(10 * HOUR);
    expect(world.news()).toEqual(['chat acknowledged firing +down']);
    expect(world.told.at(-1)?.acknowledgement).toMatchObject({ by: 'ann', comment: 'on it' });
    world.end('down');
    expect(world.news()).toEqual(['chat resolved resolved -down']);
  });

  test('one that runs out pages again and the ladder begins anew', () => {
    const world = new NotifyWorld(LADDER);
    world.fire('down');
    world.pass(MINUTE);
    const { incident, nowMs } = world;
    const untilMs = nowMs + 30 * MINUTE;
    world.do({ type: 'acknowledge', incident, by: 'ann', comment: '', untilMs });
    world.news();
    world.pass(36 * MINUTE);
    expect(world.news()).toEqual([
      'chat unacknowledged firing +down',
      'phone escalation firing +down',
    ]);
  });

  test('a silenced incident wakes nobody further up', () => {
    const world = new NotifyWorld(LADDER);
    world.fire('down');
    world.pass(MINUTE);
    world.silence('s', 'alertname = down', HOUR);
    world.news();
    world.pass(30 * MINUTE);
    expect(world.news()).toEqual([]);
  });
});

describe('restart and reload', () => {
  test('timers and names survive a restart', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down', { region: 'eu' });
    world.pass(SECOND);
    const { incident } = world;
    world.fire('down', { region: 'us' });
    world.pass(10 * SECOND);
    world.restart();
    world.pass(19 * SECOND);
    expect(world.news()).toEqual(['chat new firing +down/eu']);
    world.pass(SECOND);
    expect(world.news()).toEqual(['chat changed firing +down/eu +down/us']);
    world.restart();
    world.end('down', { region: 'eu' });
    world.restart();
    world.end('down', { region: 'us' });
    expect(world.news()).toEqual(['chat resolved resolved -down/eu -down/us']);
    expect(new Set(world.told.map((told) => told.incident))).toEqual(new Set([incident]));
    expect(new Set(world.told.map(({ id }) => id)).size).toBe(3);
  });

  test('a silence that ran out while the engine was down pages at its start', () => {
    const world = new NotifyWorld(PLAIN);
    world.silence('s', 'alertname = down', HOUR);
    world.fire('down');
    world.pass(MINUTE);
    world.nowMs += 2 * HOUR;
    world.restart();
    expect(world.news()).toEqual(['chat unmuted firing +down']);
  });

  test('what is heard again after a crash is not told again', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down', {}, { id: 'same' });
    world.pass(SECOND);
    world.news();
    const startsAtMs = START_MS;
    world.fire(
      'down',
      {},
      { id: 'same', startsAtMs, episode: world.told[0]?.alerts[0]?.episode ?? '' },
    );
    world.pass(HOUR);
    expect(world.news()).toEqual([]);
  });

  test('a reload of the same text changes nothing', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down', { region: 'eu' });
    world.pass(SECOND);
    world.fire('down', { region: 'us' });
    world.pass(10 * SECOND);
    world.news();
    world.reload(PLAIN);
    world.pass(19 * SECOND);
    expect(world.news()).toEqual([]);
    world.pass(SECOND);
    expect(world.news()).toEqual(['chat changed firing +down/eu +down/us']);
  });

  test('a new route with the same receiver takes the incident along', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down');
    world.pass(SECOND);
    const { incident } = world;
    world.news();
    world.reload(`${PLAIN.trim().replace(/ }$/, '')}, routes: [{ match: [alertname = down] }] }\n`);
    world.pass(MINUTE);
    expect(world.news()).toEqual([]);
    world.end('down');
    expect(world.news()).toEqual(['chat resolved resolved -down']);
    expect(world.told.at(-1)?.incident).toBe(incident);
  });

  test('a new receiver is paged, and the old one still hears of the end', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down');
    world.pass(SECOND);
    world.news();
    world.reload(
      `${PLAIN.trim().replace(/ }$/, '')}, routes: [{ match: [alertname = down], receiver: phone }] }\n`,
    );
    world.pass(SECOND);
    expect(world.news()).toEqual(['phone new firing +down']);
    world.end('down');
    expect(world.news().sort()).toEqual([
      'chat resolved resolved -down',
      'phone resolved resolved -down',
    ]);
  });

  test('a route whose receiver was changed pages the new one and ends for both', () => {
    const world = new NotifyWorld(PLAIN);
    world.fire('down');
    world.pass(SECOND);
    world.news();
    world.reload(PLAIN.replace('receiver: chat', 'receiver: phone'));
    expect(world.news()).toEqual(['phone changed firing +down']);
    world.end('down');
    expect(world.news().sort()).toEqual([
      'chat resolved resolved -down',
      'phone resolved resolved -down',
    ]);
  });
});
