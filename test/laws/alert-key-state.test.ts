/** The alert state machine against its slow reference, over random histories. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { okState, stepKey } from '../../src/alert/key-state.ts';
import type { KeyState, Patience, Verdict } from '../../src/alert/key-state.ts';
import { referenceStates } from '../support/alert-reference.ts';
import type { ReferenceWindow } from '../support/alert-reference.ts';
import { lawParameters } from '../support/laws.ts';

const STEP_MS = 1_000;

const verdict = fc.constantFrom<Verdict>('holds', 'holds', 'clear', 'clear', 'between', 'unknown');

/** Runs of equal verdicts, with now and then a hole in time, or a clock that is set back. */
const windows: fc.Arbitrary<ReferenceWindow[]> = fc
  .array(
    fc.record({
      verdict,
      times: fc.integer({ min: 1, max: 6 }),
      jumpMs: fc.oneof(
        { weight: 8, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }).map((n) => n * STEP_MS) },
        { weight: 1, arbitrary: fc.integer({ min: -8, max: -1 }).map((n) => n * STEP_MS) },
      ),
    }),
    { maxLength: 30 },
  )
  .map((stretches) => {
    const all: ReferenceWindow[] = [];
    let endMs = 1_000_000;
    for (const stretch of stretches) {
      endMs += stretch.jumpMs;
      for (let i = 0; i < stretch.times; i++) {
        endMs += STEP_MS;
        all.push({ verdict: stretch.verdict, endMs, stepMs: STEP_MS });
      }
    }
    return all;
  });

const patience: fc.Arbitrary<Patience> = fc.record({
  forMs: fc.integer({ min: 0, max: 4 }).map((n) => n * STEP_MS),
  mOfN: fc
    .integer({ min: 1, max: 5 })
    .chain((n) => fc.integer({ min: 1, max: n }).map((m) => ({ m, n }))),
  keepFiringMs: fc.integer({ min: 0, max: 4 }).map((n) => n * STEP_MS),
  flap: fc.option(
    fc.record({
      episodes: fc.integer({ min: 2, max: 3 }),
      withinMs: fc.integer({ min: 5, max: 60 }).map((n) => n * STEP_MS),
      holdMs: fc.integer({ min: 1, max: 8 }).map((n) => n * STEP_MS),
    }),
  ),
});

function run(history: readonly ReferenceWindow[], rule: Patience): KeyState[] {
  const key = okState();
  return history.map((window) => {
    stepKey(key, window.verdict, window, rule);
    return { ...key, fired: [...key.fired] };
  });
}

describe('the alert state machine', () => {
  test('is its reference', () => {
    fc.assert(
      fc.property(windows, patience, (history, rule) => {
        const states = run(history, rule).map(({ state }) => state);
        expect(states).toEqual(referenceStates(history, rule));
      }),
      lawParameters(5_000),
    );
  });

  test('windows that prove nothing change nothing, wherever they stand', () => {
    fc.assert(
      fc.property(windows, patience, (history, rule) => {
        const proven = history.filter((window) => window.verdict !== 'unknown');
        expect(run(history, rule).at(-1) ?? okState()).toEqual(
          run(proven, rule).at(-1) ?? okState(),
        );
      }),
      lawParameters(2_000),
    );
  });

  test('ends an episode only on a window that is clear, and names no two alike', () => {
    fc.assert(
      fc.property(windows, patience, (history, rule) => {
        const states = run(history, rule);
        const episodes = new Set<number>();
        states.forEach((now, i) => {
          const before = states[i - 1] ?? okState();
          const fired = before.state === 'firing' || before.state === 'recovering';
          if (fired && now.state === 'ok') expect(history[i]?.verdict).toBe('clear');
          if (before.state !== 'ok' || now.state === 'ok') return;
          expect(episodes.has(now.openedMs)).toBe(false);
          episodes.add(now.openedMs);
        });
      }),
      lawParameters(2_000),
    );
  });

  test('goes on after a restart as if there had been none', () => {
    fc.assert(
      fc.property(windows, patience, fc.nat(), (history, rule, at) => {
        const cut = history.length === 0 ? 0 : at % history.length;
        let key = okState();
        for (const window of history.slice(0, cut)) stepKey(key, window.verdict, window, rule);
        key = JSON.parse(JSON.stringify(key)) as KeyState;
        for (const window of history.slice(cut)) stepKey(key, window.verdict, window, rule);
        expect(key).toEqual(run(history, rule).at(-1) ?? okState());
      }),
      lawParameters(1_000),
    );
  });
});
