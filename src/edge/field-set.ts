/**
 * What the active queries of one stream read, each part once: this and nothing else leaves the
 * process. Columns are named by the canonical text of their path.
 */
import type { FieldPath } from '../ir/expression.ts';
import { pathText } from '../ir/path-text.ts';
import { compilePath } from '../ir/path.ts';
import type { SourceStage } from '../ir/plan.ts';
import type { FieldReader } from '../wire/cell-batch.ts';

export interface FieldSet {
  readonly readers: readonly FieldReader[];
  /** Some query asked for every top-level key. */
  readonly allFields: boolean;
}

export function fieldSetOf(sources: readonly SourceStage[]): FieldSet {
  const paths = new Map<string, FieldPath>();
  let allFields = false;
  for (const source of sources) {
    for (const path of source.fields) paths.set(pathText(path), path);
    allFields ||= source.allFields;
  }
  // Sorted, so that plans in another order do not make the sender define its schema anew.
  const texts = [...paths.keys()].toSorted();
  const readers = texts.map((text): FieldReader => {
    const read = compilePath(paths.get(text) as FieldPath);
    return { field: { text, key: false }, read };
  });
  return { readers, allFields };
}
