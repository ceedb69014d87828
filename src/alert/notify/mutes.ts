/** What mutes an alert now: silences, maintenance windows, inhibitions. */
import type { InhibitionIndex } from './inhibition.ts';
import type { MaintenanceCalendar } from './maintenance.ts';
import type { Labels } from './matcher.ts';
import type { Muted } from './notifier-messages.ts';
import { silences } from './silence.ts';
import type { Silence } from './silence.ts';

export interface MuteSources {
  readonly silences: ReadonlyMap<string, Silence>;
  readonly calendar: MaintenanceCalendar;
  readonly inhibitions: InhibitionIndex;
}

export function mutedNow(labels: Labels, sources: MuteSources, nowMs: number): Muted {
  const ids: string[] = [];
  for (const silence of sources.silences.values()) {
    if (silences(silence, labels, nowMs)) ids.push(silence.id);
  }
  return {
    silences: ids,
    maintenance: sources.calendar.muting(labels, nowMs),
    inhibitions: sources.inhibitions.muting(labels),
  };
}

export function sameMutes(a: Muted, b: Muted): boolean {
  return (
    sameNames(a.silences, b.silences) &&
    sameNames(a.maintenance, b.maintenance) &&
    sameNames(a.inhibitions, b.inhibitions)
  );
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
