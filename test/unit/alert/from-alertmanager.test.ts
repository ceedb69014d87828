/** Alertmanager's configurations as ours: what is carried over, and what is said. */
import { describe, expect, test } from 'vitest';
import { fromAlertmanager } from '../../../src/alert/notify/from-alertmanager.ts';
import { readNotifyConfig } from '../../../src/alert/notify/read-config.ts';
import { assert } from '../../../src/core/assert.ts';
import { parse } from 'yaml';
import { NOTES, OURS, THEIRS } from '../../support/alertmanager-example.ts';

interface Converted {
  readonly receivers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly route: Readonly<Record<string, unknown>>;
  readonly inhibit?: readonly object[];
}

function convert(text: string): { readonly made: Converted; readonly notes: readonly string[] } {
  const converted = fromAlertmanager(text);
  assert(converted.ok, () => (converted.ok ? '' : converted.error));
  return { made: parse(converted.value.text) as Converted, notes: converted.value.notes };
}

const ROUTE = 'route: { receiver: r }';

function receiver(configs: string): Readonly<Record<string, unknown>> | undefined {
  return convert(`${ROUTE}\nreceivers: [{ name: r, ${configs} }]`).made.receivers['r'];
}

test('the example of the documents is what is made of it, with what is said', () => {
  expect(fromAlertmanager(THEIRS)).toEqual({
    ok: true,
    value: { text: OURS, notes: NOTES.trimEnd().split('\n') },
  });
  // Its secrets are not on this machine.
  const text = OURS.replace(/routingKeyEnv: .*/, 'routingKeyEnv: PATH').replace(
    /webhookUrlFile: .*/,
    'webhookUrlEnv: PATH',
  );
  expect(readNotifyConfig([{ path: 'ours.yaml', text }])).toMatchObject({ ok: true });
});

describe('receivers', () => {
  test.each([
    [
      'pagerduty_configs: [{ routing_key_file: /k, url: "https://eu.test/v2/enqueue" }]',
      { type: 'pagerduty', routingKeyFile: '/k', url: 'https://eu.test/v2/enqueue' },
    ],
    [
      'slack_configs: [{ api_url: "https://hooks.slack.com/x" }]',
      { type: 'slack', webhookUrlEnv: 'SQUILLA_R_WEBHOOK_URL' },
    ],
    [
      'webhook_configs: [{ url: "https://bridge.example.com/x" }]',
      { type: 'alertmanager-webhook', url: 'https://bridge.example.com/x' },
    ],
    [
      'webhook_configs: [{ url: "http://10.0.0.1:80/x" }]',
      { type: 'alertmanager-webhook', url: 'http://10.0.0.1:80/x', allowPrivate: true },
    ],
    [
      'email_configs: [{ to: "a@b.c, d@e.f", from: s@b.c, smarthost: "m.b.c:465", auth_username: u, auth_password_file: /p }]',
      {
        ...{ type: 'email', host: 'm.b.c', port: 465, from: 's@b.c', to: ['a@b.c', 'd@e.f'] },
        ...{ tls: 'implicit', user: 'u', passwordFile: '/p' },
      },
    ],
    [
      'email_configs: [{ to: a@b.c, from: s@b.c, smarthost: "m.b.c:25", require_tls: false }]',
      { type: 'email', host: 'm.b.c', port: 25, from: 's@b.c', to: ['a@b.c'], tls: 'none' },
    ],
    ['wechat_configs: [{ to_user: x }]', { type: 'log' }],
  ])('%s', (configs, expected) => {
    expect(receiver(configs)).toEqual(expected);
  });

  test('what has no place is said', () => {
    const { notes } = convert(`templates: [x]
mute_time_intervals: [{ name: n }]
route: { receiver: r, routes: [{ receiver: r, mute_time_intervals: [n] }] }
receivers:
  - name: r
    opsgenie_configs: [{ api_key: x }]
    webhook_configs: [{ url_file: /u }]
    slack_configs: [{ api_url_file: /s, channel: c }]
`);
    expect(notes).toEqual([
      'r: there is nothing like opsgenie_configs yet',
      'r: write its address into `url`; `url_file` is not read',
      "r: an incoming webhook has one channel; for another use a bot's `tokenFile`",
      'r: its all-clear is left out, as there; `allClear: at-once` tells it',
      'templates: messages are made of the annotations of rules',
      'mute_time_intervals: write them as `maintenance`',
      'mute_time_intervals of a route: write it as `maintenance`, by matchers',
    ]);
  });
});

test.each([
  ['matchers: [\'a="x,y"\', b!=c]', ['a="x,y"', 'b!="c"']],
  ['matchers: [\'{a="x", b=~"y.*"}\']', ['a="x"', 'b=~"y.*"']],
  ['matchers: [\'a=~"x\\.y"\']', ['a=~"x\\\\.y"']],
  ['match: { a: 1 }, match_re: { b: "x|y" }', ['a="1"', 'b=~"x|y"']],
])('%s', (written, expected) => {
  const { made } = convert(
    `route: { receiver: r, routes: [{ ${written} }] }\nreceivers: [{ name: r }]`,
  );
  expect(made.route['routes']).toEqual([{ match: expected }]);
});

test.each([['route: ['], ['- a'], ['receivers: []']])('%s is refused', (text) => {
  expect(fromAlertmanager(text)).toMatchObject({ ok: false });
});
