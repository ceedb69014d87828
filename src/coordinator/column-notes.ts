/**
 * Says with a result which of its columns are not exact: those that a sketch answered
 * (`estimated`), and those of LISTs and DISTINCTs of groups that had more values than are kept
 * (`cut`). Nobody loses an event by either, so only the second makes a result `degraded`.
 */
import type { StageNotes } from '../aggregate/stage-notes.ts';
import { someIr } from '../analyze/walk-ir.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { Completeness } from '../wire/results.ts';

/** A reason of completeness. */
const VALUES_CUT = 'values-cut';

export class ColumnNotes {
  /** By aggregate: the columns that read it. */
  readonly #columns: readonly (readonly string[])[];

  constructor({ aggregate, final, series }: QueryPlan) {
    const keys = aggregate?.keys.length ?? 0;
    const before = keys + (aggregate?.aggregates.length ?? 0);
    const functions = series?.functions ?? [];
    this.#columns = (aggregate?.aggregates ?? []).map((_, index) => {
      const read = new Set([keys + index]);
      functions.forEach(({ arg }, i) => {
        if (readsSome(arg, read)) read.add(before + i);
      });
      return final.columns
        .filter(({ expression }) => readsSome(expression, read))
        .map(({ name }) => name);
    });
  }

  /** `notes`: null where nothing is aggregated. */
  completed(completeness: Completeness, notes: StageNotes | null): Completeness {
    if (notes === null || notes.estimated.size + notes.cut.size === 0) return completeness;
    const estimated = this.#names(notes.estimated);
    const cut = this.#names(notes.cut);
    const told = estimated.length === 0 ? completeness : { ...completeness, estimated };
    if (cut.length === 0) return told;
    return { ...told, cut, status: 'degraded', reasons: [...told.reasons, VALUES_CUT] };
  }

  #names(aggregates: ReadonlySet<number>): readonly string[] {
    return [...new Set([...aggregates].flatMap((index) => this.#columns[index] ?? []))];
  }
}

function readsSome(expression: Parameters<typeof someIr>[0], slots: ReadonlySet<number>): boolean {
  return someIr(expression, (node) => node.op === 'slot' && slots.has(node.index));
}
