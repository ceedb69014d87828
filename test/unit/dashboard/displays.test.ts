/** How a result is shown: by its shape, beside what lies around it, over which stretch of time. */
import { describe, expect, test } from 'vitest';
import { bandPlan } from '../../../dashboard/chart-bands.ts';
import { chartModelFrom } from '../../../dashboard/chart-model.ts';
import { displayFor, displaysFor } from '../../../dashboard/display.ts';
import { cellText } from '../../../dashboard/format.ts';
import { heatModelFrom } from '../../../dashboard/heat-model.ts';
import { pastFrom, pastLine } from '../../../dashboard/kept-past.ts';
import { alertMarks } from '../../../dashboard/marks.ts';
import { noticedSteps } from '../../../dashboard/noticed.ts';
import { rowsAt } from '../../../dashboard/past-rows.ts';
import { ResultStore } from '../../../dashboard/result-store.ts';
import { keptSpan, viewOf } from '../../../dashboard/time-view.ts';
import type { AlertTransition } from '../../../src/alert/transition.ts';
import type { ValueObject } from '../../../src/model/value.ts';
import type { ResultMessage, SchemaMessage } from '../../../src/wire/results.ts';
import { column, completeness, rows, schema } from '../../browser/support/results.ts';

function storeWith(...messages: readonly ResultMessage[]): ResultStore {
  const store = new ResultStore();
  for (const message of messages) store.apply(message);
  return store;
}

const REGION = column('region', { type: 'string', role: 'key' });
const NO_KEYS: Partial<SchemaMessage> = { keys: [], columns: [column('n')] };
const BUCKETS = [
  { from: 0, to: 10, count: 4 },
  { from: 10, to: 20, count: 2 },
];

describe('a result is shown as its shape suggests', () => {
  const eu = { region: 'eu', starts: 1 };
  const us = { region: 'us', starts: 2 };
  test.each([
    {
      name: 'windows of groups',
      messages: [schema(), rows(0, [eu, us])],
      query: '',
      wanted: 'lines',
    },
    {
      name: 'the first few of an order',
      messages: [schema(), rows(0, [eu, us])],
      query: 'select … order by starts limit 5',
      wanted: 'bars',
    },
    {
      name: 'a running value',
      messages: [schema({ ...NO_KEYS, windowMs: null, slideMs: null }), rows(null, [{ n: 4 }])],
      query: '',
      wanted: 'stat',
    },
    {
      name: 'running values of groups',
      messages: [schema({ windowMs: null, slideMs: null }), rows(null, [eu, us])],
      query: '',
      wanted: 'bars',
    },
    {
      name: 'buckets',
      messages: [
        schema({ keys: [], columns: [column('h', { type: 'list' })] }),
        rows(0, [{ h: BUCKETS }]),
      ],
      query: '',
      wanted: 'heat',
    },
    {
      name: 'events',
      messages: [
        schema({ keys: [], columns: [column('*', { type: 'any' })], windowMs: null }),
        rows(null, [{ a: 1 }], { append: true }),
      ],
      query: '',
      wanted: 'table',
    },
    {
      name: 'texts of groups',
      messages: [schema({ columns: [REGION, column('last', { type: 'string' })] }), rows(0, [eu])],
      query: '',
      wanted: 'table',
    },
  ])('$name: $wanted', ({ messages, query, wanted }) => {
    expect(displayFor(storeWith(...messages), query)).toBe(wanted);
  });

  test('and switched only to what it can be', () => {
    expect(displaysFor(storeWith(schema(), rows(0, [eu, us])))).toEqual([
      'lines',
      'bars',
      'stat',
      'heat',
      'table',
    ]);
    expect(displaysFor(storeWith(schema(NO_KEYS), rows(0, [{ n: 1 }])))).toEqual([
      'lines',
      'stat',
      'table',
    ]);
  });
});

