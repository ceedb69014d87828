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

test('is what was said in the last windows, as alerts come and go', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const trail = new WindowTrail(LENGTH);
      const places = new Map<number, number>();
      const windows: Map<number, { value: number; verdict: Verdict }>[] = [];
      for (const one of steps) {
        if (typeof one === 'number') {
          const place = places.get(one);
          if (place !== undefined) trail.release(place);
          places.delete(one);
          for (const window of windows) window.delete(one);
          continue;
        }
        trail.push({ startMs: windows.length, endMs: windows.length + 1, why: '', share: 1 });
        windows.push(new Map());
        for (const { alert, value, verdict } of one) {
          if (!places.has(alert)) places.set(alert, trail.claim());
          trail.set(places.get(alert)!, value, verdict);
          windows.at(-1)!.set(alert, { value, verdict });
        }
      }
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
