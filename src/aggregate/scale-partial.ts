/**
 * Partials of a sample made to stand for all events: COUNT, SUM and RATE are multiplied where they
 * were counted, so that sources that sampled differently still add up. Everything else does not
 * grow with the number of events (or, DISTINCT, not in proportion) and stays.
 */
import type { SumsPartial } from './compensated-sums.ts';
import type { AggregatePartial } from './contract.ts';

/** A new partial unless nothing changes; `factor` 1: nothing does. */
export function scaledPartial(partial: AggregatePartial, factor: number): AggregatePartial {
  if (factor === 1) return partial;
  switch (partial.kind) {
    case 'count': {
      const { counts } = partial as AggregatePartial & { readonly counts: Float64Array };
      return { ...partial, counts: multiplied(counts, factor) } as AggregatePartial;
    }
    case 'sum': {
      const { sums, errors } = partial as AggregatePartial & SumsPartial;
      const scaled = { sums: multiplied(sums, factor), errors: multiplied(errors, factor) };
      return { ...partial, ...scaled };
    }
    case 'rate': {
      const { totals } = partial as AggregatePartial & { readonly totals: AggregatePartial };
      return { ...partial, totals: scaledPartial(totals, factor) } as AggregatePartial;
    }
    default:
      return partial;
  }
}

function multiplied(values: Float64Array, factor: number): Float64Array {
  return values.map((value) => value * factor);
}
