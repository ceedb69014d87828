/** Messages of syslog: the examples of RFC 5424 and RFC 3164, and what senders really send. */
import { describe, expect, test } from 'vitest';
import { readSyslog, syslogHead } from '../../../src/translate/syslog-frames.ts';
import { syslogEvent } from '../../../src/translate/syslog.ts';

const NOW_MS = Date.UTC(2026, 0, 3, 12);
const at = (text: string): number => Date.parse(text);

describe('RFC 5424', () => {
  test.each<[string, object]>([
    [
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed",
      {
        ...{ format: 'rfc5424', facility: 'auth', severity: 'critical', priority: 34 },
        ...{ sent: at('2003-10-11T22:14:15.003Z'), host: 'mymachine.example.com', app: 'su' },
        ...{ pid: null, message_id: 'ID47', data: null, message: "'su root' failed" },
      },
    ],
    [
      '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It is time',
      {
        ...{
          facility: 'local4',
          severity: 'notice',
          host: '192.0.2.1',
          app: 'myproc',
          pid: '8710',
        },
        ...{ sent: at('2003-08-24T12:14:15.000Z'), message: '%% It is time' },
      },
    ],
    [
      '<165>1 2003-10-11T22:14:15.003Z mymachine evntslog - ID47 ' +
        '[exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"]' +
        '[examplePriority@32473 class="high"]',
      {
        message: '',
        data: {
          'exampleSDID@32473': { iut: '3', eventSource: 'Application', eventID: '1011' },
          'examplePriority@32473': { class: 'high' },
        },
      },
    ],
    [
      '<13>1 - - - - - [a b="q\\"u\\\\o\\]t\\e"] x',
      { data: { a: { b: 'q"u\\o]t\\e' } }, sent: null },
    ],
    ['<13>1 - - - - - [empty] x', { data: { empty: {} }, message: 'x', host: '192.0.2.9' }],
    [
      '<13>1 - h a - - [__proto__ a="1"] ',
      { data: JSON.parse('{"__proto__":{"a":"1"}}') as object },
    ],
    ['<13>1 - h a - - -', { message: '', host: 'h', app: 'a' }],
  ])('%s', (text, event) => {
    expect(syslogEvent(text, '192.0.2.9', NOW_MS)).toMatchObject(event);
  });
});

describe('RFC 3164', () => {
  test.each<[string, object]>([
    [
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
      {
        ...{ format: 'rfc3164', facility: 'auth', severity: 'critical', host: 'mymachine' },
        ...{ app: 'su', pid: null, sent: at('2025-10-11T22:14:15Z') },
        message: "'su root' failed for lonvick on /dev/pts/8",
      },
    ],
    [
      '<13>Feb  5 17:32:18 10.0.0.99 sshd[123]: hi',
      {
        host: '10.0.0.99',
        app: 'sshd',
        pid: '123',
        message: 'hi',
        sent: at('2026-02-05T17:32:18Z'),
      },
    ],
    ['<13>Jan  1 00:00:00 h app: x', { sent: at('2026-01-01T00:00:00Z') }],
    ['<13>Dec 31 23:59:59 h app: x', { sent: at('2025-12-31T23:59:59Z') }],
    [
      '<13>2026-01-03T12:00:00.250+01:00 h app[7]: x',
      { host: 'h', app: 'app', pid: '7', sent: at('2026-01-03T11:00:00.250Z') },
    ],
    [
      '<13>Jan  3 12:00:00 kernel: no host',
      { host: '192.0.2.9', app: 'kernel', message: 'no host' },
    ],
    ['<13>Jan  3 12:00:00 h just words', { host: 'h', app: null, message: 'just words' }],
    ['<13>Foo  3 12:00:00 h app: x', { format: 'plain', message: 'Foo  3 12:00:00 h app: x' }],
    [
      '<13>no form at all',
      { format: 'plain', severity: 'notice', facility: 'user', message: 'no form at all' },
    ],
    ['no priority', { format: 'plain', priority: 13, message: 'no priority', host: '192.0.2.9' }],
    ['<192>too high', { priority: 13, message: '<192>too high' }],
    ['<191>x', { facility: 'local7', severity: 'debug' }],
    ['<0>x', { facility: 'kern', severity: 'emergency' }],
    ['<34>1 cut short', { format: 'plain', message: '1 cut short' }],
    ['<13>1 - h a - - [cut a="1', { format: 'plain' }],
  ])('%s', (text, event) => {
    expect(syslogEvent(text, '192.0.2.9', NOW_MS)).toMatchObject(event);
  });
});

test('frames carry anything, and end as their senders end them', () => {
  const messages = ['<13>a\n', '<13>two\nlines', '', '<13>b\u0000', '\n'];
  const parts = messages.flatMap((text) => {
    const bytes = new TextEncoder().encode(text);
    return [syslogHead('::1', bytes.length), bytes];
  });
  const { events, errors, lines } = readSyslog(Buffer.concat(parts), NOW_MS);
  expect(events.map(({ message }) => message)).toStrictEqual(['a', 'two\nlines', 'b']);
  expect(lines).toStrictEqual([1, 2, 4]);
  expect(errors.map(({ line, message }) => [line, message])).toStrictEqual([
    [3, 'an empty message'],
    [5, 'an empty message'],
  ]);
});

test('a pattern of many backslashes takes no time that grows with their power', () => {
  const text = `<13>1 - h a - - [x y="${'\\a'.repeat(50_000)}`;
  const begunMs = performance.now();
  expect(syslogEvent(text, 'p', NOW_MS)).toMatchObject({ format: 'plain' });
  // An exponential pattern would take longer than the universe is old.
  expect(performance.now() - begunMs).toBeLessThan(10_000);
});
