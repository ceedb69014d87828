/** What happened while a chart was drawn: alerts that fired. Pure but for the poll. */
import { useMemo } from 'preact/hooks';
import type { AlertTransition } from '../src/alert/transition.ts';
import type { Api } from './browser-host.ts';
import { listOf } from './catalogue.ts';
import { MARKS_MAX } from './limits.ts';
import type { PlotMark } from './plot-overlays.ts';
import { usePolled } from './polled.ts';

const POLL_MS = 5_000;

export function useMarks(api: Api): readonly PlotMark[] {
  const history = usePolled({
    api,
    path: `alerts/history?limit=${MARKS_MAX * 4}`,
    read: (body) => listOf(body, 'transitions') as readonly AlertTransition[],
    everyMs: POLL_MS,
  });
  const transitions = history.value.value;
  return useMemo(() => alertMarks(transitions ?? []), [transitions]);
}

/** One mark an episode, oldest first; one that still fires reaches as far as anybody looks. */
export function alertMarks(transitions: readonly AlertTransition[]): readonly PlotMark[] {
  const marks = new Map<string, PlotMark>();
  for (const transition of transitions.toSorted((a, b) => a.atMs - b.atMs)) {
    const { episode, rule, key, to, startsAtMs, endsAtMs } = transition;
    const known = marks.get(episode);
    if (to === 'firing' && known === undefined) {
      const label = `${rule} ${valuesOf(key)}`.trim();
      marks.set(episode, { fromMs: startsAtMs, toMs: FOREVER, kind: 'alert', label });
    } else if (to === 'ok' && known !== undefined) {
      marks.set(episode, { ...known, toMs: endsAtMs ?? transition.atMs });
    }
  }
  return [...marks.values()].slice(-MARKS_MAX);
}

const FOREVER = 8e15;

/** Keys are JSON objects of columns and values. */
function valuesOf(key: string): string {
  try {
    const parsed: unknown = JSON.parse(key);
    return typeof parsed === 'object' && parsed !== null
      ? Object.values(parsed).map(String).join(' ')
      : '';
  } catch {
    return '';
  }
}
