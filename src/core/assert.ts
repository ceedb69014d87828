/**
 * Assertions guard against defects in Squilla itself, never against what users or peers send.
 * A failed one throws {@link Defect}: the shard that sees it dies and is restarted.
 */
export class Defect extends Error {
  override readonly name = 'Defect';
}

/**
 * @throws Defect if `condition` is false. The message is a thunk so that the good path builds none.
 */
export function assert(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new Defect(message());
}

/** For the `default` of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Defect(`unreachable: ${JSON.stringify(value)}`);
}
