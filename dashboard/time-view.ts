/** Which stretch of time charts show: it moves with the data, or stands still. Pure. */
import type { TimeSpan } from './plot-overlays.ts';
import type { ResultStore } from './result-store.ts';

export interface ViewRequest {
  readonly store: ResultStore;
  /** The engine's clock; null: unknown. */
  readonly engineNowMs: number | null;
  readonly spanMs: number;
  /** Where it stands still; null: it moves. */
  readonly fixed: TimeSpan | null;
  /** Whether something is known of the time before the first window. */
  readonly hasPast?: boolean;
}

/** The view of a result that has only begun: it grows with the result up to the whole span. */
const YOUNG_VIEW_MS = 10_000;
const YOUNG_SLIDES = 8;

export function viewOf({
  store,
  engineNowMs,
  spanMs,
  fixed,
  hasPast = false,
}: ViewRequest): TimeSpan & {
  readonly nowMs: number;
} {
  const { ring, schema } = store;
  const lastEnd = ring.length === 0 ? 0 : ring.at(ring.length - 1).end;
  const nowMs = Math.max(lastEnd, engineNowMs ?? 0);
  if (fixed !== null) return { ...fixed, nowMs };
  const shownMs = Math.max(spanMs, (schema?.windowMs ?? 0) * 10);
  if (hasPast) return { fromMs: nowMs - shownMs, toMs: nowMs, nowMs };
  const slideMs = slideOf(store);
  const youngMs = Math.min(shownMs, Math.max(YOUNG_VIEW_MS, (slideMs ?? 0) * YOUNG_SLIDES));
  const firstStart = ring.length === 0 ? nowMs : ring.at(0).start;
  const fromMs = Math.max(nowMs - shownMs, Math.min(firstStart, nowMs - youngMs));
  return { fromMs, toMs: nowMs, nowMs };
}

/** Distance of windows; null: they have no grid. */
export function slideOf({ schema, shape }: ResultStore): number | null {
  return shape === 'spans' ? null : (schema?.slideMs ?? schema?.windowMs ?? null);
}

/** What the page keeps of a result; null: nothing yet. */
export function keptSpan({ ring }: ResultStore): TimeSpan | null {
  if (ring.length === 0) return null;
  return { fromMs: ring.at(0).start, toMs: ring.at(ring.length - 1).end };
}
