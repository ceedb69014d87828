/** The end of an alert that no rule watches any more. */
import type { SavedAlert } from './saved-alert.ts';
import { isFiring } from './transition.ts';
import type { AlertState, AlertTransition } from './transition.ts';

/** Null: it told nobody that it fires, so nobody waits for its end. */
export function endedTransition(
  { state }: SavedAlert,
  why: string,
  nowMs: number,
): AlertTransition | null {
  if (state === null || state.kind === 'named') return null;
  const last = state.kind === 'key' ? state.transition : state.state.transition;
  if (last === null || !isFiring(last.to)) return null;
  const { sequence } = state.state;
  const from: AlertState = state.kind === 'key' ? state.state.state : 'firing';
  return {
    ...last,
    id: `${last.episode}.${sequence + 1}`,
    atMs: Math.floor(nowMs),
    window: null,
    from,
    to: 'ok',
    endsAtMs: Math.floor(nowMs),
    reason: why,
  };
}
