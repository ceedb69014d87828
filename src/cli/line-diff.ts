/** Two texts line by line: what only the first has (`-`), only the second (`+`), and both (` `). */

/** Longer texts are compared as a whole, because the work grows with the product. */
const LINES_MAX = 2_000;

/** Longest common subsequence by dynamic programming, as in every textbook. */
export function lineDiff(before: string, after: string): readonly string[] {
  const a = before.trimEnd().split('\n');
  const b = after.trimEnd().split('\n');
  if (a.length > LINES_MAX || b.length > LINES_MAX) {
    return [...a.map((line) => `-${line}`), ...b.map((line) => `+${line}`)];
  }
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(` ${a[i]}`);
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && left(i, j))) lines.push(`-${a[i++]}`);
    else lines.push(`+${b[j++]}`);
  }
  return lines;

  function left(row: number, column: number): boolean {
    return common[(row + 1) * width + column]! >= common[row * width + column + 1]!;
  }
}
