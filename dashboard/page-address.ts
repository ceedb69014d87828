/**
 * The page's state in its address (after `#`), so that a link shows the same question. A token in
 * the address is taken out before anything else reads it and is never written.
 */
import { ADDRESS_QUERY_MAX } from './limits.ts';
import type { TimeSpan } from './plot-overlays.ts';

export interface PageState {
  readonly query: string;
  readonly running: boolean;
  readonly spanMs: number;
  /** Where charts stand still; null: they follow the data. */
  readonly view: TimeSpan | null;
}

export const SPANS_MS: readonly number[] = [60_000, 300_000, 900_000];
export const SPAN_DEFAULT_MS = 300_000;

export function pageStateFrom(hash: string): PageState {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const span = Number(params.get('span')) * 1_000;
  return {
    query: (params.get('q') ?? '').slice(0, ADDRESS_QUERY_MAX),
    running: params.get('run') === '1',
    spanMs: SPANS_MS.includes(span) ? span : SPAN_DEFAULT_MS,
    view: spanFrom(params.get('from'), params.get('to')),
  };
}

export function hashFrom({ query, running, spanMs, view }: PageState): string {
  const params = new URLSearchParams();
  if (query !== '' && query.length <= ADDRESS_QUERY_MAX) params.set('q', query);
  if (running) params.set('run', '1');
  if (spanMs !== SPAN_DEFAULT_MS) params.set('span', String(spanMs / 1_000));
  if (view !== null) {
    params.set('from', String(Math.round(view.fromMs)));
    params.set('to', String(Math.round(view.toMs)));
  }
  const text = params.toString();
  return text === '' ? '' : `#${text}`;
}

/** Milliseconds or ISO 8601; null: no stretch of time. */
function spanFrom(from: string | null, to: string | null): TimeSpan | null {
  const [fromMs, toMs] = [timeFrom(from), timeFrom(to)];
  return fromMs !== null && toMs !== null && fromMs < toMs ? { fromMs, toMs } : null;
}

function timeFrom(text: string | null): number | null {
  if (text === null) return null;
  const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : null;
}

/** The token of a login link, or null. */
export function tokenFrom(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token');
}

export function hashWithoutToken(hash: string): string {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  params.delete('token');
  const text = params.toString();
  return text === '' ? '' : `#${text}`;
}
