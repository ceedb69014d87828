/**
 * How aggregates are called in queries, and which row of the aggregate catalogue that means.
 * Percentiles: `P` and one or two digits 1–99 without leading zero, or 9 and at least two more
 * digits (`P995` is 99.5), or with a point (`P99.9`).
 */
import { AGGREGATES } from '../aggregate/catalogue.ts';
import type { AggregateDefinition } from '../aggregate/contract.ts';

export interface AggregateName {
  readonly definition: AggregateDefinition;
  /** Constants that the name itself stands for: the q of `P99`. */
  readonly parameters: readonly number[];
  /** Constants that follow the argument: `PERCENTILE(x, 99.9)`, `TOPK(x, k)`. */
  readonly constants: readonly ConstantArgument[];
}

export interface ConstantArgument {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  /** Divides what was written: percent become a share. */
  readonly divisor: number;
}

const PERCENT: ConstantArgument = { name: 'q', min: 0, max: 100, whole: false, divisor: 100 };
const TOP_K_MAX = 1_000;
const TOP_K: ConstantArgument = { name: 'k', min: 1, max: TOP_K_MAX, whole: true, divisor: 1 };
const SAMPLES_MAX = 100;
const SAMPLES: ConstantArgument = { name: 'n', min: 1, max: SAMPLES_MAX, whole: true, divisor: 1 };
const WIDTH_MIN = 1e-9;
const WIDTH_MAX = 1e15;
const WIDTH: ConstantArgument = {
  name: 'width',
  min: WIDTH_MIN,
  max: WIDTH_MAX,
  whole: false,
  divisor: 1,
};
const APDEX_MAX = 1e15;
const APDEX: ConstantArgument = { name: 't', min: 0, max: APDEX_MAX, whole: false, divisor: 1 };

/** By rows of the catalogue; those in {@link NEEDS_CONSTANTS} cannot be left out. */
const CONSTANTS: Readonly<Record<string, readonly ConstantArgument[]>> = {
  quantile: [PERCENT],
  topk: [TOP_K],
  samples: [SAMPLES],
  apdex: [APDEX],
  histogram: [WIDTH],
};
export const NEEDS_CONSTANTS: ReadonlySet<string> = new Set(['quantile', 'apdex']);

/** Names in queries that differ from the catalogue's. */
const ALIASES: Readonly<Record<string, string>> = {
  average: 'avg',
  percentile: 'quantile',
  increase: 'delta',
};
/** Rows of the catalogue that no query names. */
const INTERNAL: ReadonlySet<string> = new Set(['quantile', 'first_event']);

export type AggregateLookup =
  | { readonly kind: 'aggregate'; readonly name: AggregateName }
  | { readonly kind: 'bad-percentile' }
  | { readonly kind: 'none' };

export function aggregateNamed(written: string): AggregateLookup {
  const name = written.toLowerCase();
  const row = ALIASES[name] ?? name;
  if (row !== name || !INTERNAL.has(row)) {
    const definition = AGGREGATES.get(row);
    if (definition !== undefined) {
      return {
        kind: 'aggregate',
        name: { definition, parameters: [], constants: CONSTANTS[row] ?? [] },
      };
    }
  }
  return percentileNamed(name);
}

/** Whether a call of this name aggregates, well spelled or not. */
export function isAggregateName(name: string): boolean {
  return aggregateNamed(name).kind !== 'none';
}

/** Of the endless percentiles those that are asked for. */
const USUAL_PERCENTILES: readonly string[] = ['p50', 'p90', 'p95', 'p99', 'p999'];

/** Names for did-you-mean. */
export const AGGREGATE_NAMES: readonly string[] = [
  ...[...AGGREGATES.keys()].filter((name) => !INTERNAL.has(name)),
  ...Object.keys(ALIASES),
  ...USUAL_PERCENTILES,
];

/** What a query can call, for editors: each name with the aggregate that it means. */
export const CALLABLE_AGGREGATES: readonly {
  readonly name: string;
  readonly definition: AggregateDefinition;
}[] = AGGREGATE_NAMES.flatMap((name) => {
  const found = aggregateNamed(name);
  return found.kind === 'aggregate' ? [{ name, definition: found.name.definition }] : [];
});

function percentileNamed(name: string): AggregateLookup {
  if (!/^p[0-9]/.test(name) || !/^p[0-9.]+$/.test(name)) return { kind: 'none' };
  const share = percentileShare(name.slice(1));
  const definition = AGGREGATES.get('quantile');
  if (share === null || definition === undefined) return { kind: 'bad-percentile' };
  return { kind: 'aggregate', name: { definition, parameters: [share], constants: [] } };
}

/** `99` → 0.99, `999` → 0.999, `99.9` → 0.999; null for other digits. */
function percentileShare(digits: string): number | null {
  if (/^[1-9][0-9]?$/.test(digits)) return Number(`${digits}e-2`);
  if (/^9[0-9]{2,14}$/.test(digits)) return Number(`0.${digits}`);
  if (/^[1-9][0-9]?\.[0-9]{1,12}$/.test(digits)) return Number(`${digits}e-2`);
  return null;
}
