/**
 * Numbers of events by reason. Reasons may come from peers, so the objects that sum them have no
 * prototype: a reason called `constructor` or `__proto__` is a key like any other.
 */
export type Counts = Readonly<Record<string, number>>;

/** Shared: nearly every window of a healthy engine lost nothing. */
export const NO_LOSSES: Counts = {};

export function emptyCounts(): Record<string, number> {
  return Object.create(null) as Record<string, number>;
}

export function addCounts(into: Record<string, number>, counts: Counts): void {
  for (const [reason, n] of Object.entries(counts)) into[reason] = (into[reason] ?? 0) + n;
}

/** What `after` counts beyond `before`, by reason, without zeros. */
export function increase(before: Counts, after: Counts): Counts {
  const grown = emptyCounts();
  for (const [reason, count] of Object.entries(after)) {
    const delta = count - (Object.hasOwn(before, reason) ? (before[reason] ?? 0) : 0);
    if (delta > 0) grown[reason] = delta;
  }
  return grown;
}
