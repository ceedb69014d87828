/**
 * The alert state machine, written for clarity and not for speed: after every window it looks at
 * the whole history of the alert again. `key-state.ts` must agree with it on every sequence.
 */
import type { Patience, Verdict } from '../../src/alert/key-state.ts';
import type { AlertState } from '../../src/alert/transition.ts';

export interface ReferenceWindow {
  readonly verdict: Verdict;
  readonly endMs: number;
  readonly stepMs: number;
}

/** The states after each window, from the first. */
export function referenceStates(
  windows: readonly ReferenceWindow[],
  patience: Patience,
): AlertState[] {
  const states: AlertState[] = [];
  /** Windows that proved something since the last episode ended: all that may still matter. */
  let evidence: ReferenceWindow[] = [];
  const firedAt: number[] = [];
  let state: AlertState = 'ok';
  let since = 0;
  for (const window of windows) {
    if (window.verdict !== 'unknown') {
      evidence = [...evidence, window];
      const lately = evidence.slice(-patience.mOfN.n).filter(({ verdict }) => verdict === 'holds');
      const holds = lately.length >= patience.mOfN.m;
      const before: AlertState = state;
      state = next(before, holds, window);
      if (state === 'firing' && (before === 'ok' || before === 'pending')) {
        firedAt.push(window.endMs);
      }
      if (state !== before) since = evidence.length;
      if (state === 'ok' && before !== 'ok') evidence = [];
      if (state === 'ok') since = 0;
    }
    states.push(state);
  }
  return states;

  function next(before: AlertState, holds: boolean, window: ReferenceWindow): AlertState {
    // Time covered by evidence since the state was entered, this window included.
    const waited = evidence.slice(since).reduce((sum, { stepMs }) => sum + stepMs, 0);
    if (before === 'ok') return holds ? (patience.forMs === 0 ? 'firing' : 'pending') : 'ok';
    if (before === 'pending') {
      if (!holds) return 'ok';
      return waited >= patience.forMs ? 'firing' : 'pending';
    }
    if (holds || window.verdict === 'between') return 'firing';
    if (window.verdict === 'holds') return 'firing';
    const cleared = before === 'recovering' ? waited : 0;
    return cleared >= needed(window.endMs) ? 'ok' : 'recovering';
  }

  function needed(nowMs: number): number {
    const { flap, keepFiringMs } = patience;
    if (flap === null) return keepFiringMs;
    const lately = firedAt.filter((ms) => ms > nowMs - flap.withinMs).slice(-flap.episodes);
    return lately.length >= flap.episodes ? Math.max(keepFiringMs, flap.holdMs) : keepFiringMs;
  }
}
