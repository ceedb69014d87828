import { describe, expect, test } from 'vitest';
import { windowsOf } from '../support/told-windows.ts';
import { START_MS, World } from '../support/world.ts';

describe('a live query over agents', () => {
  test('counts every event once, window by window, in the order of time', () => {
    const world = new World();
    const agent = world.agent('web-1');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(500);
    const received = world.subscribe(
      's',
      'select count(*) as n from plays window 1s group by region',
    );
    let published = 0;
    world.run(5_000, (nowMs) => {
      if (nowMs % 50 !== 0) return;
      plays.publish({ region: published % 3 === 0 ? 'eu' : 'us', latency: published });
      published++;
    });
    world.run(1_000);
    const windows = windowsOf(received);
    expect(windows.length).toBeGreaterThanOrEqual(5);
    const total = windows.flatMap((w) => w.rows).reduce((sum, row) => sum + Number(row['n']), 0);
    expect(total).toBe(published - 0);
    for (const window of windows.slice(1)) {
      expect(window.completeness.status).toBe('complete');
      expect(window.completeness.agents).toEqual({ expected: 1, reporting: 1, missing: [] });
    }
    expect(windows[0]!.windowStart).toBe(START_MS);
  });
});