describe('what lies around a column', () => {
  test.each([
    {
      name: 'the bounds of a sampled count',
      query: 'select count(*) as n from plays sample 1%',
      columns: ['n', 'n ±'],
      bands: [[0, { low: null, high: null, expected: null, error: 1 }]],
    },
    {
      name: 'the baseline of the same aggregate, under its name or written out',
      query:
        'select count(*) as n, baseline(n) as usual, baseline_low(count(*)) as low, ' +
        'baseline_high(count(*)) as high from plays window 1s',
      columns: ['n', 'usual', 'low', 'high'],
      bands: [[0, { low: 2, high: 3, expected: 1, error: null }]],
    },
    {
      name: 'nothing, if the aggregate itself is not shown',
      query: 'select sum(x) as n, baseline(count(*)) as usual from plays window 1s',
      columns: ['n', 'usual'],
      bands: [],
    },
  ])('$name', ({ query, columns, bands }) => {
    const plan = bandPlan(query, columns);
    expect([...plan.bands]).toEqual(bands);
    expect(plan.hidden.size).toBe(bands.length === 0 ? 0 : columns.length - 1);
  });

  const sampled = storeWith(
    schema({ keys: [], columns: [column('n'), column('n ±', { role: 'meta' })] }),
    rows(0, [{ n: 10, 'n ±': 3 }]),
    rows(1_000, [{ n: 20, 'n ±': null }]),
    rows(2_000, [{ n: 0, 'n ±': 9 }], {
      completeness: completeness({ source: 'silent', status: 'degraded' }),
    }),
  );
  const request = { column: 0, groups: [''], slideMs: 1_000, fromMs: 0, nowMs: 3_000 };

  test('errors lie to both sides; where none is known or nobody reported, nothing does', () => {
    expect(sampled.chartColumns.map(({ name }) => name)).toEqual(['n']);
    const band = { low: null, high: null, expected: null, error: 1 };
    const [around] = chartModelFrom(sampled.ring, { ...request, band }).around;
    expect([...(around?.low ?? [])]).toEqual([7, NaN, NaN]);
    expect([...(around?.high ?? [])]).toEqual([13, NaN, NaN]);
  });

  test('an earlier time is drawn where a window began then', () => {
    const [around] = chartModelFrom(sampled.ring, { ...request, earlierMs: 1_000 }).around;
    expect([...(around?.earlier ?? [])]).toEqual([NaN, 10, NaN]);
  });

  test('holes keep lines aligned', () => {
    const store = storeWith(schema(NO_KEYS), rows(0, [{ n: 1 }]), rows(5_000, [{ n: 2 }]));
    const { xs, around } = chartModelFrom(store.ring, { ...request, earlierMs: 5_000 });
    expect([...(around[0]?.earlier ?? [])]).toEqual([NaN, NaN, 1]);
    expect(xs).toHaveLength(3);
  });
});

describe('what was kept from before', () => {
  const past = pastFrom({
    stepMs: 10_000,
    lines: [
      {
        keys: ['eu'],
        column: 'starts',
        buckets: [
          { startMs: 0, windows: 10, mean: 5 },
          { startMs: 10_000, windows: 10, mean: 7 },
          { startMs: 30_000, windows: 10, mean: 99 },
        ],
      },
    ],
  });
  const store = storeWith(schema(), rows(30_000, [{ region: 'eu', starts: 8 }]));
  const eu = store.groupIdOf({ region: 'eu' });

  test('stands before the first window that came, in the middle of its buckets', () => {
    const { past: drawn, bands } = chartModelFrom(store.ring, {
      ...{ column: 0, groups: [eu], slideMs: 1_000, fromMs: 8_000, nowMs: 31_000 },
      pastOf: (group) => pastLine(past, group, 'starts'),
    });
    expect(drawn).toEqual([{ xs: Float64Array.of(15), ys: Float64Array.of(7) }]);
    expect(bands).toEqual([]);
  });

  test.each([
    [{}],
    [{ stepMs: 10_000, lines: [] }],
    [{ stepMs: 0, lines: [{ keys: [] }] }],
    [null],
  ])('is nothing in %j', (body) => {
    expect(pastFrom(body)).toBeNull();
  });

  test('opens the view to its whole length', () => {
    const view = viewOf({ store, engineNowMs: 31_000, spanMs: 60_000, fixed: null, hasPast: true });
    expect(view.fromMs).toBe(-29_000);
  });
});

describe('windows with times of their own', () => {
  const session = (region: string, from: number, to: number, n: number): ValueObject => ({
    ...{ region, n, window_start: from, window_end: to },
  });
  const store = storeWith(
    schema({ columns: [REGION, column('n')], windowMs: null, slideMs: null }),
    rows(null, [session('eu', 0, 9_000, 1), session('us', 5_000, 7_000, 2)], { append: true }),
    rows(null, [session('us', 8_000, 9_000, 3)], { append: true }),
  );

  test('stand in the chart where they ended, two that end together in one place', () => {
    expect(store.shape).toBe('spans');
    expect(keptSpan(store)).toEqual({ fromMs: 7_000, toMs: 9_000 });
    const [eu, us] = [store.groupIdOf({ region: 'eu' }), store.groupIdOf({ region: 'us' })];
    expect([0, 1].map((index) => store.ring.valueAt(us, 0, index))).toEqual([2, 3]);
    expect(store.ring.valueAt(eu, 0, 1)).toBe(1);
  });

  test('are listed with their times, oldest kept first', () => {
    expect(store.events).toHaveLength(3);
    expect(store.tableColumns).toEqual(['region', 'n', 'window_start', 'window_end']);
  });
});

