import { describe, expect, it, test } from 'vitest';
import type { QueryPlan } from '../../../src/ir/plan.ts';
import type { Event, Value } from '../../../src/model/value.ts';
import { runReference } from '../../../src/reference/run.ts';
import type { ReferenceEvent } from '../../../src/reference/run.ts';
import {
  aggregate,
  call,
  column,
  field,
  lit,
  plan,
  slot,
  tumbling,
} from '../../support/reference-plans.ts';

const at = (timeMs: number, event: Event): ReferenceEvent => ({ timeMs, event });
const NOW = { nowMs: 1_000_000 };

/** Rows of each window as [start, rows of column values]. */
function windowsOf(query: QueryPlan, events: readonly ReferenceEvent[]): unknown {
  return runReference(query, events, NOW).windows.map(({ windowStart, rows }) => [
    windowStart,
    rows.map((row) => Object.values(row)),
  ]);
}

/** One aggregate of `x` over one group. */
function result(spec: Parameters<typeof aggregate>, values: readonly Value[]): Value {
  const [name, changes = {}] = spec;
  const query = plan({ aggregates: [aggregate(name, { arg: field('x'), ...changes })] });
  const events = values.map((x, i) => at(i, { x }));
  return runReference(query, events, NOW).windows[0]?.rows[0]?.['c0'] ?? null;
}

describe('aggregates', () => {
  const many = Array.from({ length: 100 }, (_, i) => i);

  test.each<{ spec: Parameters<typeof aggregate>; over: readonly Value[]; value: Value }>([
    { spec: ['count'], over: [1, null, 'a'], value: 2 },
    { spec: ['count', { arg: null }], over: [1, null, 'a'], value: 3 },
    { spec: ['count', { distinct: true }], over: [1, 1, '1', null, 2], value: 3 },
    { spec: ['sum'], over: [1, 'x', null, 2], value: 3 },
    { spec: ['sum'], over: [], value: 0 },
    { spec: ['sum'], over: [1e100, 1, -1e100], value: 1 },
    { spec: ['sum', { distinct: true }], over: [2, 2, 3], value: 5 },
    { spec: ['avg'], over: [1, 2, 'x'], value: 1.5 },
    { spec: ['avg'], over: [], value: null },
    { spec: ['min'], over: ['b', 3, 2, true], value: 2 },
    { spec: ['min'], over: ['b', 'a', null], value: 'a' },
    { spec: ['max'], over: ['\uffff', '😀'], value: '😀' },
    { spec: ['max'], over: [true], value: null },
    { spec: ['quantile', { parameters: [0.99] }], over: many, value: 99 },
    { spec: ['quantile', { parameters: [0.5] }], over: many, value: 50 },
    { spec: ['quantile', { parameters: [0.9] }], over: [7], value: 7 },
    { spec: ['quantile', { parameters: [0.9] }], over: [], value: null },
    { spec: ['median'], over: [3, 1, 2], value: 3 },
    { spec: ['variance'], over: [2 ** 53, 2 ** 53 - 1], value: 0.5 },
    { spec: ['variance'], over: [1, 2, 3, 4], value: 5 / 3 },
    { spec: ['stddev'], over: [1, 3], value: Math.SQRT2 },
    { spec: ['stddev'], over: [1], value: null },
    { spec: ['first'], over: [null, 1, 2], value: 1 },
    { spec: ['last'], over: [1, 2, null], value: 2 },
    { spec: ['any'], over: [null, 1], value: 1 },
    { spec: ['first_event'], over: [null, 1], value: null },
    { spec: ['list'], over: [1, null, 1], value: [1, 1] },
    { spec: ['list', { distinct: true }], over: [1, 1], value: [1] },
    { spec: ['list'], over: [null], value: null },
    { spec: ['count_distinct'], over: [1, 1.0, '1'], value: 2 },
    {
      spec: ['topk', { parameters: [1] }],
      over: ['a', 'b', 'b'],
      value: [{ value: 'b', count: 2, error: 0 }],
    },
    { spec: ['delta'], over: [5, 8, 2, 4], value: 7 },
    { spec: ['samples', { parameters: [1] }], over: [1, 2], value: [{ x: 1 }] },
    { spec: ['apdex', { parameters: [10] }], over: [5, 20, 100, 1], value: 0.625 },
    { spec: ['rate', { arg: null }], over: [1, 1, 1], value: 1_500 },
    { spec: ['rate'], over: [4], value: null },
    { spec: ['count', { filter: call('gt', field('x'), lit(1)) }], over: [1, 2, 3], value: 2 },
  ])('$spec over $over is $value', ({ spec, over, value }) => {
    expect(result(spec, over)).toEqual(value);
  });

  it('take the first and last event by time, then agent, then sequence', () => {
    const query = plan({
      aggregates: ['first', 'last'].map((name) => aggregate(name, { arg: field('x') })),
    });
    const events: ReferenceEvent[] = [
      { timeMs: 5, agentId: 'b', sequence: 1, event: { x: 'b1' } },
      { timeMs: 5, agentId: 'a', sequence: 2, event: { x: 'a2' } },
      { timeMs: 5, agentId: 'a', sequence: 1, event: { x: 'a1' } },
      { timeMs: 4, agentId: 'z', sequence: 9, event: { x: 'early' } },
    ];
    expect(windowsOf(query, events)).toEqual([[null, [['early', 'b1']]]]);
  });
});

