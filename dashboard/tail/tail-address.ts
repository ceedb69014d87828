/** What a tail's address says: `#/tail?from=plays&where=…&cols=…`. */
import { ADDRESS_QUERY_MAX, TAIL_COLUMNS_MAX } from '../limits.ts';
import { addressOf } from '../router.ts';
import type { TailQuestion } from './tail-queries.ts';

export interface TailAddress extends TailQuestion {
  /** Fields that are columns, in order. */
  readonly columns: readonly string[];
}

/** Null: it names no stream. */
export function tailAddressFrom(params: URLSearchParams): TailAddress | null {
  const stream = params.get('from');
  if (stream === null || stream === '') return null;
  return {
    stream: stream.slice(0, ADDRESS_QUERY_MAX),
    filter: (params.get('where') ?? '').slice(0, ADDRESS_QUERY_MAX),
    columns: [...new Set(params.getAll('col'))].slice(0, TAIL_COLUMNS_MAX),
  };
}

export function tailHash({ stream, filter, columns }: TailAddress): string {
  const params = new URLSearchParams({ from: stream });
  if (filter.trim() !== '') params.set('where', filter.trim());
  for (const column of columns) params.append('col', column);
  return `${addressOf('tail')}?${params.toString()}`;
}
