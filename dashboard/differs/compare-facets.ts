/**
 * Which values of which fields set one set of events apart from another, and how sure that is. A
 * difference counts only as far as chance cannot explain it: for values by the Agresti–Caffo
 * interval of two shares, for numbers by the Kolmogorov–Smirnov distance of two distributions, both
 * at a level that leaves room for the many values that are looked at together. Pure.
 *
 * @see Agresti, Caffo, "Simple and effective confidence intervals for proportions" (2000)
 */
import type { Facet } from './facet-query.ts';
import type { FacetSums, FieldSums, ValueSum } from './facet-store.ts';

interface DifferenceBase {
  readonly field: string;
  /** In [0, 1]: the least that the difference is, chance and errors of counts set aside. */
  readonly sure: number;
}

/** One value is more or less frequent here than there. */
export interface ValueDifference extends DifferenceBase {
  readonly kind: 'value';
  readonly value: string | number | boolean;
  readonly here: Share;
  readonly there: Share;
  /** Its part of the change of the rate of all events; null: that did not change enough to say. */
  readonly partOfChange: number | null;
}

/** Numbers lie elsewhere here than there. */
export interface NumberDifference extends DifferenceBase {
  readonly kind: 'numbers';
  readonly medianHere: number;
  readonly medianThere: number;
  readonly count: number;
}

export type Difference = ValueDifference | NumberDifference;

export interface Share {
  readonly count: number;
  readonly share: number;
  readonly perSecond: number;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Values that differ no more than chance allows. */
  readonly alike: number;
  /** Fields with so many values that counting them says nothing. */
  readonly varied: readonly string[];
  /** All events a second, here and there. */
  readonly perSecondHere: number;
  readonly perSecondThere: number;
}

/** Fewer events say nothing of shares. */
export const EVENTS_MIN = 30;

/** Two-sided 99.9 %: dozens of values are compared at once. */
const Z = 3.29;
/** The critical value of Kolmogorov and Smirnov at the same level. */
const KS = 1.95;
/** Differences below are true, perhaps, and no help. */
const SURE_MIN = 0.02;
/** Of a field's events, what its listed values must at least account for. */
const COVERED_MIN = 0.3;
/** A change of the rate of all events below this is not shared out among values. */
const CHANGE_MIN = 0.1;

export function compareFacets(
  facets: readonly Facet[],
  here: FacetSums,
  there: FacetSums,
): Comparison {
  const [perSecondHere, perSecondThere] = [
    perSecond(here.events, here),
    perSecond(there.events, there),
  ];
  const differences: Difference[] = [];
  const varied: string[] = [];
  let alike = 0;
  if (Math.min(here.events, there.events) < EVENTS_MIN) {
    return { differences, alike, varied, perSecondHere, perSecondThere };
  }
  facets.forEach((facet, index) => {
    const [ours, theirs] = [here.fields[index], there.fields[index]];
    if (ours === undefined || theirs === undefined) return;
    const { field } = facet;
    if (facet.kind === 'numbers') {
      const found = compareNumbers(field, ours, theirs);
      if (found === null || found.sure < SURE_MIN) alike++;
      else differences.push(found);
      return;
    }
    if (Math.max(coveredBy(ours, here.events), coveredBy(theirs, there.events)) < COVERED_MIN) {
      if (ours.counts.size + theirs.counts.size > 0) varied.push(field);
      return;
    }
    for (const found of compareValues(field, { here, there, ours, theirs })) {
      if (found.sure < SURE_MIN) alike++;
      else differences.push(found);
    }
  });
  differences.sort((a, b) => b.sure - a.sure);
  return { differences, alike, varied, perSecondHere, perSecondThere };
}

interface FieldPair {
  readonly here: FacetSums;
  readonly there: FacetSums;
  readonly ours: FieldSums;
  readonly theirs: FieldSums;
}

