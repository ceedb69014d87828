/** Bounds and memory of session windows, which no oracle sees. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { allRows } from '../../../src/kernel/selection.ts';
import { SessionWindows } from '../../../src/operator/session-windows.ts';
import type { Event } from '../../../src/model/value.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { TestConnection } from '../../support/batch-builder.ts';
import { namePath } from '../../support/batch-builder.ts';

const PATHS = ['u', 'v'].map(namePath);

function windowsOf(query: string, limits: Parameters<typeof configWith>[0]): SessionWindows {
  const { plan } = planQuery(query, { mode: 'live' });
  if (plan?.window.kind !== 'session') throw new Error('no sessions');
  const config = configWith(limits);
  return new SessionWindows(plan, plan.window, { config, closedThroughMs: 0 });
}

/** One for all, as in a shard: ids of strings stay what they are. */
const CONNECTION = new TestConnection();

function feed(windows: SessionWindows, events: readonly Event[], times: readonly number[]): void {
  const batch = CONNECTION.batch(events, { paths: PATHS, times });
  windows.add(batch, allRows(batch.rows), batch.rows, { nowMs: 0 });
}

const COUNTS = 'select u, count(*) as n from stream window session 10ms group by u';

describe('session windows', () => {
  test('refuse what would begin a session too many, and take what joins one', () => {
    const windows = windowsOf(COUNTS, { openSessionsMax: 2 });
    const users = ['a', 'b', 'c', 'a', 'c'].map((u) => ({ u, v: 1 }));
    feed(windows, users, [100, 100, 100, 105, 106]);
    expect(windows.counts).toEqual({ late: 0, sessions: 2, rows: 0 });
    const { keys, matched, seen } = windows.closeThrough(1_000);
    expect(keys).toEqual([['b'], ['a']]);
    expect([seen, matched]).toEqual([5, 3]);
    feed(windows, [{ u: 'c', v: 1 }], [2_000]);
    expect(windows.closeThrough(3_000).keys).toEqual([['c']]);
  });

  test('make one of two when the event between them comes', () => {
    const windows = windowsOf(COUNTS, {});
    feed(windows, [{ u: 'a' }, { u: 'a' }, { u: 'a' }], [100, 116, 108]);
    const { startsMs, endsMs, keys } = windows.closeThrough(1_000);
    expect([keys, [...startsMs], [...endsMs]]).toEqual([[['a']], [100], [126]]);
  });

  test('hold so many rows of a plain select and no more', () => {
    const windows = windowsOf('select v from stream window session 10ms', { windowRowsMax: 2 });
    feed(windows, [{ v: 1 }, { v: 2 }, { v: 3 }], [100, 101, 102]);
    expect(windows.counts.rows).toBe(1);
    const { rows } = windows.closeThrough(1_000);
    expect(rows.map((one) => one.map(({ slots }) => slots))).toEqual([[[1], [2]]]);
    feed(windows, [{ v: 4 }], [2_000]);
    expect(windows.closeThrough(3_000).rows[0]).toHaveLength(1);
  });

  test('forget groups that have no session, and know them when they come back', () => {
    const windows = windowsOf(COUNTS, { openSessionsMax: 4_000 });
    for (let round = 0; round < 5; round++) {
      const users = Array.from({ length: 3_000 }, (_none, i) => ({ u: `${i}`, v: round }));
      const timeMs = 1_000 * round + 100;
      feed(
        windows,
        users,
        Array.from({ length: 3_000 }, () => timeMs),
      );
      const { keys } = windows.closeThrough(timeMs + 10);
      expect(keys.length).toBe(3_000);
    }
    expect(windows.counts).toEqual({ late: 0, sessions: 0, rows: 0 });
  });
});