describe('a stretch of time', () => {
  const store = storeWith(
    schema(),
    ...Array.from({ length: 400 }, (_, i) => rows(i * 1_000, [{ region: 'eu', starts: i }])),
  );
  const request = { store, engineNowMs: 400_500, spanMs: 60_000, fixed: null };

  test('moves with the clock of the engine, or stands still', () => {
    expect(viewOf(request)).toEqual({ fromMs: 340_500, toMs: 400_500, nowMs: 400_500 });
    const fixed = { fromMs: 10_000, toMs: 20_000 };
    expect(viewOf({ ...request, fixed })).toEqual({ ...fixed, nowMs: 400_500 });
  });

  test('has the rows of its last window, as far as charts keep them', () => {
    expect(rowsAt(store, 20_500)).toMatchObject({
      windowEnd: 20_000,
      rows: [{ region: 'eu', starts: 19 }],
    });
    expect(rowsAt(store, 1e9)).toBe(store.newest);
    expect(rowsAt(store, 500)).toBeNull();
  });
});

describe('a heat map', () => {
  test('of buckets has the largest numbers on top and zero where a bucket is missing', () => {
    const store = storeWith(
      schema({ keys: [], columns: [column('h', { type: 'list' })] }),
      rows(0, [{ h: BUCKETS }]),
      rows(1_000, [{ h: [{ from: 20, to: 30, count: 9 }] }]),
    );
    const { labels, cells, max } = heatModelFrom(store, { fromMs: 0, toMs: 2_000 });
    expect(labels).toEqual(['20 – 30', '10 – 20', '0 – 10']);
    expect(cells).toEqual([
      [0, 9],
      [2, 0],
      [4, 0],
    ]);
    expect(max).toBe(9);
  });

  test('of groups knows nothing of windows that nobody reported', () => {
    const silent = completeness({ source: 'silent', status: 'degraded' });
    const store = storeWith(
      schema(),
      rows(0, [
        { region: 'eu', starts: 1 },
        { region: 'us', starts: 5 },
      ]),
      rows(1_000, [{ region: 'eu', starts: 0 }], { completeness: silent }),
    );
    const { labels, cells } = heatModelFrom(store, { fromMs: 0, toMs: 2_000 });
    expect(labels).toEqual(['us', 'eu']);
    expect(cells).toEqual([
      [5, Number.NaN],
      [1, Number.NaN],
    ]);
  });
});

describe('what changed', () => {
  const level = (index: number): number => (index < 20 ? 100 + (index % 3) : 40 + (index % 3));
  const window = (index: number, silent: boolean): ResultMessage =>
    rows(index * 1_000, [{ region: 'eu', starts: silent ? 0 : level(index) }], {
      completeness: completeness(silent ? { source: 'silent', status: 'degraded' } : {}),
    });
  const eu = JSON.stringify(['eu']);

  test('is told with the start of the window it began in', () => {
    const store = storeWith(schema(), ...Array.from({ length: 30 }, (_, i) => window(i, false)));
    expect(noticedSteps(store, [eu])).toMatchObject([{ label: 'eu', sinceMs: 20_000 }]);
  });

  test('is the last of several', () => {
    const told = (index: number): number => {
      const isOut = (index >= 20 && index < 60) || index >= 90;
      return (isOut ? 30 : 100) + (index % 3);
    };
    const store = storeWith(
      schema(),
      ...Array.from({ length: 104 }, (_, i) =>
        rows(i * 1_000, [{ region: 'eu', starts: told(i) }]),
      ),
    );
    expect(noticedSteps(store, [eu])).toMatchObject([{ sinceMs: 90_000 }]);
  });

  test('is never a hole in telemetry', () => {
    const store = storeWith(
      schema(),
      ...Array.from({ length: 20 }, (_, i) => window(i, false)),
      ...Array.from({ length: 20 }, (_, i) => window(20 + i, true)),
    );
    expect(noticedSteps(store, [eu])).toEqual([]);
  });
});

describe('marks of alerts', () => {
  const transition = (changes: Partial<AlertTransition>): AlertTransition =>
    ({
      ...{ episode: 'e', rule: 'drop', key: '{"region":"eu"}', startsAtMs: 5, endsAtMs: null },
      ...changes,
    }) as AlertTransition;

  test('begin with firing and end with ok; pending alone is none', () => {
    const marks = alertMarks([
      transition({ to: 'ok', atMs: 30, endsAtMs: 29 }),
      transition({ to: 'firing', atMs: 10 }),
      transition({ to: 'pending', atMs: 5, episode: 'other' }),
    ]);
    expect(marks).toEqual([{ fromMs: 5, toMs: 29, kind: 'alert', label: 'drop eu' }]);
  });
});

test.each([
  [[{ value: 'tv', count: 187, error: 0 }], 'tv 187'],
  [BUCKETS, '0 – 10: 4 · 10 – 20: 2'],
  [[1, 2], '[1,2]'],
  [[], '[]'],
])('lists of aggregates read well: %j', (value, wanted) => {
  expect(cellText(value, 'x')).toBe(wanted);
});
