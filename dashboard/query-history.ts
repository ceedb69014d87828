/** Queries that this browser ran, newest first, bounded. They stay in the browser. */
import { effect, signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { storedText, storeText } from './browser-storage.ts';
import type { Explore } from './explore.ts';
import { ADDRESS_QUERY_MAX, QUERY_HISTORY_MAX } from './limits.ts';

const KEY = 'squilla.history';

export const queryHistory: Signal<readonly string[]> = signal(storedHistory());

/** Remembers what is run from now on. */
export function rememberQueries(explore: Explore): void {
  effect(() => {
    const query = explore.running.value?.query;
    if (query === undefined || query.length > ADDRESS_QUERY_MAX) return;
    const known = queryHistory.peek();
    if (known[0] === query) return;
    queryHistory.value = withNewest(known, query);
    storeText(KEY, JSON.stringify(queryHistory.value));
  });
}

export function forgetQueries(): void {
  queryHistory.value = [];
  storeText(KEY, '[]');
}

/** A query that is there already moves to the front. */
export function withNewest(known: readonly string[], query: string): readonly string[] {
  return [query, ...known.filter((other) => other !== query)].slice(0, QUERY_HISTORY_MAX);
}

function storedHistory(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(storedText(KEY) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.filter((text) => typeof text === 'string').slice(0, QUERY_HISTORY_MAX);
  } catch {
    return [];
  }
}