function compareValues(field: string, pair: FieldPair): ValueDifference[] {
  const { here, there, ours, theirs } = pair;
  const keys = new Set([...ours.counts.keys(), ...theirs.counts.keys()]);
  return [...keys].flatMap((key) => {
    const [mine, other] = [ours.counts.get(key), theirs.counts.get(key)];
    const value = (mine ?? other)?.value ?? null;
    if (value === null) return [];
    const [a, b] = [shareOf(mine, here), shareOf(other, there)];
    const doubt = errorOf(mine, ours) / here.events + errorOf(other, theirs) / there.events;
    const sure = Math.abs(a.share - b.share) - chance(a.count, here.events, b.count, there.events);
    const partOfChange = partOf(a.perSecond - b.perSecond, here, there);
    return [
      {
        kind: 'value',
        field,
        value,
        here: a,
        there: b,
        sure: Math.max(0, sure - doubt),
        partOfChange,
      },
    ];
  });
}

/** Half the width of the Agresti–Caffo interval of a difference of two shares. */
function chance(countA: number, ofA: number, countB: number, ofB: number): number {
  const [a, b] = [(countA + 1) / (ofA + 2), (countB + 1) / (ofB + 2)];
  return Z * Math.sqrt((a * (1 - a)) / (ofA + 2) + (b * (1 - b)) / (ofB + 2));
}

function errorOf(sum: ValueSum | undefined, { unlisted }: FieldSums): number {
  return sum === undefined ? unlisted : sum.error;
}

function shareOf(sum: ValueSum | undefined, sums: FacetSums): Share {
  const count = sum?.count ?? 0;
  return {
    count,
    share: sums.events === 0 ? 0 : count / sums.events,
    perSecond: perSecond(count, sums),
  };
}

function perSecond(count: number, { coveredMs }: FacetSums): number {
  return coveredMs === 0 ? 0 : (count / coveredMs) * 1_000;
}

function partOf(change: number, here: FacetSums, there: FacetSums): number | null {
  const [a, b] = [perSecond(here.events, here), perSecond(there.events, there)];
  if (Math.abs(a - b) < CHANGE_MIN * Math.max(a, b)) return null;
  return change / (a - b);
}

/** The share of events that listed values surely account for. */
function coveredBy({ counts }: FieldSums, events: number): number {
  if (events === 0) return 0;
  let sure = 0;
  for (const { count, error } of counts.values()) sure += count - error;
  return sure / events;
}

function compareNumbers(
  field: string,
  ours: FieldSums,
  theirs: FieldSums,
): NumberDifference | null {
  const [a, b] = [bucketsOf(ours), bucketsOf(theirs)];
  const [ofA, ofB] = [totalOf(a), totalOf(b)];
  if (ofA < EVENTS_MIN || ofB < EVENTS_MIN) return null;
  const edges = [...new Set([...a, ...b].map(({ to }) => to ?? 0))].toSorted((x, y) => x - y);
  let distance = 0;
  for (const edge of edges) {
    distance = Math.max(distance, Math.abs(below(a, edge) / ofA - below(b, edge) / ofB));
  }
  const sure = Math.max(0, distance - KS * Math.sqrt((ofA + ofB) / (ofA * ofB)));
  const [medianHere, medianThere] = [medianOf(a, ofA), medianOf(b, ofB)];
  return { kind: 'numbers', field, sure, medianHere, medianThere, count: ofA };
}

function bucketsOf({ counts }: FieldSums): readonly ValueSum[] {
  return [...counts.values()].toSorted((a, b) => Number(a.value) - Number(b.value));
}

function totalOf(buckets: readonly ValueSum[]): number {
  return buckets.reduce((sum, { count }) => sum + count, 0);
}

function below(buckets: readonly ValueSum[], edge: number): number {
  let sum = 0;
  for (const { to, count } of buckets) if ((to ?? 0) <= edge) sum += count;
  return sum;
}

/** Inside its bucket the median is taken to lie where its rank does. */
function medianOf(buckets: readonly ValueSum[], total: number): number {
  let before = 0;
  for (const { value, to, count } of buckets) {
    if (before + count >= total / 2) {
      const from = Number(value);
      return from + ((to ?? from) - from) * ((total / 2 - before) / count);
    }
    before += count;
  }
  return Number.NaN;
}
