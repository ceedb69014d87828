/** Lines of statsd and DogStatsD, as their documents have them. */
import { expect, test } from 'vitest';
import { readStatsd } from '../../../src/translate/statsd.ts';

const read = (text: string): ReturnType<typeof readStatsd> =>
  readStatsd(new TextEncoder().encode(text));

test.each<[string, object]>([
  ['plays:1|c', { name: 'plays', type: 'counter', value: 1, sample_rate: 1, tags: null }],
  ['plays:2|c|@0.1', { value: 20, sample_rate: 0.1 }],
  ['plays:-3|c', { value: -3 }],
  ['temp:3.5|g', { type: 'gauge', value: 3.5, is_change: false }],
  ['temp:+4|g', { type: 'gauge', value: 4, is_change: true }],
  ['temp:-4|g', { value: -4, is_change: true }],
  ['glork:320|ms|@0.1', { type: 'timing', value: 320, weight: 10 }],
  ['size:1e3|h', { type: 'histogram', value: 1_000, weight: 1 }],
  ['size:7|d', { type: 'distribution', value: 7 }],
  ['users:ann|s', { type: 'set', member: 'ann' }],
  [
    'a.b:1|c|#region:eu-west,canary,url:http://x',
    { tags: { region: 'eu-west', canary: true, url: 'http://x' } },
  ],
  ['a:1|c|#__proto__:x', { tags: JSON.parse('{"__proto__":"x"}') as object }],
  ['a:1|c|c:ci-1|T1700000000', { container: 'ci-1', sent: 1_700_000_000_000 }],
  ['a:1|c|future:thing', { value: 1 }],
  [
    '_e{5,10}:title|some\\nmore|d:1700000000|h:a1|k:k|p:low|s:nagios|t:error|#a:b',
    {
      ...{ name: 'title', type: 'event', text: 'some\nmore', sent: 1_700_000_000_000, host: 'a1' },
      ...{ key: 'k', priority: 'low', source: 'nagios', alert: 'error', tags: { a: 'b' } },
    },
  ],
  ['_e{4,5}:gr\u00fc|t|xy|', { name: 'gr\u00fc', text: 't|xy|' }],
  [
    '_sc|db.up|2|d:1700000000|h:a1|#a:b|m:no route',
    { name: 'db.up', type: 'check', status: 'critical', host: 'a1', message: 'no route' },
  ],
])('%s', (line, event) => {
  expect(read(line)).toMatchObject({ events: [event], errors: [] });
});

test('several values, and several lines', () => {
  const { events, lines, errors } = read('a:1:2:x|ms|#k:v\n\nb:1|c\r\nc:|c\n');
  expect(events).toMatchObject([
    { name: 'a', value: 1, tags: { k: 'v' } },
    { name: 'a', value: 2, tags: { k: 'v' } },
    { name: 'b', value: 1 },
  ]);
  expect(lines).toStrictEqual([1, 2, 4]);
  expect(errors).toStrictEqual([
    { line: 3, message: 'a value is no number' },
    { line: 5, message: 'a value is no number' },
  ]);
});

test.each([
  ['nothing to see', 'not a metric'],
  ['a:1', 'not a metric'],
  ['a:1|x', 'not a metric'],
  ['a:1|constructor', 'not a metric'],
  ['a:1|__proto__', 'not a metric'],
  [':1|c', 'not a metric'],
  ['a:one|c', 'no number'],
  ['a:1e999|g', 'no number'],
  ['a:|s', 'no number'],
  ['a:1|c|@0', 'sample rate'],
  ['a:1|c|@2', 'sample rate'],
  ['a:1|c|@x', 'sample rate'],
  ['_e{5,4}:short', 'not an event'],
  ['_e{1,1}:abc', 'not an event'],
  ['_e{x}:a|b', 'not an event'],
  ['_sc|name', 'not a check'],
  ['_sc|name|7', 'not a check'],
])('%s is refused', (line, message) => {
  const { events, errors } = read(line);
  expect(events).toStrictEqual([]);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain(message);
});
