/** The kept series as the past of a query that begins: found by what its arguments measure. */
import type { QueryPlan } from '../ir/plan.ts';
import { groupKey } from '../model/group-key.ts';
import type { Value } from '../model/value.ts';
import type { SeriesPast } from '../operator/series-recall.ts';
import type { PastBucket } from '../series/contract.ts';
import type { MeasuredSeries, SeriesMeasures } from '../store/series-measures.ts';
import type { KeptLine, SeriesStore } from '../store/series-store.ts';
import { measureOf } from './series-measure.ts';

export interface PastParts {
  readonly store: SeriesStore;
  readonly measures: SeriesMeasures;
  /** Buckets that are read at most; groups beyond begin without a past. */
  readonly bucketsMax: number;
}

/** A bucket with more doubtful windows than this teaches nothing, as such windows do not live. */
const DOUBTFUL_SHARE_MAX = 0.01;

export function keptPast(plan: QueryPlan, { store, measures, bucketsMax }: PastParts): SeriesPast {
  const known = new Map<string, MeasuredSeries | null>();
  let left = bucketsMax;
  const seriesOf = (measure: string): MeasuredSeries | null => {
    const found = known.get(measure);
    if (found !== undefined) return found;
    const series = measures.find(measure);
    known.set(measure, series);
    return series;
  };
  return {
    read(argument, { stepMs, fromMs, toMs }) {
      const measure = measureOf(plan, argument);
      const series = measure === null ? null : seriesOf(measure);
      const linesMax = Math.floor(left / Math.max(1, Math.ceil((toMs - fromMs) / stepMs)));
      if (series === null || linesMax < 1) return new Map();
      const lines = store.read({ ...series, keys: null, stepMs, fromMs, toMs, linesMax });
      for (const { buckets } of lines) left -= buckets.length;
      return new Map(lines.map((line) => [groupOf(line), bucketsOf(line)]));
    },
  };
}

function groupOf({ keys }: KeptLine): string {
  return groupKey(JSON.parse(keys) as readonly Value[]);
}

function bucketsOf({ buckets, stepMs }: KeptLine): readonly PastBucket[] {
  return buckets
    .filter(({ doubtful, windows }) => doubtful <= DOUBTFUL_SHARE_MAX * windows)
    .map(({ startMs, sum, windows }) => ({ startMs, stepMs, windows, mean: sum / windows }));
}
