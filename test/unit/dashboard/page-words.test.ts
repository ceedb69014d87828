/** Texts of the page: numbers, verdicts, addresses, examples and diagnostics from the engine. */
import { describe, expect, test } from 'vitest';
import { diagnosticsFrom } from '../../../dashboard/diagnostics.ts';
import { examplesFor, fieldText, sourceText } from '../../../dashboard/examples.ts';
import {
  axisText,
  cellText,
  durationText,
  numberText,
  safeText,
} from '../../../dashboard/format.ts';
import {
  hashFrom,
  hashWithoutToken,
  pageStateFrom,
  tokenFrom,
} from '../../../dashboard/page-address.ts';
import { sortRows } from '../../../dashboard/sort-rows.ts';
import { verdictFrom } from '../../../dashboard/verdict.ts';
import { completeness, stream } from '../../browser/support/results.ts';

describe('numbers', () => {
  test.each([
    [0, '0'],
    [42, '42'],
    [1234.6, '1,235'],
    [123.456, '123.5'],
    [0.01234, '0.012'],
    [0.0000321, '3.21e-5'],
    [12_345_678, '12.3M'],
    [Number.NaN, '–'],
  ])('%d reads %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  test('axes and durations are short', () => {
    expect([axisText(1_500_000), axisText(25_000), axisText(250)]).toEqual(['1.5M', '25k', '250']);
    expect([0, 0.005, 0.01].map((tick) => axisText(tick, 0.005))).toEqual(['0', '0.005', '0.01']);
    expect([durationText(62), durationText(1_500), durationText(90_000)]).toEqual([
      '62 ms',
      '1.5 s',
      '1.5 min',
    ]);
  });

  test('cells are exact', () => {
    expect(cellText(123_456_789.25, 'bytes')).toBe('123,456,789.25');
    expect(cellText(1_700_000_000_007, 'ts')).toMatch(/^\d\d:\d\d:\d\d\.007$/);
    expect(cellText(1_700_000_000_007, 'id')).toBe('1,700,000,000,007');
  });
});

test('a hostile text is bounded and loses what would change the page around it', () => {
  expect(safeText('x'.repeat(100_000)).length).toBeLessThan(200);
  expect(safeText('a\u202eb\nc\u0000d')).toBe('a·b·c·d');
});

describe('the verdict', () => {
  const base = { away: false, live: true, lagMs: 60 };
  test.each([
    { name: 'complete', state: completeness(), word: 'Complete', tone: 'good' },
    { name: 'zero', state: completeness({ traffic: 'zero' }), word: 'Zero', tone: 'calm' },
    {
      name: 'silent, though the count is zero',
      state: completeness({ traffic: 'zero', source: 'silent', status: 'degraded' }),
      word: 'Silent',
      tone: 'bad',
    },
    { name: 'behind', state: completeness({ engine: 'behind' }), word: 'Behind', tone: 'warn' },
    { name: 'partial', state: completeness({ status: 'partial' }), word: 'Partial', tone: 'warn' },
  ])('on $name is $word', ({ state, word, tone }) => {
    expect(verdictFrom({ ...base, completeness: state })).toMatchObject({ word, tone });
  });

  test('on a stopped result is that it stopped, and what held then', () => {
    expect(verdictFrom({ ...base, live: false, completeness: completeness() })).toMatchObject({
      word: 'Stopped',
      detail: expect.stringContaining('complete') as string,
    });
  });

  test('on a lost link is that, whatever was said before', () => {
    expect(verdictFrom({ ...base, away: true, completeness: completeness() }).word).toBe(
      'Engine away',
    );
  });
});

describe('the address', () => {
  test.each([null, { fromMs: 1_795_168_800_000, toMs: 1_795_168_860_000 }])(
    'carries the query, whether it runs, the span and the time that is held: %j',
    (view) => {
      const query = "select a from b where c = '#&é'";
      const state = { query, running: true, spanMs: 60_000, view };
      expect(pageStateFrom(hashFrom(state))).toEqual(state);
    },
  );

  test.each([
    ['from=1000&to=2000', { fromMs: 1_000, toMs: 2_000 }],
    [
      'from=2026-11-20T10:00:00Z&to=2026-11-20T10:01:00Z',
      { fromMs: 1_795_168_800_000, toMs: 1_795_168_860_000 },
    ],
    ['from=2000&to=1000', null],
    ['from=x&to=1000', null],
    ['from=1000', null],
  ])('reads times: %s', (hash, view) => {
    expect(pageStateFrom(`#${hash}`).view).toEqual(view);
  });

  test('never carries a token', () => {
    expect(tokenFrom('#token=secret&q=x')).toBe('secret');
    expect(hashWithoutToken('#token=secret&q=x')).toBe('#q=x');
    expect(hashFrom(pageStateFrom('#token=secret&q=x'))).not.toContain('secret');
  });

  test('ignores nonsense', () => {
    expect(pageStateFrom('#span=-1&run=maybe')).toEqual({
      query: '',
      running: false,
      spanMs: 300_000,
      view: null,
    });
  });
});

describe('examples', () => {
  test('are offered for streams that exist with the fields they read', () => {
    const offered = examplesFor([stream('plays', { region: 'string' }), stream('host.cpu')]);
    expect(offered.map((example) => example.stream)).toEqual(['plays', 'host.cpu']);
    expect(examplesFor([stream('plays', { other: 'string' })])[0]?.title).toBe('Rate of plays');
  });

  test('quote names that the language would read otherwise', () => {
    expect(sourceText('host.cpu')).toBe('host.cpu');
    expect(sourceText('a b`c')).toBe('`a b``c`');
    expect(fieldText('a-b')).toBe('`a-b`');
    expect(fieldText('<img>')).toBe('`<img>`');
  });
});

describe('diagnostics from the engine', () => {
  test('have spans inside the text, whatever came', () => {
    const [first] = diagnosticsFrom([{ message: 'm', span: { start: -5, end: 99 } }], 'abc');
    expect(first?.span).toMatchObject({ start: 0, end: 3 });
    expect(diagnosticsFrom([null, 1, {}, { message: 2 }], 'abc')).toEqual([]);
    expect(diagnosticsFrom('nonsense', 'abc')).toEqual([]);
  });
});

test('sorting puts null first and keeps the order of equals', () => {
  const rows = [{ a: 'x' }, { a: 3 }, { a: null }, { a: 1 }];
  expect(sortRows(rows, { column: 'a', descending: false }).map((row) => row['a'])).toEqual([
    null,
    1,
    3,
    'x',
  ]);
  expect(sortRows(rows, { column: 'a', descending: true }).map((row) => row['a'])).toEqual([
    'x',
    3,
    1,
    null,
  ]);
});
