/**
 * What stands in one place of a column on its way into a frame: primitives, and lists and objects
 * as JSON text, made at once because a publisher may change its event afterwards.
 * Bench: bench/agent.ts (ship-all).
 */
import { DEFAULTS } from '../config.ts';
import type { JsonSpan } from './flat-json.ts';

/** A list or object, as the JSON text that travels. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A span stands in the bytes of its column. */
export type Cell = null | boolean | number | string | JsonText | JsonSpan;

/** Which types a column has met; a bit mask. */
export const SEEN = { null: 1, boolean: 2, int32: 4, number: 8, string: 16, json: 32 } as const;

/** What JSON makes of a list or object; null: nothing. */
export function jsonCell(value: object): JsonText | null {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined || text === 'null') return null;
  // The engine refuses such frames whole; here it costs only the event.
  if (isNestedDeeper(text, DEFAULTS.depthMax)) throw new RangeError('nested too deeply');
  return new JsonText(text);
}

/** As a bit of {@link SEEN}. */
export function seenOf(cell: Cell): number {
  if (typeof cell === 'number') return seenOfNumber(cell);
  if (typeof cell === 'string') return SEEN.string;
  if (cell === null) return SEEN.null;
  return typeof cell === 'boolean' ? SEEN.boolean : SEEN.json;
}

export function seenOfNumber(number: number): number {
  const isWhole = (number | 0) === number && (number !== 0 || 1 / number > 0);
  return isWhole ? SEEN.int32 : SEEN.number;
}

/** Depth of brackets outside strings of a JSON text. */
function isNestedDeeper(json: string, depthMax: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (inString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === BRACKET || code === BRACE) {
      if (++depth > depthMax) return true;
    } else if (code === BRACKET + 2 || code === BRACE + 2) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Opening ones; the closing ones follow two later. */
const BRACKET = 0x5b;
const BRACE = 0x7b;
