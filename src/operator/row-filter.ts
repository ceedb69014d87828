/**
 * Which rows of a batch a pipeline takes: those its sample took where they were made, then those
 * its WHERE holds for. Sampling is never decided here: a batch from a sender that was not yet asked
 * for the decision does not cover the pipeline.
 */
import type { EvalCounters } from '../expr/context.ts';
import { sampleMark } from '../ir/sample.ts';
import type { SourceStage } from '../ir/plan.ts';
import type { BatchView } from '../kernel/batch-view.ts';
import type { FieldSet } from '../kernel/field-set.ts';
import { compilePredicate } from '../kernel/predicate.ts';
import type { PredicateKernel } from '../kernel/predicate.ts';

/** For rows that passed the source stage elsewhere. */
export const PASSES_ALL: Pick<SourceStage, 'sample' | 'where'> = { sample: null, where: null };

export class RowFilter {
  /** Null: no sample. */
  readonly #mark: number | null;
  readonly #where: PredicateKernel | null;

  /** `query`: what senders call the query in their marks. */
  constructor(
    { sample, where }: Pick<SourceStage, 'sample' | 'where'>,
    query: string,
    fields: FieldSet,
    counters: EvalCounters,
  ) {
    this.#mark = sample === null ? null : fields.mark(sampleMark(query));
    this.#where = where === null ? null : compilePredicate(where, fields, counters);
  }

  /** Every row passes, and `select` need not be asked. */
  get passesAll(): boolean {
    return this.#mark === null && this.#where === null;
  }

  /**
   * Writes the rows among `rows[0 … n)` that pass to `out`, ascending like the input, and returns
   * how many. `out` may be `rows`; it must have room for n.
   */
  select(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    if (this.#mark === null) return this.#filter(view, rows, n, out);
    const taken = selectMarked(view, this.#mark, rows, n, out);
    return taken === 0 ? 0 : this.#filter(view, out, taken, out);
  }

  #filter(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    if (this.#where !== null) return this.#where.select(view, rows, n, out);
    if (out !== rows) out.set(rows.subarray(0, n));
    return n;
  }
}

/** Anything but `true` or a weight was not taken. */
function selectMarked(
  view: BatchView,
  mark: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  const column = view.column(mark);
  if (column?.kind !== 'bool' && column?.kind !== 'f64' && column?.kind !== 'i32') return 0;
  const { kind, values } = column;
  // Of booleans 2 is null; of numbers NaN is, which is not above 0.
  const above = kind === 'bool' ? 2 : Infinity;
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    const value = values[row]!;
    if (value > 0 && value < above) out[kept++] = row;
  }
  return kept;
}
