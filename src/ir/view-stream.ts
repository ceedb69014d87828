/**
 * The inner stream that carries a view's rows to whoever reads it. Its name has a space, which no
 * stream of an agent or a client may have, so nobody can publish under it; and no glob matches it.
 */
const PREFIX = 'view ';

/** @param fingerprint Of the plan whose rows they are: equal views share one stream. */
export function viewStream(fingerprint: string): string {
  return PREFIX + fingerprint;
}

export function isViewStream(name: string): boolean {
  return name.startsWith(PREFIX);
}
