import { describe, expect, test } from 'vitest';
import { SendQueue } from '../../../src/gateway/send-queue.ts';
import type { SendCounters } from '../../../src/gateway/send-queue.ts';
import { deliver, rowsMessage } from '../../support/memory-engine.ts';

const BIG = [{ text: 'x'.repeat(1_000) }];
const PROGRESS = { type: 'progress', watermark: 1, lagMs: 0 } as const;

function setUp(bytesMax = 100_000): { queue: SendQueue; counters: SendCounters } {
  const counters = { conflated: 0, dropped: 0, slowClients: 0 };
  return { queue: new SendQueue({ bytesMax, slowMs: 100, counters }), counters };
}

function idsOf(queue: SendQueue): (string | null)[] {
  return queue.take().messages.map(({ effect }) => effect.id);
}

describe('conflation', () => {
  test('newer progress replaces older of the same subscription only', () => {
    const { queue, counters } = setUp();
    queue.push('a', deliver(PROGRESS, '1'), 0);
    queue.push('b', deliver(PROGRESS, '2'), 0);
    queue.push('a', deliver(PROGRESS, '3'), 0);
    expect(idsOf(queue)).toEqual(['2', '3']);
    expect(counters.conflated).toBe(1);
  });

  test('a newer answer replaces all parts of the older for its window', () => {
    const { queue } = setUp();
    queue.push('a', deliver(rowsMessage({ part: 0, last: false }), '1'), 0);
    queue.push('a', deliver(rowsMessage({ part: 1, last: true }), '2'), 0);
    queue.push('a', deliver(rowsMessage({ windowStart: 1_000 }), '3'), 0);
    queue.push('a', deliver(rowsMessage({ revision: 1 }), '4'), 0);
    expect(idsOf(queue)).toEqual(['3', '4']);
  });

  test('rows that append never replace each other', () => {
    const { queue } = setUp();
    const rows = rowsMessage({ windowStart: null, windowEnd: null, append: true });
    queue.push('a', deliver(rows, '1'), 0);
    queue.push('a', deliver(rows, '2'), 0);
    expect(idsOf(queue)).toEqual(['1', '2']);
  });

  test('hours of progress take no room', () => {
    const { queue } = setUp(1_000);
    for (let i = 0; i < 10_000; i++) expect(queue.push('a', deliver(PROGRESS), i)).toBe(false);
    expect(idsOf(queue).length).toBe(1);
  });
});

describe('above the bound', () => {
  test('provisional answers go first, then the oldest, and it is told', () => {
    const { queue, counters } = setUp(5_000);
    for (let window = 0; window < 3; window++) {
      const provisional = window === 1;
      queue.push(
        'a',
        deliver(rowsMessage({ windowStart: window, provisional, rows: BIG }), `${window}`),
        0,
      );
    }
    queue.push('a', deliver(rowsMessage({ windowStart: 3, rows: BIG }), '3'), 0);
    const { messages, drops } = queue.take();
    expect(messages.map(({ effect }) => effect.id)).not.toContain('1');
    expect(messages.at(-1)?.effect.id).toBe('3');
    expect(drops.get('a')).toBe(4 - messages.length);
    expect(counters.dropped).toBe(4 - messages.length);
    expect(queue.take().drops.size).toBe(0);
  });

  test('an answer whose beginning was dropped is dropped to its end', () => {
    const { queue } = setUp(3_000);
    const part = (i: number, last: boolean): ReturnType<typeof deliver> =>
      deliver(rowsMessage({ windowStart: 0, part: i, last, rows: BIG }), `0.${i}`);
    queue.push('a', part(0, false), 0);
    queue.push('a', deliver(rowsMessage({ windowStart: 1, rows: BIG }), '1'), 0);
    queue.push('a', part(1, false), 0);
    queue.push('a', part(2, true), 0);
    const ids = idsOf(queue);
    expect(ids.filter((id) => id?.startsWith('0.'))).toEqual([]);
    queue.push('a', part(0, true), 0);
    expect(idsOf(queue)).toEqual(['0.0']);
  });

  test('schema, gap and end are never dropped, so they alone give the client up', () => {
    const { queue } = setUp(1_000);
    const end = { type: 'end', reason: 'x'.repeat(600) } as const;
    expect(queue.push('a', deliver(end), 0)).toBe(false);
    expect(queue.push('a', deliver(end), 0)).toBe(true);
    expect(queue.take().messages.length).toBe(2);
  });

  test('a client is given up when it has gone on too long', () => {
    const { queue } = setUp(2_000);
    const push = (window: number, now: number): boolean =>
      queue.push('a', deliver(rowsMessage({ windowStart: window, rows: BIG })), now);
    expect([push(0, 0), push(1, 0), push(2, 99), push(3, 100)]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  test('a client that reads again starts anew', () => {
    const { queue } = setUp(2_000);
    for (let window = 0; window < 4; window++) {
      queue.push('a', deliver(rowsMessage({ windowStart: window, rows: BIG })), 0);
    }
    queue.take();
    expect(queue.push('a', deliver(PROGRESS), 1_000)).toBe(false);
  });
});

test('a forgotten subscription leaves nothing behind', () => {
  const { queue } = setUp(2_000);
  for (let window = 0; window < 4; window++) {
    queue.push('a', deliver(rowsMessage({ windowStart: window, rows: BIG })), 0);
  }
  queue.push('aa', deliver(PROGRESS, 'other'), 0);
  queue.forget('a');
  const { messages, drops } = queue.take();
  expect(messages.map(({ sub }) => sub)).toEqual(['aa']);
  expect(drops.size).toBe(0);
});