describe('windows', () => {
  const count = [aggregate('count')];

  it('between the first and the last event emit, empty ones too', () => {
    const query = plan({ aggregates: count, window: tumbling(10) });
    expect(windowsOf(query, [at(35, {}), at(12, {}), at(13, {})])).toEqual([
      [10, [[2]]],
      [20, [[0]]],
      [30, [[1]]],
    ]);
  });

  it('are of the stream and not of what the filter lets through', () => {
    const query = plan({ aggregates: count, window: tumbling(10), where: field('keep') });
    expect(windowsOf(query, [at(5, {}), at(15, { keep: true }), at(25, {})])).toEqual([
      [0, [[0]]],
      [10, [[1]]],
      [20, [[0]]],
    ]);
  });

  it('that slide overlap, those that begin before the first event included', () => {
    const window = { kind: 'time', sizeMs: 20, slideMs: 10, paneMs: 10 } as const;
    const query = plan({ aggregates: count, window });
    expect(windowsOf(query, [at(10, {}), at(25, {})])).toEqual([
      [0, [[1]]],
      [10, [[2]]],
      [20, [[1]]],
    ]);
  });

  it('that slide further than they are long leave gaps', () => {
    const window = { kind: 'time', sizeMs: 10, slideMs: 20, paneMs: 10 } as const;
    const query = plan({ aggregates: count, window });
    expect(windowsOf(query, [at(5, {}), at(15, {}), at(25, {})])).toEqual([
      [0, [[1]]],
      [20, [[1]]],
    ]);
  });

  it('of no events are none; without a window there is one row of nothing', () => {
    expect(windowsOf(plan({ aggregates: count, window: tumbling(10) }), [])).toEqual([]);
    expect(windowsOf(plan({ aggregates: count }), [])).toEqual([[null, [[0]]]]);
  });
});

describe('groups', () => {
  const grouped = {
    keys: [field('k')],
    aggregates: [aggregate('count'), aggregate('max', { arg: field('x') })],
  };

  it('seen earlier emit zeros, those not seen yet nothing', () => {
    const query = plan({ ...grouped, window: tumbling(10) });
    const events = [at(1, { k: 'a', x: 1 }), at(11, { k: 'b', x: 2 }), at(21, { k: 'b', x: 3 })];
    expect(windowsOf(query, events)).toEqual([
      [0, [['a', 1, 1]]],
      [10, [['b', 1, 2], ['a', 0, null]]],
      [20, [['b', 1, 3], ['a', 0, null]]],
    ]); // prettier-ignore
  });

  it('are forgotten after a while', () => {
    const query = plan({ ...grouped, window: tumbling(10) });
    const events = [at(1, { k: 'a' }), at(31, { k: 'b' })];
    const options = { ...NOW, rememberedWindows: 1, rememberedMs: 0 };
    const { windows } = runReference(query, events, options);
    expect(windows.map(({ rows }) => rows.map((row) => row['c0']))).toEqual([
      ['a'],
      ['a'],
      [],
      ['b'],
    ]);
  });

  it('are one for 1 and 1.0, and one for null and missing', () => {
    const query = plan(grouped);
    const events = [
      at(1, { k: 1 }),
      at(2, { k: 1.0 }),
      at(3, { k: '1' }),
      at(4, {}),
      at(5, { k: null }),
    ];
    expect(windowsOf(query, events)).toEqual([
      [null, [[1, 2, null], ['1', 1, null], [null, 2, null]]],
    ]); // prettier-ignore
  });

  it('beyond the cap are one exact group, those named before keep their names', () => {
    const query = plan({ ...grouped, groupsMax: 1, window: tumbling(10) });
    const events = [
      at(1, { k: 'a' }),
      at(2, { k: 'b' }),
      at(3, { k: 'c' }),
      at(11, { k: 'b' }),
      at(12, { k: 'a' }),
    ];
    expect(windowsOf(query, events)).toEqual([
      [0, [['a', 1, null], ['__other__', 2, null]]],
      [10, [['a', 1, null], ['__other__', 1, null]]],
    ]); // prettier-ignore
  });
});

