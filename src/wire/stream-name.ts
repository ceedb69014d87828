/** What a stream may be called, whichever way its events come in. */

/** A sentence for whoever chose another name. */
export const STREAM_NAME_RULE =
  'a stream name is a letter, then letters, digits and _ . : / - (at most 200)';

const STREAM_NAME = /^[A-Za-z_][A-Za-z0-9_.:/-]{0,199}$/;

/** Names that only the engine itself publishes under. */
const RESERVED_PREFIX = 'squilla.';

export function isStreamName(name: string): boolean {
  return STREAM_NAME.test(name);
}

export function isReservedStream(name: string): boolean {
  return name.startsWith(RESERVED_PREFIX);
}
