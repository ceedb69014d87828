/** An agent that would take too much of a core takes a share of the events instead. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CpuGuard, LOOK } from '../../../agents/cpu-guard.ts';
import type { Look } from '../../../agents/cpu-guard.ts';
import { VirtualClock } from '../../../src/core/clock.ts';
import { lawParameters } from '../../support/laws.ts';

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
      if (guard.admits(++number) !== LOOK.nobody) {
        looked++;
        const isTimed = guard.begin(LOOK.all);
        clock.advance(costMs);
        if (isTimed) guard.end();
      }
      clock.set(Math.max(clock.now(), beganMs + 1_000 / perSecond));
    }
  }
  return looked;
}

/** The looks of the last second, by whom they were for; what each costs in milliseconds. */
function runBy(
  guard: CpuGuard,
  clock: VirtualClock,
  costs: Readonly<Record<Look, number>>,
  { seconds = 12, perSecond = 10_000 } = {},
): Record<Look, number> {
  let looks = { [LOOK.nobody]: 0, [LOOK.standing]: 0, [LOOK.all]: 0 };
  for (let second = 0; second < seconds; second++) {
    looks = { [LOOK.nobody]: 0, [LOOK.standing]: 0, [LOOK.all]: 0 };
    for (let i = 0; i < perSecond; i++) {
      const beganMs = clock.now();
      const look = guard.admits(second * perSecond + i);
      looks[look]++;
      const isTimed = look !== LOOK.nobody && guard.begin(look);
      clock.advance(costs[look]);
      if (isTimed) guard.end();
      clock.set(Math.max(clock.now(), beganMs + 1_000 / perSecond));
    }
  }
  return looks;
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
      if (guard.begin(LOOK.all)) {
        clock.advance(i % 640 === 63 ? 50 : 0.001);
        guard.end();
      }
      clock.advance(0.2);
    }
    expect(guard.shares).toStrictEqual({ standing: 1, adHoc: 1 });
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

  test('is kept at the cost of what is merely watched, as long as that suffices', () => {
    const clock = new VirtualClock(0);
    const guard = new CpuGuard(clock, 2);
    guard.replanned({ standing: true, adHoc: true });
    const costs = { [LOOK.all]: 0.01, [LOOK.standing]: 0.001, [LOOK.nobody]: 0 };
    const looks = runBy(guard, clock, costs);
    expect(looks[LOOK.nobody]).toBe(0);
    expect(looks[LOOK.all]).toBeGreaterThan(0);
    expect(looks[LOOK.all]).toBeLessThan(2_000);
    // And when that does not suffice, at the cost of all.
    const dear = runBy(guard, clock, { ...costs, [LOOK.standing]: 0.01 });
    expect(dear[LOOK.all]).toBeLessThan(50);
    expect(dear[LOOK.standing]).toBeGreaterThan(1_200);
    expect(dear[LOOK.nobody]).toBeGreaterThan(7_000);
    const calm = { [LOOK.all]: 0.001, [LOOK.standing]: 0.001, [LOOK.nobody]: 0 };
    expect(runBy(guard, clock, calm, { seconds: 30 })[LOOK.all]).toBe(10_000);
  });

  test('never gives to what is merely watched before what stands has all', () => {
    const clock = new VirtualClock(0);
    const guard = new CpuGuard(clock, 2);
    guard.replanned({ standing: true, adHoc: true });
    const costs = fc.array(fc.constantFrom(0.0001, 0.001, 0.01, 0.1), { maxLength: 12 });
    const property = fc.property(costs, (seconds) => {
      for (const costMs of seconds) {
        const each = { [LOOK.all]: costMs, [LOOK.standing]: costMs / 2, [LOOK.nobody]: 0 };
        runBy(guard, clock, each, { seconds: 1, perSecond: 1_000 });
        const { adHoc, standing } = guard.shares;
        expect(adHoc).toBeLessThanOrEqual(standing);
        if (adHoc > 1 / 1_024) expect(standing).toBe(1);
      }
    });
    fc.assert(property, lawParameters(40));
  });

  test('is none where it is 0', () => {
    const clock = new VirtualClock(0);
    const guard = new CpuGuard(clock, 0);
    expect(run(guard, clock, { costMs: 1, perSecond: 900, seconds: 3 })).toBe(900);
  });
});
