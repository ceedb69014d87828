/** Names that only the engine itself publishes under, whichever way events come in. */
const RESERVED_PREFIX = 'squilla.';

export function isReservedStream(name: string): boolean {
  return name.startsWith(RESERVED_PREFIX);
}
