/**
 * What the notifier makes of firing alerts: which are muted, and which incidents are acknowledged.
 * The engine's list says what is true; this says who hears of it.
 */
import type { IncidentView } from '../../src/alert/notify/views.ts';
import type { Api } from '../browser-host.ts';
import { listOf, recordFrom } from '../catalogue.ts';
import { FIRING_READ_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { usePolled } from '../polled.ts';
import { labelsKey } from './alert-words.ts';

export interface Notified {
  readonly incidents: readonly IncidentView[];
  /** Why nobody hears of the alert with these labels; empty: it is not muted. */
  readonly mutedBy: (labels: Readonly<Record<string, string>>) => readonly string[];
  readonly refresh: () => Promise<void>;
}

export function useNotified(api: Api): Notified {
  const held = usePolled({
    api,
    // The list with states is the one that Alertmanager's tools read.
    path: '../v2/alerts',
    read: mutedFrom,
    everyMs: SCREEN_POLL_MS,
  });
  const incidents = usePolled({
    api,
    path: 'incidents',
    read: (body) => listOf(body, 'incidents').slice(0, FIRING_READ_MAX) as readonly IncidentView[],
    everyMs: SCREEN_POLL_MS,
  });
  const muted = held.value.value;
  return {
    incidents: incidents.value.value ?? [],
    mutedBy: (labels) => muted?.get(labelsKey(labels)) ?? [],
    refresh: async () => {
      await Promise.all([held.refresh(), incidents.refresh()]);
    },
  };
}

const MUTE_WORDS: readonly (readonly [string, string])[] = [
  ['silencedBy', 'silenced'],
  ['inhibitedBy', 'a worse alert tells it'],
  ['mutedBy', 'maintenance'],
];

function mutedFrom(body: unknown): ReadonlyMap<string, readonly string[]> {
  const muted = new Map<string, readonly string[]>();
  for (const item of listOf(body, '').slice(0, FIRING_READ_MAX)) {
    const { labels, status } = recordFrom(item);
    const words = MUTE_WORDS.filter(([member]) => listOf(status, member).length > 0);
    if (words.length === 0) continue;
    const key = labelsKey(recordFrom(labels) as Readonly<Record<string, string>>);
    muted.set(
      key,
      words.map(([, word]) => word),
    );
  }
  return muted;
}

/** The incident that an alert is told in: the one whose labels it has. */
export function incidentOf(
  incidents: readonly IncidentView[],
  labels: Readonly<Record<string, string>>,
): IncidentView | null {
  return (
    incidents.find((incident) =>
      Object.entries(incident.labels).every(([name, value]) => labels[name] === value),
    ) ?? null
  );
}
