/** What an agent says of its streams: offers, in messages of bearable size, and heartbeats. */
import type { StreamPulse } from '../src/wire/agent-messages.ts';
import type { StreamState } from './stream-state.ts';

/** Characters of field names that one hello or offer carries at most. */
const OFFER_CHARACTERS_MAX = 256 * 1024;

export function offersOf(streams: readonly StreamState[]): readonly (readonly StreamState[])[] {
  const parts: StreamState[][] = [];
  let characters = Infinity;
  for (const stream of streams) {
    characters += stream.offerCharacters;
    if (characters > OFFER_CHARACTERS_MAX) {
      parts.push([]);
      characters = stream.offerCharacters;
    }
    parts.at(-1)?.push(stream);
  }
  return parts;
}

/** Where each stream stands, for a heartbeat. */
export function pulsesOf(streams: readonly StreamState[], nowMs: number): StreamPulse[] {
  return streams.map((stream) => ({
    stream: stream.name,
    watermarkMs: stream.watermark(nowMs),
    counts: stream.counts(),
  }));
}
