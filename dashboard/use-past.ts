/** Reads what the engine kept of the running query from before, once its first window came. */
import { useEffect } from 'preact/hooks';
import type { Api } from './browser-host.ts';
import type { Explore } from './explore.ts';
import { readPast } from './kept-past.ts';
import { SPANS_MS } from './page-address.ts';

export function usePast(explore: Explore, api: Api): void {
  const running = explore.running.value;
  void explore.revision.value;
  const first =
    running === null || running.store.ring.length === 0 ? null : running.store.ring.at(0);
  const atMs = running?.store.shape === 'windows' && first !== null ? first.start : null;
  const fixedFrom = explore.view.value?.fromMs ?? Infinity;
  const query = running?.query ?? '';
  useEffect(() => {
    if (atMs === null || running === null) return;
    const fromMs = Math.min(fixedFrom, atMs - Math.max(...SPANS_MS));
    void readPast({ api, query, fromMs, toMs: atMs }).then((past) => {
      if (explore.running.peek()?.store === running.store) explore.past.value = past;
      return undefined;
    });
  }, [running?.store, atMs === null]);
}
