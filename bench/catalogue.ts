/** The benches there are. */
import { anomalyBench } from './anomaly.ts';
import { alertQualityBench } from './alert-quality.ts';
import { alertBench } from './alert.ts';
import { agentBench, runAgent } from './agent.ts';
import { closeBench } from './close.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { fanOutBench } from './fan-out.ts';
import { highCardinalityBench } from './high-cardinality.ts';
import { httpBench } from './http.ts';
import { ingestBench, runIngest } from './ingest.ts';
import { joinBench } from './join.ts';
import { kernelsBench } from './kernels.ts';
import { manyQueriesBench } from './many-queries.ts';
import { pageBench } from './page.ts';
import { parseBench, runParse } from './parse.ts';
import { recoveryBench } from './recovery.ts';
import { soakBench } from './soak.ts';
import { tailBench } from './tail.ts';

export interface Bench {
  readonly name: string;
  readonly what: string;
  readonly run: (context: BenchContext) => Promise<readonly BenchCase[]>;
}

export const BENCHES: readonly Bench[] = [
  { name: 'ingest', what: 'events a second and CPU for a million of them', run: ingestBench },
  { name: 'join', what: 'joins of streams and with tables, by event', run: joinBench },
  { name: 'close', what: "a window's end to its answer at the client", run: closeBench },
  { name: 'tail', what: 'an event to the client, without a window', run: tailBench },
  { name: 'http', what: 'NDJSON and OTLP bodies and small requests', run: httpBench },
  { name: 'parse', what: 'a query from text to plan', run: parseBench },
  {
    name: 'many-queries',
    what: 'up to 10,000 distinct live queries on one stream',
    run: manyQueriesBench,
  },
  {
    name: 'high-cardinality',
    what: 'groups by two keys, up to a million of them',
    run: highCardinalityBench,
  },
  { name: 'fan-out', what: 'what a result costs for each client that watches', run: fanOutBench },
  { name: 'recovery', what: 'a crash to the first result after it', run: recoveryBench },
  { name: 'soak', what: 'what stays behind in half an hour of queries that go', run: soakBench },
  { name: 'alert', what: '5,000 alert rules of 20 alerts, a window a second', run: alertBench },
  { name: 'page', what: 'the window that proves an incident to the receiver', run: pageBench },
  {
    name: 'alert-quality',
    what: 'pages of the rules to begin with, over days',
    run: alertQualityBench,
  },
  { name: 'agent', what: 'what publishing an event costs a service', run: agentBench },
  { name: 'kernels', what: 'filters, groups and percentiles, by event', run: kernelsBench },
  { name: 'anomaly', what: 'how well detectors find incidents in a day', run: anomalyBench },
];

const BRIEF_INGEST = { rounds: 1, warmMs: 500, measuredMs: 2_500, eventsPerSecond: 1e5 };
const BRIEF_PARSE = { warmMs: 200, rounds: 3, roundMs: 100, distinct: 500 };

/** For `--smoke`: the same code for moments only. */
export const SMOKE: readonly Bench[] = [
  { name: 'parse', what: '', run: () => runParse(BRIEF_PARSE) },
  { name: 'kernels', what: '', run: kernelsBench },
  { name: 'agent', what: '', run: () => Promise.resolve(runAgent(50_000, 1)) },
  { name: 'ingest', what: '', run: (context) => runIngest(BRIEF_INGEST, context) },
];
