/** What differs: the query that counts, what is kept of it, and when a difference is one. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whenOfRates, whenText } from '../../../dashboard/alert-threshold.ts';
import { compareFacets, EVENTS_MIN } from '../../../dashboard/differs/compare-facets.ts';
import type { Comparison, ValueDifference } from '../../../dashboard/differs/compare-facets.ts';
import { facetPlan } from '../../../dashboard/differs/facet-query.ts';
import type { Facet } from '../../../dashboard/differs/facet-query.ts';
import { FacetStore } from '../../../dashboard/differs/facet-store.ts';
import type { FacetChoice } from '../../../dashboard/differs/facet-store.ts';
import { FACET_WINDOWS_MAX } from '../../../dashboard/limits.ts';
import { queryWith } from '../../../dashboard/narrow-query.ts';
import { hasErrors } from '../../../grammar/diagnostic.ts';
import { parse } from '../../../grammar/parse.ts';
import { createRng } from '../../../src/core/rng.ts';
import type { FieldView } from '../../../src/coordinator/views.ts';
import type { ValueObject } from '../../../src/model/value.ts';
import { completeness, rows, schema, stream } from '../../browser/support/results.ts';

const PLAYS = stream('plays', {
  device: 'string',
  region: 'string',
  latency: 'number',
  tags: 'list',
  'http.path/x': 'string',
});

describe('the query that counts', () => {
  test.each([
    {
      name: 'has the events and groups of the query, and every other field',
      query: 'select rate() from plays where latency > 5 window 1s group by region having 1 > 0',
      wanted:
        'select count(*) as facet_events, topk(device, 12) as facet_0, histogram(latency) as ' +
        'facet_1, topk(`http.path/x`, 12) as facet_2 from plays where latency > 5 window 2s ' +
        'group by region',
    },
    {
      name: 'takes positions in GROUP BY for what they mean, and samples alike',
      query: 'select device, count(*) from plays group by 1 window 10s sample 5%',
      wanted:
        'select count(*) as facet_events, topk(region, 12) as facet_0, histogram(latency) as ' +
        'facet_1, topk(`http.path/x`, 12) as facet_2 from plays window 2s sample 5% group by device',
    },
  ])('$name', ({ query, wanted }) => {
    const { plan } = facetPlan(query, [PLAYS], 2_000);
    expect(plan?.query).toBe(wanted);
    expect(hasErrors(parse(wanted).diagnostics)).toBe(false);
  });

  test.each([
    ['select count(*) from plays, requests window 1s', /one stream/],
    ['select count(*) from p* window 1s', /one stream/],
    ['select count(*) from elsewhere window 1s', /No field/],
    ['select count(* from plays', /mistakes/],
    ['explain select count(*) from plays window 1s', /plan/],
  ])('there is none for %s, and it says why', (query, because) => {
    const answer = facetPlan(query, [PLAYS], 2_000);
    expect(answer.plan).toBeNull();
    expect(answer.because).toMatch(because);
  });

  test('few small whole numbers are names, not sizes', () => {
    const kinds = (field: FieldView): string | undefined =>
      facetPlan('select count(*) from s window 1s', [{ ...stream('s'), fields: [field] }], 2_000)
        .plan?.facets[0]?.kind;
    expect(kinds({ name: 'status', type: 'number', values: [200, 503] })).toBe('values');
    expect(kinds({ name: 'ms', type: 'number', values: [1.5, 3] })).toBe('numbers');
    expect(kinds({ name: 'bytes', type: 'number', values: [1, 2, 3, 4, 5] })).toBe('numbers');
  });
});

/** Statements about chance are tried on the same draws every time. */
const CHANCE = { seed: 20_261_128 };

const FACETS: readonly Facet[] = [
  { field: 'device', column: 'facet_0', kind: 'values' },
  { field: 'latency', column: 'facet_1', kind: 'numbers' },
];

interface Counted {
  readonly region: string;
  readonly devices: Readonly<Record<string, number>>;
  /** Counts by the lower ends of buckets that are 100 wide. */
  readonly latencies?: Readonly<Record<number, number>>;
  readonly error?: number;
}

