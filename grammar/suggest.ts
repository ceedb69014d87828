/**
 * Did-you-mean: the candidate nearest to a name by the restricted Damerau–Levenshtein distance
 * (insertion, deletion, replacement, swap of neighbours), case aside, if it is near enough to be a
 * slip: one edit for names up to four characters, two up to eight, three beyond.
 *
 * @see https://doi.org/10.1145/363958.363994 (Damerau 1964)
 */

/** Longest name that is compared; longer ones get no suggestion, so a comparison has a bound. */
const COMPARED_LENGTH_MAX = 64;

/** The nearest candidate, the first of equals; null if none is near. Never `name` itself. */
export function suggest(name: string, candidates: Iterable<string>): string | null {
  if (name === '' || name.length > COMPARED_LENGTH_MAX) return null;
  const wanted = name.toLowerCase();
  let limit = editsMax(name.length);
  let nearest: string | null = null;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    // A name rewritten entirely is not a slip of the original.
    if (distance <= limit && distance < Math.min(wanted.length, candidate.length)) {
      nearest = candidate;
      if (distance === 0) return nearest;
      limit = distance - 1;
    }
  }
  return nearest;
}

function editsMax(length: number): number {
  if (length <= 4) return 1;
  return length <= 8 ? 2 : 3;
}

/**
 * The distance of `a` and `b`, or anything above `limit` if it is above. Three rows of the matrix;
 * O(a·b) time, left early when a row has nothing within the limit.
 */
export function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a.charCodeAt(row - 1) === b.charCodeAt(column - 1);
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (isSwap(a, b, row, column)) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? a.length;
}

function isSwap(a: string, b: string, row: number, column: number): boolean {
  return (
    row > 1 &&
    column > 1 &&
    a.charCodeAt(row - 1) === b.charCodeAt(column - 2) &&
    a.charCodeAt(row - 2) === b.charCodeAt(column - 1)
  );
}
