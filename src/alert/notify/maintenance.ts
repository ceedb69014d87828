/**
 * Maintenance windows: silences that come again, by a cron pattern in a time zone. A window begins
 * when the pattern says so on the clocks of its zone and lasts its duration in real time, so one
 * over the change to summer time is neither shorter nor longer.
 */
import { Cron } from 'croner';
import { matchesAll } from './matcher.ts';
import type { Labels, Matcher } from './matcher.ts';

export interface Maintenance {
  readonly name: string;
  readonly matchers: readonly Matcher[];
  /** Five or six fields: `0 2 * * 0` is Sundays at two. */
  readonly schedule: string;
  readonly durationMs: number;
  /** As in the IANA database: `Europe/Berlin`. */
  readonly timeZone: string;
  readonly comment: string;
}

/** What is wrong with a schedule or zone, as a sentence; null: nothing. */
export function scheduleMistake(schedule: string, timeZone: string): string | null {
  try {
    const cron = new Cron(schedule, { timezone: timeZone, paused: true });
    return cron.nextRun() === null ? 'the schedule never comes' : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Calendar {
  readonly maintenance: Maintenance;
  readonly cron: Cron;
  /** The answer of `isActive`, and until when it holds. */
  active: boolean;
  untilMs: number;
}

/** Answers whether a window is open now; looks at the calendar only when the answer may change. */
export class MaintenanceCalendar {
  readonly #entries: readonly Calendar[];

  constructor(windows: readonly Maintenance[]) {
    this.#entries = windows.map((maintenance) => ({
      maintenance,
      cron: new Cron(maintenance.schedule, { timezone: maintenance.timeZone, paused: true }),
      active: false,
      untilMs: Number.NEGATIVE_INFINITY,
    }));
  }

  /** Windows that are open, of those whose matchers fit. */
  muting(labels: Labels, nowMs: number): readonly string[] {
    const names: string[] = [];
    for (const entry of this.#entries) {
      if (!isActive(entry, nowMs)) continue;
      if (matchesAll(entry.maintenance.matchers, labels)) names.push(entry.maintenance.name);
    }
    return names;
  }

  /** When a window opens or closes next; Infinity: never. */
  nextChangeMs(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries) {
      isActive(entry, nowMs);
      nextMs = Math.min(nextMs, entry.untilMs);
    }
    return nextMs;
  }

  /** For views: each window, whether it is open, and when that changes. */
  states(nowMs: number): { maintenance: Maintenance; active: boolean; untilMs: number }[] {
    return this.#entries.map((entry) => ({
      maintenance: entry.maintenance,
      active: isActive(entry, nowMs),
      untilMs: entry.untilMs,
    }));
  }
}

function isActive(entry: Calendar, nowMs: number): boolean {
  if (nowMs < entry.untilMs) return entry.active;
  const { cron, maintenance } = entry;
  // croner looks strictly after the second it is given.
  const last = cron.nextRun(new Date(nowMs - maintenance.durationMs))?.getTime();
  entry.active = last !== undefined && last <= nowMs;
  // Starts within an open window prolong it: it closes when the last of them has run out.
  let endMs = last;
  if (entry.active && endMs !== undefined) {
    for (let next = endMs; next <= nowMs;) {
      endMs = next;
      next = cron.nextRun(new Date(next))?.getTime() ?? Number.POSITIVE_INFINITY;
    }
    entry.untilMs = endMs + maintenance.durationMs;
  } else entry.untilMs = last ?? Number.POSITIVE_INFINITY;
  return entry.active;
}
