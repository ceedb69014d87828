import { expect, test, describe } from 'vitest';
import { parseMatcher, matchesAll, matcherText } from '../../../src/alert/notify/matcher.ts';
import type { Labels } from '../../../src/alert/notify/matcher.ts';
import { MaintenanceCalendar } from '../../../src/alert/notify/maintenance.ts';
import { configDiff } from '../../../src/alert/notify/config-diff.ts';
import { readNotifyConfig } from '../../../src/alert/notify/read-config.ts';
import { durationFrom } from '../../../src/alert/receivers/field-reader.ts';
import { notifyConfig, RECEIVERS } from '../../support/notify-world.ts';

describe('matchers', () => {
  test.each<[string, Labels, boolean]>([
    ['region = eu', { region: 'eu' }, true],
    ['region="eu"', { region: 'eu-west' }, false],
    ['region != eu', {}, true],
    ['region =~ "eu-.*"', { region: 'eu-west' }, true],
    ['region =~ eu', { region: 'eu-west' }, false],
    ['region =~ "eu|us"', { region: 'us' }, true],
    ['region !~ "eu.*"', { region: 'us' }, true],
    ['region =~ ".*"', {}, true],
    ['region = ""', {}, true],
    ['x = "a\\"b"', { x: 'a"b' }, true],
    ['toString = ""', {}, true],
  ])('%s on %j: %s', (text, labels, expected) => {
    const matcher = parseMatcher(text);
    expect(matcher.ok && matchesAll([matcher.value], labels)).toBe(expected);
    const again = parseMatcher(matcher.ok ? matcherText(matcher.value) : '');
    expect(again).toEqual(matcher);
  });

  test.each(['region', '= eu', 'region =~ "(a"', 'a="b', 'a =~ "(?=x)"', '1a = b'])(
    '%s is refused',
    (text) => expect(parseMatcher(text).ok).toBe(false),
  );

  test('a pattern that would hang elsewhere takes linear time', () => {
    const matcher = parseMatcher('x =~ "(a+)+b"');
    const startedMs = performance.now();
    expect(matcher.ok && matchesAll([matcher.value], { x: 'a'.repeat(5_000) })).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});

test.each<[string, number | null]>([
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['2d', 172_800_000],
  ['0s', 0],
  ['5', null],
  ['h', null],
  ['-1s', null],
  ['1y', null],
])('duration %s', (text, ms) => expect(durationFrom(text)).toBe(ms));

describe('maintenance', () => {
  const calendar = (schedule: string, hours: number, timeZone: string): MaintenanceCalendar =>
    new MaintenanceCalendar([
      {
        name: 'm',
        matchers: [],
        schedule,
        durationMs: hours * 3_600_000,
        timeZone,
        comment: '',
      },
    ]);
  const isOpen = (windows: MaintenanceCalendar, at: string): boolean =>
    windows.muting({}, Date.parse(at)).length > 0;

  test('keeps to the clock of its zone when summer time ends', () => {
    const windows = calendar('0 2 * * *', 1, 'America/New_York');
    expect(isOpen(windows, '2026-10-31T05:59:59Z')).toBe(false);
    // Two o'clock is 06:00 UTC in summer …
    expect(isOpen(windows, '2026-10-31T06:00:00Z')).toBe(true);
    expect(isOpen(windows, '2026-10-31T06:59:59Z')).toBe(true);
    expect(isOpen(windows, '2026-10-31T07:00:00Z')).toBe(false);
    // … and 07:00 UTC from the first of November on.
    expect(isOpen(windows, '2026-11-01T06:30:00Z')).toBe(false);
    expect(isOpen(windows, '2026-11-01T07:00:00Z')).toBe(true);
    expect(isOpen(windows, '2026-11-01T08:00:00Z')).toBe(false);
  });

  test('lasts its duration in real time over the change', () => {
    const windows = calendar('0 0 * * *', 4, 'Europe/Berlin');
    // The night to the 29th of March 2026 has no hour from two to three.
    expect(isOpen(windows, '2026-03-28T22:59:59Z')).toBe(false);
    expect(isOpen(windows, '2026-03-28T23:00:00Z')).toBe(true);
    expect(isOpen(windows, '2026-03-29T02:59:59Z')).toBe(true);
    expect(isOpen(windows, '2026-03-29T03:00:00Z')).toBe(false);
  });

  test('a start that the clocks skip comes when they have moved on', () => {
    const windows = calendar('30 2 * * *', 1, 'Europe/Berlin');
    const open = [...Array(24).keys()].filter((quarter) =>
      isOpen(
        windows,
        new Date(Date.parse('2026-03-29T00:00:00Z') + quarter * 900_000).toISOString(),
      ),
    );
    // One hour, four quarters, in that night too.
    expect(open).toHaveLength(4);
  });

  test('windows that touch are one', () => {
    const windows = calendar('0 * * * *', 2, 'UTC');
    expect(isOpen(windows, '2026-01-05T12:30:00Z')).toBe(true);
    expect(isOpen(windows, '2026-01-05T13:59:59.999Z')).toBe(true);
    expect(windows.nextChangeMs(Date.parse('2026-01-05T14:30:00Z'))).toBe(
      Date.parse('2026-01-05T16:00:00Z'),
    );
  });
});

describe('files', () => {
  const mistakes = (text: string): readonly string[] => {
    const read = readNotifyConfig([{ path: 'n.yaml', text }]);
    return read.ok ? [] : read.error;
  };

  test.each<[string, string, RegExp]>([
    ['a misspelt member', `${RECEIVERS}rout: {}`, /^n\.yaml:6:1: `rout` is not known.*`route`\?/],
    ['no receiver', 'route: { groupBy: [a] }', /^n\.yaml:1:8: `receiver` is missing/],
    ['an unknown receiver', `${RECEIVERS}route: { receiver: chatt }`, /`chatt`; `chat`\?/],
    ['a secret in the file', 'receivers: { a: { type: pagerduty, routingKey: x } }', /not written/],
    ['no secret at all', 'receivers: { a: { type: pagerduty } }', /`routingKeyFile` or `rout/],
    [
      'a secret that is not there',
      'receivers: { a: { type: pagerduty, routingKeyFile: /nowhere/x } }',
      /ENOENT/,
    ],
    ['a bad address', 'receivers: { a: { type: webhook, url: "ftp://x" } }', /begins with https/],
    ['a password in it', 'receivers: { a: { type: webhook, url: "http://a:b@c" } }', /password/],
    [
      'a header of ours',
      'receivers: { a: { type: webhook, url: "http://c", headers: { Host: x } } }',
      /Host is set by Squilla/,
    ],
    ['a bad matcher', `${RECEIVERS}route: { receiver: chat, routes: [{ match: [x] }] }`, /matcher/],
    [
      'matchers at the root',
      `${RECEIVERS}route: { receiver: chat, match: [a = b] }`,
      /the root takes every alert/,
    ],
    [
      'steps out of order',
      `${RECEIVERS}route: { receiver: chat, escalate: [{ after: 5m, receiver: boss }, { after: 1m, receiver: boss }] }`,
      /comes after the one before/,
    ],
    [
      'a schedule that is none',
      'maintenance: [{ name: a, match: [a = b], schedule: "61 * * * *", duration: 1h, timeZone: UTC }]',
      /^n\.yaml:1:/,
    ],
    [
      'a zone that is none',
      'maintenance: [{ name: a, match: [a = b], schedule: "1 * * * *", duration: 1h, timeZone: Mars }]',
      /^n\.yaml:1:.*/,
    ],
    [
      'maintenance of everything',
      'maintenance: [{ name: a, schedule: "1 * * * *", duration: 1h, timeZone: UTC }]',
      /mute everything/,
    ],
    ['no YAML', 'receivers: [', /^n\.yaml:1:/],
    ['a list', '- a', /^n\.yaml:1:1: the file is written/],
  ])('%s is told with its place', (_, text, expected) => {
    expect(mistakes(text).join('\n')).toMatch(expected);
  });

  test('all mistakes are told at once', () => {
    expect(mistakes('receivers: { a: { type: x }, b: { type: webhook } }\nroute: {}')).toHaveLength(
      3,
    );
  });

  test('secrets show themselves to nobody', () => {
    process.env['SQUILLA_TEST_KEY'] = 'hidden-secret';
    const config = notifyConfig(
      'receivers: { p: { type: pagerduty, routingKeyEnv: SQUILLA_TEST_KEY } }',
    );
    delete process.env['SQUILLA_TEST_KEY'];
    expect(JSON.stringify([...config.receivers])).not.toContain('hidden-secret');
    expect(config.receivers.get('p')?.shown).toEqual({
      type: 'pagerduty',
      routingKeyEnv: 'SQUILLA_TEST_KEY',
    });
  });

  test('a diff names what changed', () => {
    const before = notifyConfig(`${RECEIVERS}route: { receiver: chat }`);
    const after = notifyConfig(
      `${RECEIVERS.replace('chat.test', 'c.test')}route: { receiver: boss, routes: [{ match: [a = b] }] }`,
    );
    expect(configDiff(before, after)).toEqual([
      '~ receiver chat',
      '~ route {}',
      '+ route {}{a="b"}',
    ]);
    expect(configDiff(after, after)).toEqual([]);
  });
});
