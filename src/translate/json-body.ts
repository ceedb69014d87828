/** JSON of a request, within bounds of nesting and size: what reads it goes down by recursion. */
import type { Config } from '../config.ts';
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { jsonTooDeep } from '../wire/column-check.ts';
import { readUtf8 } from '../wire/utf8.ts';
import { hasMoreParts } from './json-parts.ts';
import { partsFault } from './protobuf-reader.ts';

/** No body is an empty object. The error is a sentence. */
export function parseBody(
  body: Uint8Array,
  { bodyPartsMax, depthMax }: Pick<Config, 'bodyPartsMax' | 'depthMax'>,
): Result<unknown, string> {
  if (body.length === 0) return ok({});
  if (jsonTooDeep(body, 0, body.length, depthMax)) {
    return err(`The body is nested deeper than ${depthMax} levels.`);
  }
  if (hasMoreParts(body, bodyPartsMax)) return err(`The body has ${partsFault(bodyPartsMax)}.`);
  try {
    return ok(JSON.parse(readUtf8(body, 0, body.length)) as unknown);
  } catch {
    // What the parser says quotes the body.
    return err('The body is not JSON.');
  }
}
