/** What a rule remembers of its last windows, against a plain record of all of them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../../../src/alert/key-state.ts';
import { WindowTrail } from '../../../src/alert/window-trail.ts';
import { lawParameters } from '../../support/laws.ts';

const LENGTH = 5;

const said = fc.record({
  alert: fc.nat(20),
  value: fc.integer(),
  verdict: fc.constantFrom<Verdict>('holds', 'clear', 'between', 'unknown'),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.uniqueArray(said, { selector: ({ alert }) => alert }) },
  { weight: 1, arbitrary: fc.nat(20) },
);

type Step = readonly { alert: number; value: number; verdict: Verdict }[] | number;

/** A trail, and the plain record of the same steps. */
class Recorded {
  readonly trail = new WindowTrail(LENGTH);
  readonly places = new Map<number, number>();
  readonly windows: Map<number, { value: number; verdict: Verdict }>[] = [];

  take(one: Step): void {
    if (typeof one === 'number') this.#leave(one);
    else this.#close(one);
  }

  #leave(alert: number): void {
    const place = this.places.get(alert);
    if (place !== undefined) this.trail.release(place);
    this.places.delete(alert);
    for (const window of this.windows) window.delete(alert);
  }

  #close(rows: Exclude<Step, number>): void {
    const { length } = this.windows;
    this.trail.push({ startMs: length, endMs: length + 1, why: '', share: 1 });
    this.windows.push(new Map());
    for (const { alert, value, verdict } of rows) {
      const place = this.places.get(alert) ?? this.trail.claim();
      this.places.set(alert, place);
      this.trail.set(place, value, verdict);
      this.windows.at(-1)!.set(alert, { value, verdict });
    }
  }
}

test('is what was said in the last windows, as alerts come and go', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const recorded = new Recorded();
      for (const one of steps) recorded.take(one);
      const { places, trail, windows } = recorded;
      expect(trail.newest).toBe(windows.length - 1);
      expect(trail.oldest).toBe(Math.max(0, windows.length - LENGTH));
      for (const [alert, place] of places) {
        for (let window = -2; window < windows.length + 2; window++) {
          const known = window < trail.oldest ? undefined : windows[window]?.get(alert);
          expect(trail.verdict(place, window)).toBe(known?.verdict ?? null);
          expect(trail.value(place, window)).toBe(known?.value ?? Number.NaN);
        }
      }
      expect(trail.at(trail.newest)?.endMs).toBe(windows.length === 0 ? undefined : windows.length);
    }),
    lawParameters(200),
  );
});
