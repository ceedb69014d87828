/** Says once of each silence that it has become stale, until it is of use again. */
import { isFiringAlert } from './notified-alert.ts';
import type { Notifier } from './notifier.ts';
import { staleReason } from './silence.ts';
import type { Silence } from './silence.ts';

export interface StaleSilence {
  readonly silence: Silence;
  readonly why: string;
}

export class StaleSilences {
  #told: ReadonlySet<string> = new Set();

  /** Those that are stale and were not told yet. */
  news(notifier: Notifier, nowMs: number, staleMs: number): readonly StaleSilence[] {
    const stale = staleSilences(notifier, nowMs, staleMs);
    const news = stale.filter(({ silence }) => !this.#told.has(silence.id));
    this.#told = new Set(stale.map(({ silence }) => silence.id));
    return news;
  }
}

function staleSilences(notifier: Notifier, nowMs: number, staleMs: number): StaleSilence[] {
  const idle = [...notifier.silences.values()].flatMap((silence) => {
    const why = staleReason(silence, nowMs, staleMs);
    return why === null ? [] : [{ silence, why }];
  });
  if (idle.length === 0) return [];
  const muting = new Set<string>();
  for (const { alert, muted } of notifier.held.values()) {
    if (isFiringAlert(alert)) for (const id of muted.silences) muting.add(id);
  }
  return idle.filter(({ silence }) => !muting.has(silence.id));
}
