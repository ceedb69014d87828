/** Cuts the list of offered streams into messages of bearable size. */
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
