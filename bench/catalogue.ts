/** The benches there are. */
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { ingestBench, runIngest } from './ingest.ts';

export interface Bench {
  readonly name: string;
  readonly what: string;
  readonly run: (context: BenchContext) => Promise<readonly BenchCase[]>;
}

export const BENCHES: readonly Bench[] = [
  { name: 'ingest', what: 'events a second and CPU for a million of them', run: ingestBench },
];

const BRIEF = { rounds: 1, warmMs: 500, measuredMs: 1_500, eventsPerSecond: 1e5 };

/** For `--smoke`: the same code for moments only. */
export const SMOKE: readonly Bench[] = [
  { name: 'ingest', what: '', run: (context) => runIngest(BRIEF, context) },
];
