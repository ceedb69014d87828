/**
 * The state machine of one alert: `ok → pending → firing → recovering → ok`. Pure: a state, what
 * one window proves, and the rule's patience give the next state. It counts *evidence time*, the
 * time covered by windows that proved something; a window that proves nothing changes nothing, so a
 * gap in telemetry neither starts nor ends an alert, nor spends its patience.
 *
 * Bench: bench/alert.ts.
 */
import type { AlertState } from './transition.ts';

/**
 * What one window says of one alert: `holds`: the condition is true; `clear`: it is false, and so
 * is the hysteresis in between; `between`: it is false and not yet clear; `unknown`: no evidence.
 */
export type Verdict = 'holds' | 'clear' | 'between' | 'unknown';

export interface KeyState {
  state: AlertState;
  /** Evidence time in the state so far, ms: of pending for `for`, of recovering to resolve. */
  heldMs: number;
  /** Verdicts of the last windows that proved something, newest in bit 0; 1: it held. */
  recent: number;
  /**
   * End of the window that opened the episode, which it is named after; ok: no episode to come is
   * named like one that opened by then.
   */
  openedMs: number;
  /** End of the window with which it began to fire; 0: not in this episode. */
  firedMs: number;
  /** When its last episodes began to fire, oldest first. */
  readonly fired: number[];
  /** Transitions within the episode. */
  sequence: number;
}

export interface Patience {
  readonly forMs: number;
  readonly mOfN: { readonly m: number; readonly n: number };
  readonly keepFiringMs: number;
  readonly flap: {
    readonly episodes: number;
    readonly withinMs: number;
    readonly holdMs: number;
  } | null;
}

/** `namedThroughMs`: episodes that are forgotten opened no later, ms UTC. */
export function okState(namedThroughMs = 0): KeyState {
  return {
    ...{ state: 'ok', heldMs: 0, recent: 0, openedMs: namedThroughMs, firedMs: 0 },
    fired: [],
    sequence: 0,
  };
}

/**
 * Advances `key` by one window that ended at `endMs` and covers `stepMs` of new time; true if its
 * state changed.
 */
export function stepKey(
  key: KeyState,
  verdict: Verdict,
  window: { readonly endMs: number; readonly stepMs: number },
  patience: Patience,
): boolean {
  if (verdict === 'unknown') return false;
  const { m, n } = patience.mOfN;
  key.recent = ((key.recent << 1) | (verdict === 'holds' ? 1 : 0)) & ((1 << n) - 1);
  const holds = bitCount(key.recent) >= m;
  switch (key.state) {
    case 'ok':
      if (!holds) return false;
      open(key, window.endMs);
      if (patience.forMs === 0) fire(key, window.endMs, patience);
      return true;
    case 'pending':
      return stepPending(key, holds, window, patience);
    case 'firing':
    case 'recovering':
      if (holds || verdict !== 'clear') return relapse(key);
      return stepFiring(key, window, patience);
  }
}

function stepPending(
  key: KeyState,
  holds: boolean,
  window: { readonly endMs: number; readonly stepMs: number },
  patience: Patience,
): boolean {
  if (!holds) {
    close(key);
    return true;
  }
  key.heldMs += window.stepMs;
  if (key.heldMs < patience.forMs) return false;
  fire(key, window.endMs, patience);
  return true;
}

/** It is not over (yet). */
function relapse(key: KeyState): boolean {
  const wasRecovering = key.state === 'recovering';
  key.state = 'firing';
  key.heldMs = 0;
  return wasRecovering;
}

function stepFiring(
  key: KeyState,
  window: { readonly endMs: number; readonly stepMs: number },
  patience: Patience,
): boolean {
  const wasRecovering = key.state === 'recovering';
  if (wasRecovering) key.heldMs += window.stepMs;
  if (key.heldMs >= recoveryMs(key, window.endMs, patience)) {
    close(key);
    return true;
  }
  key.state = 'recovering';
  return !wasRecovering;
}

/** How much evidence against it resolves the alert: more while it flaps. */
export function recoveryMs(key: KeyState, nowMs: number, patience: Patience): number {
  const { flap, keepFiringMs } = patience;
  if (flap === null) return keepFiringMs;
  let episodes = 0;
  for (const firedMs of key.fired) if (firedMs > nowMs - flap.withinMs) episodes++;
  return episodes >= flap.episodes ? Math.max(keepFiringMs, flap.holdMs) : keepFiringMs;
}

/** Ends the episode, whatever it was in. */
export function close(key: KeyState): void {
  key.state = 'ok';
  key.heldMs = 0;
  key.firedMs = 0;
  key.recent = 0;
}

function open(key: KeyState, endMs: number): void {
  key.state = 'pending';
  key.heldMs = 0;
  key.sequence = 0;
  // Clocks may be set back; an episode is never named like one before it.
  key.openedMs = Math.max(endMs, key.openedMs + 1);
}

function fire(key: KeyState, endMs: number, { flap }: Patience): void {
  key.state = 'firing';
  key.heldMs = 0;
  key.firedMs = endMs;
  if (flap === null) return;
  key.fired.push(endMs);
  while (key.fired.length > flap.episodes) key.fired.shift();
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
