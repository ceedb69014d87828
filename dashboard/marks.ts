/** What happened while a chart was drawn: alerts that fired, and annotations; both are polled. */
import { useMemo } from 'preact/hooks';
import type { Annotation } from '../src/board/annotations.ts';
import type { AlertTransition } from '../src/alert/transition.ts';
import type { Api } from './browser-host.ts';
import { listOf, recordFrom } from './catalogue.ts';
import { ANNOTATIONS_READ_MAX, MARKS_MAX } from './limits.ts';
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
  const noted = usePolled({
    api,
    path: `annotations?limit=${ANNOTATIONS_READ_MAX}`,
    read: (body) =>
      listOf(body, 'annotations').map((item) =>
        recordFrom(item),
      ) as unknown as readonly Annotation[],
    everyMs: POLL_MS,
  });
  const transitions = history.value.value;
  const annotations = noted.value.value;
  return useMemo(
    () => [...noteMarks(annotations ?? []), ...alertMarks(transitions ?? [])],
    [transitions, annotations],
  );
}

export function noteMarks(annotations: readonly Annotation[]): readonly PlotMark[] {
  return annotations
    .filter(({ timeMs, title }) => typeof timeMs === 'number' && typeof title === 'string')
    .slice(0, MARKS_MAX)
    .map(({ timeMs, endMs, title }) => ({
      fromMs: timeMs,
      toMs: endMs,
      kind: 'note',
      label: title,
    }));
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