function row({ region, devices, latencies = {}, error = 0 }: Counted): ValueObject {
  const list = Object.entries(devices).map(([value, count]) => ({ value, count, error }));
  return {
    region,
    facet_events: list.reduce((sum, { count }) => sum + count, 0),
    facet_0: list,
    facet_1: Object.entries(latencies).map(([from, count]) => ({
      ...{ from: Number(from), to: Number(from) + 100, count },
    })),
  };
}

function storeOf(windows: readonly (readonly Counted[])[], from = 0): FacetStore {
  const store = new FacetStore(FACETS);
  store.apply(schema({ keys: ['region'] }));
  windows.forEach((counted, i) => {
    const start = (from + i) * 1_000;
    store.apply(rows(start, counted.map(row)));
  });
  return store;
}

const EU = JSON.stringify(['eu']);

function compare(store: FacetStore, here: FacetChoice, there: FacetChoice): Comparison {
  return compareFacets(store.facets, store.sums(here), store.sums(there));
}

const choice = (changes: Partial<FacetChoice>): FacetChoice => ({
  ...{ groups: null, others: false, fromMs: 0, toMs: 1e9 },
  ...changes,
});

describe('what differs', () => {
  const before = [
    { region: 'eu', devices: { tv: 40, phone: 30, web: 30 }, latencies: { 100: 90, 200: 10 } },
    { region: 'us', devices: { tv: 80, phone: 60, web: 60 } },
  ];
  const after = [
    { region: 'eu', devices: { tv: 1, phone: 30, web: 30 }, latencies: { 900: 61 } },
    { region: 'us', devices: { tv: 80, phone: 60, web: 60 } },
  ];
  const windows = [
    ...Array.from({ length: 20 }, () => before),
    ...Array.from({ length: 20 }, () => after),
  ];

  test('the value whose events are missing leads, with its part of the fall', () => {
    const groups = new Set([EU]);
    const { differences, perSecondHere, perSecondThere } = compare(
      storeOf(windows),
      choice({ groups, fromMs: 20_000 }),
      choice({ groups, toMs: 20_000 }),
    );
    const tv = differences.find(({ kind }) => kind === 'value') as ValueDifference;
    expect(tv).toMatchObject({ field: 'device', value: 'tv' });
    expect(tv.here).toMatchObject({ count: 20, perSecond: 1 });
    expect(tv.there).toMatchObject({ count: 800, share: 0.4, perSecond: 40 });
    expect(tv.partOfChange).toBeCloseTo(1);
    expect([perSecondHere, perSecondThere]).toEqual([61, 100]);
    const latency = differences.find(({ kind }) => kind === 'numbers');
    expect(latency).toMatchObject({ field: 'latency', medianHere: 950 });
  });

  test('the same is found against the other groups', () => {
    const groups = new Set([EU]);
    const { differences } = compare(
      storeOf(windows),
      choice({ groups, fromMs: 20_000 }),
      choice({ groups, others: true, fromMs: 20_000 }),
    );
    expect(differences[0]).toMatchObject({ kind: 'value', field: 'device', value: 'tv' });
  });

  test('groups that did not change show nothing', () => {
    const groups = new Set([JSON.stringify(['us'])]);
    const { differences, alike } = compare(
      storeOf(windows),
      choice({ groups, fromMs: 20_000 }),
      choice({ groups, toMs: 20_000 }),
    );
    expect(differences).toEqual([]);
    expect(alike).toBe(4);
  });

  test('a handful of events sets nothing apart, nor does nothing at all', () => {
    const few = [{ region: 'eu', devices: { tv: EVENTS_MIN - 1 } }];
    const many = [{ region: 'eu', devices: { phone: 1_000 } }];
    const store = storeOf([few, many]);
    const [first, second] = [choice({ toMs: 1_000 }), choice({ fromMs: 1_000 })];
    expect(compare(store, first, second).differences).toEqual([]);
    expect(compare(store, second, first).differences).toEqual([]);
    expect(compare(store, second, choice({ fromMs: 9_000 })).differences).toEqual([]);
    expect(
      compare(storeOf([[{ region: 'eu', devices: { tv: 30 } }], many]), first, second).differences,
    ).not.toEqual([]);
  });

  test('draws from one distribution are told apart about as rarely as the level says', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: EVENTS_MIN, max: 400 }), (seed, size) => {
        const rng = createRng(seed);
        const draw = (): Counted => {
          const devices: Record<string, number> = { a: 0, b: 0, c: 0, d: 0 };
          for (let i = 0; i < size; i++) {
            const value = 'aaaabbbccd'.charAt(rng.int(10));
            devices[value] = (devices[value] ?? 0) + 1;
          }
          return { region: 'eu', devices };
        };
        let told = 0;
        for (let i = 0; i < 40; i++) {
          const store = storeOf([[draw()], [draw()]]);
          told += compare(store, choice({ toMs: 1_000 }), choice({ fromMs: 1_000 })).differences
            .length;
        }
        // 160 comparisons at 99.9 %: more than four would be a wrong level.
        return told <= 4;
      }),
      CHANCE,
    );
  });

  test('a field whose counts are mostly doubt is called varied, not different', () => {
    const many = (seed: string): Counted => ({
      region: 'eu',
      devices: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${seed}-${i}`, 50])),
      error: 49,
    });
    const store = storeOf([[many('a')], [many('b')]]);
    const { differences, varied } = compare(
      store,
      choice({ toMs: 1_000 }),
      choice({ fromMs: 1_000 }),
    );
    expect(differences).toEqual([]);
    expect(varied).toEqual(['device']);
  });
});

describe('what is kept', () => {
  test('a window across the end of a choice is on neither side', () => {
    const store = storeOf([
      [{ region: 'eu', devices: { tv: 1 } }],
      [{ region: 'eu', devices: { tv: 2 } }],
    ]);
    expect(store.sums(choice({ toMs: 1_500 })).events).toBe(1);
    expect(store.sums(choice({ fromMs: 1_500 })).events).toBe(0);
  });

  test('a revision replaces its window, and windows that nobody reported are counted as left out', () => {
    const store = storeOf([[{ region: 'eu', devices: { tv: 1 } }]]);
    store.apply(rows(0, [row({ region: 'eu', devices: { tv: 7 } })], { revision: 1 }));
    const state = completeness({ source: 'silent', status: 'degraded' });
    store.apply(rows(1_000, [row({ region: 'eu', devices: { tv: 0 } })], { completeness: state }));
    expect(store.sums(choice({}))).toMatchObject({ events: 7, windows: 1, leftOut: 1 });
  });

  test('windows are bounded, the oldest go', () => {
    const one = [{ region: 'eu', devices: { tv: 1 } }];
    const store = storeOf(Array.from({ length: FACET_WINDOWS_MAX + 5 }, () => one));
    expect(store.length).toBe(FACET_WINDOWS_MAX);
    expect(store.fromMs).toBe(5_000);
  });
});

describe('a condition between two levels', () => {
  test.each([
    ['starts', { before: 41, after: 1 }, 'starts < 21'],
    ['COUNT(*)', { before: 0.01, after: 0.2 }, '`COUNT(*)` > 0.11'],
    ['p99', { before: 620, after: 2_481 }, 'p99 > 1551'],
  ])('of %s', (column, levels, wanted) => {
    expect(whenText(column, levels)).toBe(wanted);
  });

  test.each([
    ['select count(*) as n from plays window 5s', 5_000, 'n < 100'],
    ['select rate() as n from plays window 5s', 5_000, 'n < 20'],
    ['select p99(latency) as n from plays window 5s', 5_000, null],
    ['select count(*) filter (where uhd) as n from plays window 5s', 5_000, null],
    ['select count(*) as n from plays', null, null],
  ])('from rates, for %s', (query, windowMs, wanted) => {
    expect(whenOfRates(query, ['n'], windowMs, { before: 40, after: 0 })).toBe(wanted);
  });
});

describe('a condition more', () => {
  test.each([
    [
      'select count(*) from plays window 1s',
      "select count(*) from plays where device = 'tv' window 1s",
    ],
    [
      'select count(*) from plays where a or b window 1s',
      "select count(*) from plays where (a or b) and device = 'tv' window 1s",
    ],
    ["select count(*) from plays where device = 'tv' window 1s", null],
  ])('%s', (query, wanted) => {
    expect(queryWith(query, "device = 'tv'")).toBe(wanted);
  });
});
