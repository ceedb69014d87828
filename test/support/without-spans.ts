/** A deep copy of a tree without its source positions, for comparing trees of different texts. */
export function withoutSpans(tree: unknown): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) =>
      key === 'span' || key === 'nameSpan' ? undefined : value,
    ),
  );
}
