/** What the engine says to a page over its live WebSocket, as the browser received it. */
import type { Page } from 'playwright-core';
import type { ResultMessage, RowsMessage } from '../../../src/wire/results.ts';

export type LiveResult = ResultMessage & { readonly sub: string };

export interface LiveFrames {
  readonly results: readonly LiveResult[];
  /** WebSockets the page opened. */
  readonly opened: () => number;
}

/** Listens from now on; call it before the page loads. */
export function recordLiveFrames(page: Page): LiveFrames {
  const results: LiveResult[] = [];
  let opened = 0;
  page.on('websocket', (socket) => {
    opened++;
    socket.on('framereceived', ({ payload }) => {
      const message = JSON.parse(payload.toString()) as { readonly type: string };
      if (message.type !== 'pong') results.push(message as LiveResult);
    });
  });
  return { results, opened: () => opened };
}

/** The newest subscription's windows that were final, in the order they came. */
export function finalRows({ results }: LiveFrames): readonly RowsMessage[] {
  const sub = results.at(-1)?.sub;
  return results
    .filter((result): result is RowsMessage & LiveResult => result.type === 'rows')
    .filter((result) => result.sub === sub && !result.provisional && result.windowStart !== null);
}

/** Their starts. */
export function finalWindows(frames: LiveFrames): readonly number[] {
  return finalRows(frames)
    .filter(({ last }) => last)
    .map(({ windowStart }) => windowStart ?? 0);
}
