/** Folding result messages: windows replace, events append, everything is bounded. */
import { describe, expect, test } from 'vitest';
import {
  EVENTS_MAX,
  GAPS_MAX,
  GROUPS_MAX,
  TABLE_COLUMNS_MAX,
  WINDOW_ROWS_MAX,
} from '../../../dashboard/limits.ts';
import { conditionOf, ResultStore } from '../../../dashboard/result-store.ts';
import { column, completeness, rows, schema } from '../../browser/support/results.ts';

function storeWith(...messages: Parameters<ResultStore['apply']>[0][]): ResultStore {
  const store = new ResultStore();
  for (const message of messages) store.apply(message);
  return store;
}

const SILENT = completeness({ status: 'degraded', source: 'silent', traffic: 'zero' });

describe('a result store', () => {
  test('shows the newest window and keeps every window for the chart', () => {
    const store = storeWith(
      schema(),
      rows(1_000, [{ region: 'eu', starts: 5 }]),
      rows(2_000, [
        { region: 'eu', starts: 7 },
        { region: 'us', starts: 1 },
      ]),
    );
    expect(store.newest?.rows).toHaveLength(2);
    expect(store.ring.length).toBe(2);
    const eu = store.groupIdOf({ region: 'eu' });
    expect(store.ring.valueAt(eu, 0, 0)).toBe(5);
    expect(store.ring.labelOf(eu)).toBe('eu');
  });

  test('applies a window in parts only when the last part is there', () => {
    const first = rows(1_000, [{ region: 'eu', starts: 5 }], { part: 0, last: false });
    const store = storeWith(schema(), first);
    expect(store.newest).toBeNull();
    store.apply(rows(1_000, [{ region: 'us', starts: 6 }], { part: 1, last: true }));
    expect(store.newest?.rows.map((row) => row['region'])).toEqual(['eu', 'us']);
  });

  test('drops the parts of a window that another window cut off', () => {
    const store = storeWith(
      schema(),
      rows(1_000, [{ region: 'eu', starts: 5 }], { part: 0, last: false }),
      rows(2_000, [{ region: 'us', starts: 6 }]),
    );
    expect(store.newest?.rows).toEqual([{ region: 'us', starts: 6 }]);
  });

  test('takes a revision of an older window into the chart and leaves the table', () => {
    const store = storeWith(
      schema(),
      rows(1_000, [{ region: 'eu', starts: 5 }]),
      rows(2_000, [{ region: 'eu', starts: 7 }]),
      rows(1_000, [{ region: 'eu', starts: 6 }], { revision: 1 }),
    );
    expect(store.newest?.windowStart).toBe(2_000);
    expect(store.ring.valueAt(store.groupIdOf({ region: 'eu' }), 0, 0)).toBe(6);
  });

  test('a final window takes the place of its provisional values', () => {
    const store = storeWith(
      schema(),
      rows(1_000, [{ region: 'eu', starts: 2 }], { provisional: true }),
      rows(1_000, [{ region: 'eu', starts: 5 }]),
    );
    expect(store.ring.length).toBe(1);
    expect(store.ring.at(0).provisional).toBe(false);
    expect(store.newest?.provisional).toBe(false);
  });

  test('keeps its windows when a reconnect sends the same schema again', () => {
    const store = storeWith(schema(), rows(1_000, [{ region: 'eu', starts: 5 }]), schema());
    expect(store.ring.length).toBe(1);
  });

  test('starts afresh under another schema', () => {
    const store = storeWith(
      schema(),
      rows(1_000, []),
      schema({ columns: [column('n')], keys: [] }),
    );
    expect(store.ring.length).toBe(0);
    expect(store.newest).toBeNull();
  });

  test('appends the events of a plain filter and keeps the newest', () => {
    const store = storeWith(schema({ columns: [], keys: [], windowMs: null, slideMs: null }));
    for (let i = 0; i < EVENTS_MAX + 5; i++) {
      store.apply(rows(null, [{ n: i }], { append: true }));
    }
    expect(store.shape).toBe('events');
    expect(store.events).toHaveLength(EVENTS_MAX);
    expect(store.events.at(-1)).toEqual({ n: EVENTS_MAX + 4 });
    expect(store.eventsSeen).toBe(EVENTS_MAX + 5);
    expect(store.tableColumns).toEqual(['n']);
  });

  test('draws a running value over the watermark', () => {
    const running = (watermark: number, n: number) =>
      rows(null, [{ n }], { completeness: completeness({ watermark }) });
    const plain = schema({ columns: [column('n')], keys: [], windowMs: null, slideMs: null });
    const store = storeWith(plain, running(1_000, 1), running(2_000, 2));
    expect(store.ring.length).toBe(2);
    expect(store.newest?.rows).toEqual([{ n: 2 }]);
  });

  test('bounds the rows of a window and says how many are beyond', () => {
    const list = Array.from({ length: WINDOW_ROWS_MAX + 3 }, (_, i) => ({
      region: `r${i}`,
      starts: i,
    }));
    const store = storeWith(schema(), rows(1_000, list));
    expect(store.newest?.rows).toHaveLength(WINDOW_ROWS_MAX);
    expect(store.newest?.cut).toBe(3);
    expect(store.ring.groupIds()).toHaveLength(GROUPS_MAX);
  });

  test('keeps the history of the largest groups', () => {
    const list = Array.from({ length: GROUPS_MAX * 2 }, (_, i) => ({ region: `r${i}`, starts: i }));
    const store = storeWith(schema(), rows(1_000, list));
    expect(store.ring.groupIds()[0]).toBe(store.groupIdOf({ region: `r${GROUPS_MAX * 2 - 1}` }));
  });

  test('bounds columns, gaps and reasons for drops', () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, i]));
    const store = storeWith(
      schema({ columns: [], keys: [] }),
      rows(null, [wide], { append: true }),
    );
    for (let i = 0; i < 200; i++) {
      store.apply({ type: 'gap', fromId: null, toId: null, fromTime: i, toTime: i, reason: 'x' });
      store.apply({ type: 'drop', reason: `r${i}`, count: 1 });
    }
    expect(store.tableColumns).toHaveLength(TABLE_COLUMNS_MAX);
    expect(store.gaps).toHaveLength(GAPS_MAX);
    expect([...store.drops.values()].reduce((a, b) => a + b)).toBe(200);
    expect(store.drops.size).toBeLessThan(30);
  });

  test('rows that no key tells apart are a table and not a line', () => {
    const store = storeWith(
      schema({ keys: [], columns: [column('n')] }),
      rows(0, [{ n: 1 }, { n: 2 }]),
    );
    expect(store.isSeries).toBe(false);
    expect(store.ring.groupIds()).toEqual([]);
  });
});

describe('the condition of a window', () => {
  test.each([
    { name: 'flowing', state: completeness(), expected: 'flowing' },
    { name: 'zero', state: completeness({ traffic: 'zero' }), expected: 'zero' },
    { name: 'silent beats zero and degraded', state: SILENT, expected: 'silent' },
    { name: 'a stream nobody offers', state: completeness({ source: 'none' }), expected: 'none' },
    { name: 'behind', state: completeness({ engine: 'behind' }), expected: 'behind' },
    { name: 'degraded', state: completeness({ status: 'degraded' }), expected: 'degraded' },
    { name: 'partial', state: completeness({ status: 'partial' }), expected: 'partial' },
  ])('is $expected for $name', ({ state, expected }) => {
    expect(conditionOf(state)).toBe(expected);
  });
});
