/** Joins over finite input, as a caller of `evaluate` sees them. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/reference/evaluate.ts';
import type { EvaluateTable } from '../../../src/reference/evaluate.ts';

const T = 1_700_000_000_000;
const EVENTS = {
  a: [
    { ts: T + 1_000, k: 1, v: 'a1' },
    { ts: T + 2_000, k: 2, v: 'a2' },
    { ts: T + 3_000, k: null, v: 'a3' },
    { ts: T + 9_000, k: 1, v: 'a4' },
  ],
  b: [
    { ts: T + 500, k: 1, w: 'b1' },
    { ts: T + 2_000, k: 1, w: 'b2' },
    { ts: T + 3_000, k: null, w: 'b3' },
    { ts: T + 9_500, k: 1, w: 'b4', v: 'other' },
  ],
  c: [{ ts: T + 2_500, m: 'a1' }],
};
const TABLES = {
  names: {
    key: 'id',
    rows: [
      { id: 1, name: 'old' },
      { id: 2, name: 'two' },
      { id: 1, name: 'one' },
      { id: null, name: 'nothing' },
    ],
  },
};

const CASES: readonly (readonly [query: string, rows: readonly object[]])[] = [
  [
    'select x.v, y.w from a x join b y within 2s on x.k = y.k',
    [
      { v: 'a1', w: 'b1' },
      { v: 'a1', w: 'b2' },
      { v: 'a4', w: 'b4' },
    ],
  ],
  // Less than the time apart: exactly one second is not.
  [
    'select x.v, y.w from a x join b y within 1s on x.k = y.k',
    [
      { v: 'a1', w: 'b1' },
      { v: 'a4', w: 'b4' },
    ],
  ],
  // The left source's value counts where both have the name.
  ["select v from a x join b y within 1s on x.k = y.k where w = 'b4'", [{ v: 'a4' }]],
  [
    'select x.v, y.w, event_time() as t from a x left join b y within 1s on k',
    [
      { v: 'a1', w: 'b1', t: T + 1_000 },
      { v: 'a2', t: T + 2_000 },
      { v: 'a3', t: T + 3_000 },
      { v: 'a4', w: 'b4', t: T + 9_500 },
    ],
  ],
  [
    "select x.v from a x left join b y within 1s on k and y.w != 'b1' where y.w is null",
    [{ v: 'a1' }, { v: 'a2' }, { v: 'a3' }],
  ],
  [
    'select x.v, y.w, z.m from a x join b y within 2s on k join c z within 1s on x.v = z.m',
    [{ v: 'a1', w: 'b2', m: 'a1' }],
  ],
  [
    'select x.ts as p, y.ts as q from b x join b y within 2s on k where x.ts < y.ts',
    [{ p: T + 500, q: T + 2_000 }],
  ],
  [
    'select x.v, n.name from a x left join names n on x.k = n.id',
    [{ v: 'a1', name: 'one' }, { v: 'a2', name: 'two' }, { v: 'a3' }, { v: 'a4', name: 'one' }],
  ],
  [
    "select x.v, n.name from a x join names n on n.id = x.k and n.name = 'two'",
    [{ v: 'a2', name: 'two' }],
  ],
];

describe('a join', () => {
  it.each(CASES)('%s', async (query, rows) => {
    const result = await evaluate(query, EVENTS, { tables: TABLES });
    expect(result.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(result.rows).toEqual(rows);
  });

  it('is not cut where its two sides lie far apart', async () => {
    const far = { a: [{ ts: T + 0, k: 1 }], b: [{ ts: T + 15_000, k: 1 }] };
    const { rows } = await evaluate(
      'select count(*) as n from a join b within 20s on k window 1ms',
      far,
    );
    expect(rows.at(-1)).toEqual({ window_start: T + 15_000, window_end: T + 15_001, n: 1 });
  });

  it('says of what is no table that it is none', async () => {
    const tables = { names: 7, other: { key: 'id', rows: [] } } as unknown as Record<
      string,
      EvaluateTable
    >;
    const { diagnostics } = await evaluate(
      'select *',
      [{}],
      tables === undefined ? {} : { tables },
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['MQL_BAD_EVENTS']);
  });
});