describe('plain selects', () => {
  const events = [at(12, { g: 'x', v: 2 }), at(11, { g: 'y', v: 1 }), at(21, { g: 'x', v: 0 })];
  const project = [field('g'), field('v')];

  it('without a window pass events as they come', () => {
    expect(windowsOf(plan({ project }), events)).toEqual([
      [null, [['x', 2], ['y', 1], ['x', 0]]],
    ]); // prettier-ignore
  });

  it('in a window give its events in order of time', () => {
    expect(windowsOf(plan({ project, window: tumbling(10) }), events)).toEqual([
      [10, [['y', 1], ['x', 2]]],
      [20, [['x', 0]]],
    ]); // prettier-ignore
  });

  it('spread objects into columns, the later column winning', () => {
    const all = plan({
      project: [{ op: 'field', path: [] }, lit('new')],
      final: { columns: [column('*', 0, true), column('g', 1)] },
    });
    expect(runReference(all, [at(1, { g: 'old', v: 1 })], NOW).windows[0]?.rows).toEqual([
      { g: 'new', v: 1 },
    ]);
  });

  it('arranged by group keep their order inside', () => {
    const orderBy = [{ expression: slot(1), descending: false, nulls: 'first' }] as const;
    const query = plan({ project, final: { arrangeBy: [slot(0)], orderBy } });
    expect(windowsOf(query, events)).toEqual([
      [null, [['x', 0], ['x', 2], ['y', 1]]],
    ]); // prettier-ignore
  });

  it('arranged by group have the groups in first-seen order, whatever orders them inside', () => {
    const orderBy = [{ expression: slot(1), descending: false, nulls: 'first' }] as const;
    const query = plan({ project, final: { arrangeBy: [slot(0)], orderBy } });
    const seen = [at(1, { g: 'x', v: 5 }), at(2, { g: 'y', v: 1 }), at(3, { g: 'x', v: 3 })];
    expect(windowsOf(query, seen)).toEqual([
      [null, [['x', 3], ['x', 5], ['y', 1]]],
    ]); // prettier-ignore
  });
});

it('remembers quiet groups for so many widths of a sliding window', () => {
  const window = { kind: 'time', sizeMs: 20, slideMs: 10, paneMs: 10 } as const;
  const query = plan({ keys: [field('g')], aggregates: [aggregate('count')], window });
  const options = { ...NOW, rememberedWindows: 1, rememberedMs: 0 };
  const { windows } = runReference(query, [at(5, { g: 'a' }), at(95, { g: 'b' })], options);
  const withA = windows.filter(({ rows }) => rows.some((row) => row['c0'] === 'a'));
  expect(withA.map(({ windowStart }) => windowStart)).toEqual([-10, 0, 10, 20]);
});

describe('the final stage', () => {
  const events = [
    at(1, { v: 2 }),
    at(2, {}),
    at(3, { v: 'a' }),
    at(4, { v: true }),
    at(5, { v: 1 }),
  ];

  test.each<{ name: string; final: Parameters<typeof plan>[0]['final']; values: Value[] }>([
    {
      name: 'orders by type, then value',
      final: { orderBy: [{ expression: slot(0), descending: false, nulls: 'first' }] },
      values: [null, true, 1, 2, 'a'],
    },
    {
      name: 'orders downwards',
      final: { orderBy: [{ expression: slot(0), descending: true, nulls: 'last' }] },
      values: ['a', 2, 1, true, null],
    },
    {
      name: 'puts nulls where asked',
      final: { orderBy: [{ expression: slot(0), descending: true, nulls: 'first' }] },
      values: [null, 'a', 2, 1, true],
    },
    { name: 'filters by HAVING', final: { having: call('ge', slot(0), lit(1)) }, values: [2, 1] },
    { name: 'keeps some rows of a window', final: { rowsMax: 2 }, values: [2, null] },
    { name: 'ends after some rows', final: { endAfter: 1 }, values: [2] },
  ])('$name', ({ final, values }) => {
    const query = plan({ project: [field('v')], final: final ?? {} });
    const rows = runReference(query, events, NOW).windows.flatMap((window) => window.rows);
    expect(rows.map((row) => row['c0'])).toEqual(values);
  });

  it('counts rows to the end of the query over windows', () => {
    const query = plan({
      aggregates: [aggregate('count')],
      window: tumbling(1),
      final: { endAfter: 2 },
    });
    expect(runReference(query, events, NOW).windows).toHaveLength(2);
  });
});

it('events of other streams are not seen, globs name several', () => {
  const on = (pattern: string): QueryPlan => ({
    ...plan({ aggregates: [aggregate('count')] }),
    sources: [{ pattern, glob: pattern.includes('*') }],
  });
  const events = ['plays', 'plays-eu', 'other'].map((stream, i) => ({ ...at(i, {}), stream }));
  const seen = (pattern: string): number => runReference(on(pattern), events, NOW).seen;
  expect([seen('plays'), seen('plays*'), seen('*'), seen('p*-*u'), seen('*x*')]).toEqual([
    1, 2, 3, 1, 0,
  ]);
});

it('counts problems once an event, however many windows it is in', () => {
  const window = { kind: 'time', sizeMs: 30, slideMs: 10, paneMs: 10 } as const;
  const query = plan({
    aggregates: [aggregate('sum', { arg: call('add', field('x'), lit(1)) })],
    window,
  });
  expect(runReference(query, [at(5, { x: 'no' })], NOW).counters.typeMismatches).toBe(1);
});
