/** A source stage as one sender is asked to run it. */
import type { SourceStage } from '../ir/plan.ts';

/** `share`: of a sample of so many events a second, what one sender may take; null: no such. */
export function dealtSource(source: SourceStage, share: number | null): SourceStage {
  const { sample } = source;
  if (share === null || sample?.kind !== 'rps') return source;
  return { ...source, sample: { ...sample, share } };
}
