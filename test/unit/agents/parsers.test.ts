import { describe, expect, test } from 'vitest';
import { chooseParser } from '../../../agents/parsers/choose.ts';
import { parseClfTime } from '../../../agents/parsers/clf-time.ts';
import { combinedParser } from '../../../agents/parsers/combined.ts';
import { guessFormat } from '../../../agents/parsers/guess.ts';
import { logFormatParser } from '../../../agents/parsers/log-format.ts';
import { logfmtParser } from '../../../agents/parsers/logfmt.ts';
import { regexParser } from '../../../agents/parsers/regex.ts';
import { eventTimeMs } from '../../../src/wire/event-time.ts';

const COMBINED =
  '127.0.0.1 - - [21/Nov/2026:07:30:00 +0000] "GET /a?b=1 HTTP/1.1" 200 615 "-" "wrk/4 (x y)"';
const event = {
  remote_addr: '127.0.0.1',
  remote_user: null,
  time: Date.UTC(2026, 10, 21, 7, 30),
  method: 'GET',
  path: '/a?b=1',
  protocol: 'HTTP/1.1',
  status: 200,
  bytes: 615,
  referer: null,
  user_agent: 'wrk/4 (x y)',
};

describe('access logs are recognised', () => {
  test.each([
    { name: 'combined', line: COMBINED, parser: 'combined', expected: event },
    {
      name: 'combined with $msec $request_time',
      line: `${COMBINED} 1763710200.123 0.004`,
      parser: 'combined with $msec $request_time',
      expected: { ...event, time: 1_763_710_200_123, request_time: 0.004 },
    },
    {
      name: 'combined with $request_time $msec',
      line: `${COMBINED} 0.004 1763710200.999`,
      parser: 'combined with $request_time $msec',
      expected: { ...event, time: 1_763_710_200_999, request_time: 0.004 },
    },
    {
      name: 'combined with $msec alone',
      line: `${COMBINED} 1763710200.5`,
      parser: 'combined with $msec',
      expected: { ...event, time: 1_763_710_200_500 },
    },
    {
      name: 'combined with $request_time alone',
      line: `${COMBINED} 1.25`,
      parser: 'combined with $request_time',
      expected: { ...event, request_time: 1.25 },
    },
    {
      name: 'common, as Apache writes it, with a zone and an unknown size',
      line: 'h.example - ann [21/Nov/2026:08:30:00 +0100] "POST /x HTTP/2.0" 304 -',
      parser: 'common',
      expected: {
        remote_addr: 'h.example',
        remote_user: 'ann',
        time: event.time,
        method: 'POST',
        path: '/x',
        protocol: 'HTTP/2.0',
        status: 304,
        bytes: null,
      },
    },
  ])('$name', ({ line, parser, expected }) => {
    const found = combinedParser(line);
    expect(found?.name).toBe(parser);
    expect(found?.parse(line)).toStrictEqual(expected);
  });

  test.each([
    {
      name: 'quotes that Apache escapes',
      agent: String.raw`a \"b\" \\c`,
      read: String.raw`a "b" \c`,
    },
    { name: 'bytes that nginx escapes', agent: String.raw`\x22\x41`, read: '"A' },
  ])('with $name', ({ agent, read }) => {
    const line = COMBINED.replace('wrk/4 (x y)', agent);
    expect(combinedParser(line)?.parse(line)?.['user_agent']).toBe(read);
  });

  test('what is no request line is kept as it came', () => {
    const line = COMBINED.replace('GET /a?b=1 HTTP/1.1', String.raw`\x16\x03`);
    expect(combinedParser(line)?.parse(line)).toMatchObject({
      method: null,
      path: null,
      request: String.raw`\x16\x03`,
    });
  });

  test.each(['', 'hello world', '{"a":1}', COMBINED.slice(0, 60), COMBINED.replace('200', 'ok')])(
    'but not %j',
    (line) => {
      expect(combinedParser(line)).toBeNull();
    },
  );
});

describe('log_format texts', () => {
  test('take the best time they have, and lists of upstream times', () => {
    const format = '[$time_local] $host $upstream_response_time $msec "$request"';
    const parser = logFormatParser('mine', format);
    const line =
      '[21/Nov/2026:07:30:00 +0000] a.example 0.010, 0.250 1763710200.123 "GET / HTTP/1.1"';
    expect(parser?.parse(line)).toStrictEqual({
      host: 'a.example',
      upstream_response_time: 0.25,
      time: 1_763_710_200_123,
      method: 'GET',
      path: '/',
      protocol: 'HTTP/1.1',
    });
    expect([parser?.timeField, parser?.timeStepMs]).toStrictEqual(['time', 1]);
  });

  test('may name variables as objects name what they inherit', () => {
    const parser = logFormatParser('mine', '$constructor $__proto__ $toString');
    const event = parser?.parse('a b c') ?? {};
    expect(Object.entries(event)).toStrictEqual([
      ['constructor', 'a'],
      ['__proto__', 'b'],
      ['toString', 'c'],
    ]);
  });

  test('of two variables with nothing between them cannot be used', () => {
    expect(logFormatParser('mine', '$status$body_bytes_sent')).toBeNull();
    expect(() => chooseParser({ logFormat: '$a$b' }, [])).toThrow('nothing between');
  });
});

