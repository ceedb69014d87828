/** JSON inside a peer's frame. */
import { utf8BytesMax, writeUtf8 } from './utf8.ts';
import { jsonTooDeep } from './column-check.ts';

/** Undefined: not JSON, or nested deeper than `depthMax`. */
export function parseJson(text: string, depthMax: number): unknown {
  const bytes = new Uint8Array(utf8BytesMax(text));
  if (jsonTooDeep(bytes, 0, writeUtf8(text, bytes, 0), depthMax)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
