/**
 * How well functions over series find incidents: days of stream starts in virtual time, with the
 * rhythm of a day, noise that hangs together, dips of deployments that nobody should be paged for,
 * and five incidents a day. Detectors are queries as users write them; they run on the plans and
 * operators that ship. A detector pages when its HAVING holds for so many windows in a row.
 *
 * Precision: pages that were in an incident. Recall: incidents with a page. Delay: from the first
 * window of an incident to the page, in windows.
 */
import { DEFAULTS } from '../src/config.ts';
import { compileFinal } from '../src/operator/final.ts';
import { seriesStageOf } from '../src/operator/series-stage.ts';
import { planQuery } from '../src/plan/plan-query.ts';
import { figure, held, medianOf } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { DAY, LEARNT_DAYS, MINUTE, syntheticDay, WINDOW_MS } from './harness/synthetic-day.ts';
import type { Incident, SyntheticDay } from './harness/synthetic-day.ts';

/** Not the days by which the constants were chosen. */
const FIRST_SEED = 101;
/** A page so soon after an incident is about its end. */
const AFTERMATH = 5 * MINUTE;

interface Detector {
  readonly name: string;
  readonly having: string;
  /** Windows in a row before it pages. */
  readonly confirm: number;
}

const DETECTORS: readonly Detector[] = [
  { name: 'fixed: sps < 40', having: 'sps < 40', confirm: 2 },
  { name: 'previous: 30 % below', having: 'sps < 0.7 * previous(sps)', confirm: 1 },
  { name: 'ewma 0.1: 25 % below', having: 'sps < 0.75 * ewma(sps, 0.1)', confirm: 2 },
  { name: 'des 0.1 0.02: 25 % below', having: 'sps < 0.75 * des(sps, 0.1, 0.02)', confirm: 2 },
  { name: 'zscore 60: below -4', having: 'zscore(sps, 60) < -4', confirm: 2 },
  { name: 'mad 60: below -4', having: 'mad(sps, 60) < -4', confirm: 2 },
  {
    name: 'holt_winters 1d: 25 % below',
    having: 'sps < 0.75 * holt_winters(sps, 0.05, 0, 0.1, 1d)',
    confirm: 2,
  },
  { name: 'deviation: 25 % below', having: 'deviation(sps) < -0.25', confirm: 2 },
  { name: 'baseline: below the band', having: 'sps < baseline_low(sps)', confirm: 3 },
];
/** What the documents recommend; its figures are held. */
const RECOMMENDED = 'baseline: below the band';

interface Tally {
  pages: number;
  truePages: number;
  found: number;
  incidents: number;
  readonly delays: number[];
}

export function anomalyBench(context: BenchContext): Promise<BenchCase[]> {
  const seeds = Array.from({ length: context.quick ? 5 : 20 }, (_, i) => FIRST_SEED + i);
  return runAnomaly(seeds, context);
}

export function runAnomaly(seeds: readonly number[], context: BenchContext): Promise<BenchCase[]> {
  const days = seeds.map(syntheticDay);
  const cases = DETECTORS.flatMap((detector) => {
    const tally: Tally = { pages: 0, truePages: 0, found: 0, incidents: 0, delays: [] };
    for (const day of days) judge(day, pagesOf(detector, day), tally);
    context.say(`${detector.name}: ${tally.found} of ${tally.incidents} found`);
    return casesOf(detector, tally, days.length);
  });
  return Promise.resolve(cases);
}

function casesOf({ name, confirm }: Detector, tally: Tally, days: number): BenchCase[] {
  const { pages, truePages, found, incidents, delays } = tally;
  const precision = figure(name, 'precision', pages === 0 ? 0 : truePages / pages, 'share');
  const recall = figure(name, 'recall', found / incidents, 'share');
  const noise = figure(name, 'falsePages', (pages - truePages) / days, 'pages/day');
  const delay = figure(name, 'delay', medianOf(delays), 'windows');
  const longest = figure(name, 'delayP90', quantile(delays, 0.9), 'windows');
  const waits = figure(name, 'confirm', confirm, 'windows');
  if (name !== RECOMMENDED) return [precision, recall, noise, delay, longest, waits];
  return [
    held(precision, '>=', 0.9),
    held(recall, '>=', 0.9),
    held(noise, '<=', 0.5),
    held(delay, '<=', 3),
    longest,
    waits,
  ];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

// ---- The detector ----------------------------------------------------------------------------

/** Windows of the judged day in which the detector pages. */
function pagesOf({ having, confirm }: Detector, { starts }: SyntheticDay): number[] {
  const text = `select count(*) as sps from plays window 10s having ${having}`;
  const { plan } = planQuery(text);
  if (plan === null) throw new Error(`no plan: ${text}`);
  const stage = seriesStageOf(plan, DEFAULTS);
  const finish = compileFinal(plan.final);
  const pages: number[] = [];
  let holds = 0;
  for (let w = 0; w < starts.length; w++) {
    const row = [starts[w]!];
    const at = { number: w, startMs: w * WINDOW_MS };
    const rows = stage?.extend([row], at, { telling: 'first', teaches: true }) ?? [row];
    holds = finish(rows).length > 0 ? holds + 1 : 0;
    if (holds === confirm && w >= LEARNT_DAYS * DAY) pages.push(w);
  }
  return pages;
}

function judge({ incidents }: SyntheticDay, pages: readonly number[], tally: Tally): void {
  const within = (w: number, { from, to }: Incident, after: number): boolean =>
    w >= from && w < to + after;
  const about = pages.filter((w) => incidents.some((one) => within(w, one, AFTERMATH)));
  tally.pages += pages.length;
  tally.truePages += about.length;
  tally.incidents += incidents.length;
  for (const incident of incidents) {
    const first = pages.find((w) => within(w, incident, 0));
    if (first === undefined) continue;
    tally.found += 1;
    tally.delays.push(first - incident.from + 1);
  }
}
