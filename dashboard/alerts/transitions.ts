/**
 * Changes of state from the history, and what they make of a stretch of time. Pure but for polls.
 */
import type { AlertTransition } from '../../src/alert/transition.ts';
import type { Api } from '../browser-host.ts';
import { listOf } from '../catalogue.ts';
import { LIST_SHOWN_MAX } from '../limits.ts';
import { usePolled } from '../polled.ts';
import type { Polled } from '../polled.ts';

/** History changes only when something happens. */
const HISTORY_POLL_MS = 4_000;

/** Of one rule, or of all. Newest first. */
export function useHistory(api: Api, rule: string | null): Polled<readonly AlertTransition[]> {
  const below = rule === null ? 'alerts/history' : `rules/${encodeURIComponent(rule)}/history`;
  return usePolled({
    api,
    path: `${below}?limit=${LIST_SHOWN_MAX}`,
    read: transitionsFrom,
    everyMs: HISTORY_POLL_MS,
  });
}

function transitionsFrom(body: unknown): readonly AlertTransition[] {
  const list = listOf(body, 'transitions') as readonly AlertTransition[];
  return list.toSorted((a, b) => b.atMs - a.atMs).slice(0, LIST_SHOWN_MAX);
}

export interface StateStretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: 'pending' | 'firing' | 'recovering';
}

/**
 * When alerts of a rule were not `ok`, between two times. Stretches of several alerts may overlap;
 * those that fire come last, so that they are drawn above the others.
 */
export function stretchesOf(
  transitions: readonly AlertTransition[],
  fromMs: number,
  toMs: number,
): readonly StateStretch[] {
  const open = new Map<string, { readonly atMs: number; readonly state: string }>();
  const stretches: StateStretch[] = [];
  const close = (id: string, atMs: number): void => {
    const begun = open.get(id);
    open.delete(id);
    if (begun === undefined || atMs <= fromMs || begun.atMs >= toMs) return;
    const state = begun.state as StateStretch['state'];
    stretches.push({
      fromMs: Math.max(fromMs, begun.atMs),
      toMs: Math.min(toMs, atMs),
      state,
    });
  };
  for (const { key, condition, from, to, atMs } of transitions.toSorted(
    (a, b) => a.atMs - b.atMs,
  )) {
    const id = `${condition} ${key}`;
    // What was before the oldest known change is told by that change.
    if (!open.has(id) && from !== 'ok') open.set(id, { atMs: fromMs, state: from });
    close(id, atMs);
    if (to !== 'ok') open.set(id, { atMs, state: to });
  }
  for (const id of [...open.keys()]) close(id, toMs);
  const order = ['pending', 'recovering', 'firing'];
  return stretches.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
}