describe('logfmt', () => {
  test.each([
    { line: 'level=info msg="it works" n=12', expected: { level: 'info', msg: 'it works', n: 12 } },
    {
      line: String.raw`m="a \"b\"" t=1.5e3 ok=true done`,
      expected: { m: 'a "b"', t: 1500, ok: true, done: true },
    },
    {
      line: 'took=12ms empty= none=null id=007',
      expected: { took: '12ms', empty: null, none: null, id: '007' },
    },
    { line: 'just words', expected: null },
    { line: 'a="unclosed', expected: null },
  ])('$line', ({ line, expected }) => {
    expect(logfmtParser(null).parse(line)).toStrictEqual(expected);
  });
});

describe('regular expressions', () => {
  test('give their named groups, numbers as numbers', () => {
    const parser = regexParser(String.raw`^(?P<ip>\S+) took (?P<ms>\d+(\.\d+)?)( (?P<note>.*))?$`);
    if (!parser.ok) throw new Error(parser.error);
    expect(parser.value.parse('10.0.0.1 took 12.5')).toStrictEqual({
      ip: '10.0.0.1',
      ms: 12.5,
      note: null,
    });
    expect(parser.value.parse('nothing')).toBeNull();
  });

  test('cannot hang on a line', () => {
    const parser = regexParser('(?P<x>(a+)+)$');
    if (!parser.ok) throw new Error(parser.error);
    expect(parser.value.parse(`${'a'.repeat(5_000)}!`)).toBeNull();
  });

  test.each(['(', '(a)\\1', 'no groups'])('%j is a mistake that is told', (pattern) => {
    expect(regexParser(pattern).ok).toBe(false);
  });
});

describe('guessing', () => {
  test.each([
    {
      name: 'JSON with its time',
      lines: ['{"ts":1763710200,"a":1}', '{"ts":1763710201}'],
      says: 'json (2 of 2 lines)',
      time: 'ts',
    },
    {
      name: 'JSON whose lines agree on no time',
      lines: ['{"ts":1763710200}', '{"a":1}'],
      says: 'json (2 of 2 lines)',
      time: null,
    },
    {
      name: 'an access log with a broken line',
      lines: [COMBINED, 'oops', COMBINED],
      says: 'combined (2 of 3 lines)',
      time: 'time',
    },
    {
      name: 'logfmt',
      lines: ['time=2026-11-21T07:30:00Z msg=x'],
      says: 'logfmt (1 of 1 lines)',
      time: 'time',
    },
    {
      name: 'plain text',
      lines: ['Hello there.', 'General.'],
      says: 'plain text (2 lines of no known format)',
      time: null,
    },
  ])('$name', ({ lines, says, time }) => {
    const guess = guessFormat(lines);
    expect([guess.reason, guess.parser.timeField]).toStrictEqual([says, time]);
  });
});

describe('times', () => {
  test.each([
    { value: 1_763_710_200, ms: 1_763_710_200_000 },
    { value: 1_763_710_200.123, ms: 1_763_710_200_123 },
    { value: 1_763_710_200_123, ms: 1_763_710_200_123 },
    { value: 1_763_710_200_123_456, ms: 1_763_710_200_123 },
    { value: 1.763710200123e18, ms: 1_763_710_200_123 },
    { value: '1763710200.5', ms: 1_763_710_200_500 },
    { value: '2026-11-21T07:30:00.250+01:00', ms: Date.UTC(2026, 10, 21, 6, 30, 0, 250) },
    { value: '2026-11-21 07:30:00,250', ms: Date.UTC(2026, 10, 21, 7, 30, 0, 250) },
    { value: '2026-11-21', ms: Date.UTC(2026, 10, 21) },
    { value: 'soon', ms: null },
    { value: -1, ms: null },
    { value: Number.NaN, ms: null },
    { value: true, ms: null },
  ])('$value', ({ value, ms }) => {
    expect(eventTimeMs(value)).toBe(ms);
  });

  test.each([
    ['21/Nov/2026:07:30:00 -0130', Date.UTC(2026, 10, 21, 9)],
    ['21/Foo/2026:07:30:00 +0000', null],
    ['now', null],
  ])('of the common log format: %s', (text, ms) => {
    expect(parseClfTime(text)).toBe(ms);
  });
});
