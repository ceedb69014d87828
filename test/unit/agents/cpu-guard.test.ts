/** An agent that would take too much of a core takes a share of the events instead. */
import { describe, expect, test } from 'vitest';
import { CpuGuard } from '../../../agents/cpu-guard.ts';
import { VirtualClock } from '../../../src/core/clock.ts';

/**
 * So many events a second, each of a cost, for some seconds; how many were looked at in the last.
 */
function run(
  guard: CpuGuard,
  clock: VirtualClock,
  { costMs, perSecond, seconds }: Readonly<Record<'costMs' | 'perSecond' | 'seconds', number>>,
): number {
  let looked = 0;
  let number = 0;
  for (let second = 0; second < seconds; second++) {
    looked = 0;
    for (let i = 0; i < perSecond; i++) {
      const beganMs = clock.now();
      if (!guard.skips(++number)) {
        looked++;
        const isTimed = guard.begin();
        clock.advance(costMs);
        if (isTimed) guard.end();
      }
      clock.set(Math.max(clock.now(), beganMs + 1_000 / perSecond));
    }
  }
  return looked;
}

describe('the budget of an agent', () => {
  test('is kept by looking at a share of the events, and given up when all is calm', () => {
    const clock = new VirtualClock(0);
    const guard = new CpuGuard(clock, 2);
    expect(run(guard, clock, { costMs: 0.001, perSecond: 10_000, seconds: 3 })).toBe(10_000);
    // 10,000 events of 10 µs would be a tenth of a core.
    const looked = run(guard, clock, { costMs: 0.01, perSecond: 10_000, seconds: 6 });
    expect(looked).toBeGreaterThan(1_200);
    expect(looked).toBeLessThan(2_800);
    expect(run(guard, clock, { costMs: 0.001, perSecond: 10_000, seconds: 8 })).toBe(10_000);
  });

  test('is not spent by pauses that fall into a measurement', () => {
    const clock = new VirtualClock(0);
    const guard = new CpuGuard(clock, 2);
    for (let i = 0; i < 20_000; i++) {
      if (guard.begin()) {
        clock.advance(i % 640 === 63 ? 50 : 0.001);
        guard.end();
      }
      clock.advance(0.2);
    }
    expect(guard.share).toBe(1);
  });

  test('comes with what the events took so far, whether it was spent or not', () => {
    const clock = new VirtualClock(0);
    const guard = new CpuGuard(clock, 100);
    expect(guard.costMs).toBe(0);
    run(guard, clock, { costMs: 0.01, perSecond: 10_000, seconds: 3 });
    expect(guard.costMs).toBeGreaterThan(290);
    expect(guard.costMs).toBeLessThan(310);
    const unbound = new CpuGuard(clock, 0);
    run(unbound, clock, { costMs: 0.01, perSecond: 10_000, seconds: 3 });
    expect(unbound.costMs).toBeGreaterThan(290);
  });

  test('is none where it is 0', () => {
    const clock = new VirtualClock(0);
    const guard = new CpuGuard(clock, 0);
    expect(run(guard, clock, { costMs: 1, perSecond: 900, seconds: 3 })).toBe(900);
  });
});
