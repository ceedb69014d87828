/** Fields that several queries read are read once of an event, and anew of every event. */
import { describe, expect, test } from 'vitest';
import { FieldMemo } from '../../../src/edge/field-memo.ts';
import { createRowContext } from '../../../src/expr/context.ts';
import type { Event } from '../../../src/model/value.ts';

describe('what was read of an event', () => {
  test('is remembered for that event, whoever asks', () => {
    const memo = new FieldMemo();
    const row = createRowContext();
    let read = 0;
    const event = {
      get a(): number {
        return ++read;
      },
    };
    const readers = [1, 2].map(() => memo.reader([{ by: 'name', name: 'a' }]));
    row.event = event;
    row.memo = memo.next();
    expect(readers.map((reader) => reader(row))).toStrictEqual([1, 1]);
    // The same object, published again, is another event.
    row.memo = memo.next();
    expect(readers.map((reader) => reader(row))).toStrictEqual([2, 2]);
  });

  test('is told apart by path, and is what would have arrived', () => {
    const memo = new FieldMemo();
    const row = createRowContext();
    row.event = { 'a.b': 1, a: { b: 2 }, when: new Date(0) as never } satisfies Event;
    row.memo = memo.next();
    const key = memo.reader([{ by: 'key', key: 'a.b' }]);
    const chain = memo.reader([
      { by: 'key', key: 'a' },
      { by: 'key', key: 'b' },
    ]);
    const when = memo.reader([{ by: 'name', name: 'when' }]);
    expect([key(row), chain(row), when(row)]).toStrictEqual([1, 2, '1970-01-01T00:00:00.000Z']);
  });

  test('takes bounded room, however many paths are read', () => {
    const memo = new FieldMemo();
    const row = createRowContext();
    const readers = Array.from({ length: 3_000 }, (_none, i) =>
      memo.reader([{ by: 'name', name: `f${i}` }]),
    );
    for (const n of [1, 2]) {
      row.event = { f0: n, f2999: n };
      row.memo = memo.next();
      expect([readers[0]!(row), readers[2_999]!(row)]).toStrictEqual([n, n]);
    }
  });
});
