/** The tail's state against a scripted engine: what it asks, counts, shows and keeps. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Connection } from '../../../../dashboard/connection.ts';
import type { Socket } from '../../../../dashboard/connection.ts';
import { TAIL_EVENTS_MAX } from '../../../../dashboard/limits.ts';
import { Tail } from '../../../../dashboard/tail/tail.ts';
import type { ResultMessage } from '../../../../src/wire/results.ts';
import { column, completeness, rows, schema } from '../../../browser/support/results.ts';

/** A socket whose subscriptions a test answers by their queries. */
class ScriptedEngine implements Socket {
  readyState = 1;
  readonly open = new Map<string, string>();
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  send(text: string): void {
    const message = JSON.parse(text) as { type: string; sub: string; query: string };
    if (message.type === 'subscribe') this.open.set(message.sub, message.query);
    if (message.type === 'unsubscribe') this.open.delete(message.sub);
  }

  close(): void {
    this.readyState = 3;
  }

  get queries(): string[] {
    return [...this.open.values()];
  }

  say(isMeant: (query: string) => boolean, message: ResultMessage): void {
    const [sub] = [...this.open].find(([, query]) => isMeant(query)) ?? [];
    this.onmessage?.({ data: JSON.stringify({ sub, id: null, ...message }) });
  }

  /** A second in which so many matched. */
  count(start: number, n: number, changes: Parameters<typeof rows>[2] = {}): void {
    this.say((query) => query.includes('count(*)'), rows(start, [{ n }], changes));
  }

  bring(events: readonly Record<string, string | number>[]): void {
    this.say((query) => query.includes('event_time()'), rows(null, events, { append: true }));
  }
}

let engine: ScriptedEngine;
let rate: number | null;
let tail: Tail;

beforeEach(() => {
  engine = new ScriptedEngine();
  rate = null;
  const connection = new Connection({
    openSocket: () => engine,
    now: () => 0,
    random: () => 0,
    after: () => () => undefined,
  });
  connection.start();
  tail = new Tail(
    {
      connection,
      api: () => Promise.resolve({ status: 200, body: { diagnostics: [] } }),
      scheduleFrame: (draw) => draw(),
      rateOf: () => rate,
    },
    { stream: 'plays', filter: 'latency > 5', columns: [] },
  );
});

function oneIn(): string {
  const query = engine.queries.find((text) => text.includes('event_time()'));
  return /"factor": (\d+)/.exec(query ?? '')?.[1] ?? (query === undefined ? 'none' : '1');
}

describe('how much is shown', () => {
  test('follows the count: at once when there are more, later when there are fewer', () => {
    tail.start();
    expect(oneIn()).toBe('none');
    engine.say((query) => query.includes('count(*)'), schema({ columns: [column('n')], keys: [] }));
    engine.count(0, 4_210);
    expect([oneIn(), tail.step]).toEqual(['20', 20]);
    engine.count(1_000, 40_000);
    expect(oneIn()).toBe('200');
    engine.count(2_000, 90);
    engine.count(3_000, 90);
    expect(oneIn()).toBe('200');
    engine.count(4_000, 90);
    expect(oneIn()).toBe('1');
    expect(engine.queries).toHaveLength(2);
  });

  test('begins with what the engine knows of the stream', () => {
    rate = 2_400;
    tail.start();
    expect(oneIn()).toBe('10');
  });

  test('a first window that saw a tenth of a second is not taken for a whole one', () => {
    tail.start();
    engine.count(0, 421, { completeness: completeness({ coveredMs: 100 }) });
    expect(oneIn()).toBe('20');
  });

  test('windows of before, and those that come again, are not counted', () => {
    tail.start();
    engine.count(0, 500, { replay: true });
    engine.count(1_000, 7);
    engine.count(1_000, 7, { replay: true });
    engine.count(2_000, 5, { replay: true });
    expect(tail.matched).toBe(12);
  });
});

describe('the list', () => {
  test('stands still while it is paused and says how many came meanwhile', () => {
    rate = 10;
    tail.start();
    engine.bring([{ 'event_time()': 5, a: 1 }]);
    tail.pause();
    engine.bring([
      { 'event_time()': 6, a: 2 },
      { 'event_time()': 7, a: 3, b: 'x' },
    ]);
    expect([tail.length, tail.waiting, tail.at(0)?.event]).toEqual([1, 2, { a: 1 }]);
    tail.resume();
    expect([tail.length, tail.waiting, tail.at(0)?.timeMs]).toEqual([3, 0, 7]);
    expect([...tail.fields]).toEqual(['a', 'b']);
  });

  test('is bounded, and an event of a sample knows for how many it stands', () => {
    rate = 2_400;
    tail.start();
    for (let i = 0; i < TAIL_EVENTS_MAX + 10; i++) engine.bring([{ i }]);
    expect([tail.length, tail.log.count]).toEqual([TAIL_EVENTS_MAX, TAIL_EVENTS_MAX + 10]);
    expect(tail.at(0)).toMatchObject({
      oneIn: 10,
      timeMs: null,
      event: { i: TAIL_EVENTS_MAX + 9 },
    });
  });

  test('another question begins another list, and nothing of the old one is left running', async () => {
    rate = 10;
    tail.start();
    engine.bring([{ a: 1 }]);
    await tail.ask({ stream: 'requests', filter: '' });
    expect(tail.length).toBe(0);
    expect(engine.queries).toEqual([
      'select event_time(), * from requests',
      'select count(*) as n from requests window 1s',
    ]);
    tail.stop();
    expect(engine.queries).toEqual([]);
  });
});
