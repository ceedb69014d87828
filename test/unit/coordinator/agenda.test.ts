/** Who is due, against the plain list; and what shards hear of changes, against the plain set. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Agenda } from '../../../src/coordinator/agenda.ts';
import { DueHeap } from '../../../src/coordinator/due-heap.ts';
import { PlanBook } from '../../../src/coordinator/plan-book.ts';
import type { BookedQuery } from '../../../src/coordinator/plan-book.ts';
import { planOf } from '../../support/hand-plans.ts';
import { lawParameters } from '../../support/laws.ts';

describe('a heap of due times', () => {
  test('gives what is due, earliest first, however things were moved', () => {
    const step = fc.record({
      item: fc.integer({ min: 0, max: 20 }),
      due: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Infinity)),
      takeAt: fc.option(fc.integer({ min: 0, max: 50 }), { freq: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const heap = new DueHeap<number>();
        const plain = new Map<number, number>();
        for (const { item, due, takeAt } of steps) {
          heap.set(item, due);
          if (due === Infinity) plain.delete(item);
          else plain.set(item, due);
          expect(heap.earliest).toBe(Math.min(...plain.values()));
          if (takeAt === null) continue;
          const taken = heap.take(takeAt);
          const earliest = Math.min(...plain.values());
          if (earliest > takeAt) expect(taken).toBeUndefined();
          else expect(plain.get(taken!)).toBe(earliest);
          if (taken !== undefined) plain.delete(taken);
          expect(heap.size).toBe(plain.size);
        }
      }),
      lawParameters(),
    );
  });
});

describe('an agenda', () => {
  const group = (reached: () => number) => {
    let asked = 0;
    return { reachedMs: () => (asked++, reached()), asked: () => asked };
  };

  test('takes a pipeline when the clock or its streams have come so far, each once', () => {
    let reached = 0;
    const streams = group(() => reached);
    const item = { group: streams, dueMs: 500, reachMs: 100 };
    const agenda = new Agenda<typeof item>();
    agenda.renew(item);
    // Nobody asks where the streams stand before the pane has ended by the clock.
    expect([...agenda.take(99)]).toStrictEqual([]);
    expect(streams.asked()).toBe(0);
    expect([...agenda.take(110)]).toStrictEqual([]);
    expect(streams.asked()).toBe(1);
    reached = 100;
    expect([...agenda.take(160)]).toStrictEqual([item]);
    expect([...agenda.take(170)]).toStrictEqual([]);
    expect([...agenda.take(500)]).toStrictEqual([item]);
    agenda.renew(item);
    expect([...agenda.take(600)]).toStrictEqual([item]);
    agenda.renew(item);
    agenda.forget(item);
    expect([...agenda.take(1e9)]).toStrictEqual([]);
  });
});

describe('the book of plans', () => {
  const query = (stage: string): BookedQuery => ({
    stage,
    plan: planOf({}),
    home: null,
    share: null,
    isStanding: false,
    edge: { isEdge: false },
    closedThroughMs: 0,
  });

  test('tells of what changed since the last epoch and of nothing else', () => {
    const book = new PlanBook<BookedQuery>();
    expect(book.advance()).toBeNull();
    const [a, b, c] = ['a', 'b', 'c'].map(query) as [BookedQuery, BookedQuery, BookedQuery];
    book.add(a);
    book.add(b);
    expect(book.advance()?.message).toMatchObject({
      ...{ type: 'plan-changes', base: 0, epoch: 1 },
      ...{ added: [{ pipeline: 'a' }, { pipeline: 'b' }], removed: [] },
    });
    book.remove(a);
    book.add(c);
    book.remove(c);
    expect(book.advance()).toMatchObject({
      message: { type: 'plan-changes', base: 1, epoch: 2, added: [], removed: ['a'] },
      begun: [],
    });
    expect(book.whole([b])).toMatchObject({ type: 'plans', epoch: 2, plans: [{ pipeline: 'b' }] });
  });
});
