/** The public `evaluate`: queries over finite lists, as a caller sees them. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/reference/evaluate.ts';
import type { EvaluateOptions } from '../../../src/reference/evaluate.ts';
import type { EvaluateEvents } from '../../../src/reference/evaluate-input.ts';

interface Case {
  readonly name: string;
  readonly query: string;
  readonly events: unknown;
  readonly options?: EvaluateOptions;
  readonly rows: readonly unknown[];
  readonly codes?: readonly string[];
}

const TIMED = [
  { ts: 1_000, v: 1, c: 'a' },
  { ts: 1_001, v: 2, c: 'b' },
  { ts: 1_003, v: 3, c: 'a' },
];

const CASES: readonly Case[] = [
  { name: 'filters', query: 'select * where a > 1', events: [{ a: 1 }, { a: 2 }], rows: [{ a: 2 }] },
  {
    name: 'leaves missing plain columns out',
    query: 'select a, b',
    events: [{ a: 1 }, { b: null }],
    rows: [{ a: 1 }, {}],
    codes: [],
  },
  {
    name: 'gives null keys and aggregates as null',
    query: 'select c, max(v) group by c',
    events: [{ c: 'x', v: 1 }, { v: 'y' }, { c: 'z' }],
    rows: [
      { c: null, 'MAX(v)': 'y' },
      { c: 'x', 'MAX(v)': 1 },
      { c: 'z', 'MAX(v)': null },
    ],
  },
  {
    name: 'reads seconds in ts and gives empty windows between',
    query: 'select sum(v) as s window 1',
    events: TIMED,
    rows: [
      { window_start: 1_000_000, window_end: 1_001_000, s: 1 },
      { window_start: 1_001_000, window_end: 1_002_000, s: 2 },
      { window_start: 1_002_000, window_end: 1_003_000, s: 0 },
      { window_start: 1_003_000, window_end: 1_004_000, s: 3 },
    ],
  },
  {
    name: 'reads the named time field',
    query: 'select count(*) as n window 1m',
    events: [{ at: { t: '2026-11-20T10:00:30Z' } }, { at: { t: '2026-11-20T10:00:59Z' } }],
    options: { time: 'at.t' },
    rows: [{ window_start: 1_795_168_800_000, window_end: 1_795_168_860_000, n: 2 }],
  },
  {
    name: 'puts all events at now when not every one has a time',
    query: 'select count(*) as n window 1',
    events: [{ ts: 5 }, {}],
    options: { now: 2_500 },
    rows: [{ window_start: 2_000, window_end: 3_000, n: 2 }],
  },
  {
    name: 'gives one empty window for no events',
    query: 'select count(*) as n, max(v) as m window 10',
    events: [],
    options: { now: 12_000 },
    rows: [{ window_start: 10_000, window_end: 20_000, n: 0, m: null }],
  },
  { name: 'gives one value for no events', query: 'select count(*)', events: [], rows: [{ 'COUNT(*)': 0 }] },
  {
    name: 'skips long stretches without events',
    query: 'select count(*) as n window 1',
    events: [{ ts: 1 }, { ts: 1_000_000 }],
    rows: [
      { window_start: 1_000, window_end: 2_000, n: 1 },
      { window_start: 1_000_000_000, window_end: 1_000_001_000, n: 1 },
    ],
    codes: ['MQL_GAP'],
  },
  {
    name: 'sorts plain rows at the end, then limits them',
    query: 'select v order by v desc limit 2',
    events: TIMED,
    rows: [{ v: 3 }, { v: 2 }],
    codes: [],
  },
  {
    name: 'arranges plain rows by group',
    query: 'select v group by c order by v desc',
    events: TIMED,
    rows: [{ v: 3 }, { v: 1 }, { v: 2 }],
  },
  {
    name: 'reads several named streams',
    query: 'select v from plays, errors where v > 1',
    events: { plays: [{ v: 1 }, { v: 2 }], errors: [{ v: 3 }], other: [{ v: 4 }] },
    rows: [{ v: 2 }, { v: 3 }],
  },
  {
    name: 'binds parameters',
    query: 'select v where c = $c',
    events: TIMED,
    options: { params: { c: 'b' } },
    rows: [{ v: 2 }],
  },
  {
    name: 'ends after LIMIT results',
    query: 'select count(*) as n window 1 limit 2',
    events: TIMED,
    rows: [
      { window_start: 1_000_000, window_end: 1_001_000, n: 1 },
      { window_start: 1_001_000, window_end: 1_002_000, n: 1 },
    ],
  },
  {
    name: 'ignores EMIT with a warning',
    query: 'select count(*) as n window 10s emit every 1s',
    events: [],
    rows: [{ window_start: 0, window_end: 10_000, n: 0 }],
    codes: ['MQL_EMIT_IGNORED'],
  },
  { name: 'reports mistakes', query: 'select * where', events: [], rows: [], codes: ['MQL_SYNTAX'] },
  { name: 'warns of an unknown field', query: 'select statsu', events: [{ status: 1 }], rows: [{}], codes: ['MQL_UNKNOWN_FIELD'] },
  { name: 'warns of an unknown stream', query: 'select * from play', events: { plays: [] }, rows: [], codes: ['MQL_UNKNOWN_STREAM'] },
  { name: 'refuses what is no list', query: 'select *', events: 5, rows: [], codes: ['MQL_BAD_EVENTS'] },
  { name: 'refuses a stream that is no list', query: 'select *', events: { stream: 5 }, rows: [], codes: ['MQL_BAD_EVENTS'] },
  { name: 'leaves out what is no object', query: 'select count(*)', events: [1, null, [], {}], rows: [{ 'COUNT(*)': 1 }], codes: ['MQL_BAD_EVENT'] },
]; // prettier-ignore

describe('evaluate', () => {
  it.each(CASES.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const result = await evaluate(one.query, one.events as EvaluateEvents, one.options);
    expect(result.rows).toEqual(one.rows);
    if (one.codes !== undefined) expect(result.diagnostics.map((d) => d.code)).toEqual(one.codes);
  });

  it('says what was seen and matched', async () => {
    const { completeness } = await evaluate('select * where v > 1', TIMED);
    expect(completeness).toMatchObject({
      status: 'complete',
      events: { seen: 3, matched: 2, late: 0, dropped: {} },
      coveredMs: 3_000,
      traffic: 'flowing',
      source: 'live',
    });
  });

  it('counts what it had to leave out', async () => {
    const { completeness } = await evaluate('select *', [1, {}] as unknown as EvaluateEvents);
    expect(completeness.status).toBe('degraded');
    expect(completeness.events.dropped).toEqual({ invalid: 1 });
  });

  it('survives data that is no JSON', async () => {
    const cycle: Record<string, unknown> = { a: 1, big: 10n, odd: () => 1, nan: Number.NaN };
    cycle['self'] = cycle;
    const trap = {
      get a(): number {
        throw new Error('not data');
      },
    };
    const result = await evaluate('select *', [cycle, trap, { when: new Date(0) }]);
    expect(result.rows).toEqual([
      { a: 1, big: 10, odd: null, nan: null, self: null },
      { when: '1970-01-01T00:00:00.000Z' },
    ]);
    expect(result.diagnostics.map((d) => d.code)).toEqual(['MQL_BAD_EVENT']);
  });

  it('bounds the number of windows', async () => {
    const events = Array.from({ length: 20 }, (_, i) => ({ ts: 1 + i * 9_000 }));
    const result = await evaluate('select count(*) window 1', events);
    expect(result.diagnostics.map((d) => d.code)).toEqual(['MQL_TOO_MANY_WINDOWS']);
  });
});

describe('values of other types', () => {
  const events = [{ a: 1 }, { a: 'x' }, { b: 2 }];
  const told = async (query: string): Promise<readonly string[]> => {
    const { diagnostics } = await evaluate(query, events);
    return diagnostics.filter((d) => d.code === 'MQL_MISMATCHES').map(({ message }) => message);
  };

  it('are counted and said, once', async () => {
    const [message, ...others] = await told('select a where a > 0');
    expect(message).toMatch(/^2 comparisons or calculations met null or values of different types/);
    expect(others).toEqual([]);
    expect(await told('select a / 0 as x where a = 1')).toEqual([
      'one calculation gave no finite number, as by a division by zero: null',
    ]);
  });

  it('are no mistake where equality is asked, or in rows of groups without values', async () => {
    expect(await told('select a where a = 1 or a != 2')).toEqual([]);
    expect(await told('select avg(b) - 1 as x, a group by a')).toEqual([]);
  });
});
