/**
 * How well functions over series find incidents: days of stream starts in virtual time, with the
 * rhythm of a day, noise that hangs together, dips of deployments that nobody should be paged for,
 * and five incidents a day. Detectors are queries as users write them; they run on the plans and
 * operators that ship. A detector pages when its HAVING holds in so many of the last windows.
 *
 * Precision: pages that were in an incident. Recall: incidents with a page. Delay: from the first
 * window of an incident to the page, in windows. Of the five incidents three are abrupt and deep
 * (half of the starts or more are gone at once); one is as deep as a dip of a deployment and
 * differs from it only by lasting, so that nobody can tell the two apart in its first three
 * windows; one sinks over a quarter of an hour.
 */
import { DEFAULTS } from '../src/config.ts';
import { compileFinal } from '../src/operator/final.ts';
import { seriesStageOf } from '../src/operator/series-stage.ts';
import { planQuery } from '../src/plan/plan-query.ts';
import { figure, held, medianOf } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import {
  DAY,
  judge,
  LEARNT_DAYS,
  newTally,
  syntheticDay,
  WINDOW_MS,
} from './harness/synthetic-day.ts';
import type { SyntheticDay, Tally } from './harness/synthetic-day.ts';

/** Not the days by which the constants were chosen (1 …, and 101 … for the recommended ones). */
const FIRST_SEED = 301;

interface Detector {
  readonly name: string;
  readonly having: string;
  /** It pages when this many of the last `of` windows hold; `of` left out: in a row. */
  readonly confirm: number;
  readonly of?: number;
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
  {
    name: 'baseline: below the band, 4 of 5',
    having: 'sps < baseline_low(sps)',
    confirm: 4,
    of: 5,
  },
  { name: 'deviation: 25 % below, 4 of 5', having: 'deviation(sps) < -0.25', confirm: 4, of: 5 },
  {
    name: 'deviation, smoothed: 20 % below',
    having: '0.2 * deviation(sps) + 0.8 * ewma(deviation(sps), 0.2) < -0.2',
    confirm: 1,
  },
];
/** What the documents recommend; its figures are held. */
const RECOMMENDED = 'deviation, smoothed: 20 % below';

export function anomalyBench(context: BenchContext): Promise<BenchCase[]> {
  const seeds = Array.from({ length: context.quick ? 5 : 20 }, (_, i) => FIRST_SEED + i);
  return runAnomaly(seeds, context);
}

export function runAnomaly(seeds: readonly number[], context: BenchContext): Promise<BenchCase[]> {
  const days = seeds.map((seed) => syntheticDay(seed));
  const cases = DETECTORS.flatMap((detector) => {
    const tally = newTally();
    for (const day of days) judge(day, pagesOf(detector, day), tally);
    context.say(`${detector.name}: ${tally.found} of ${tally.incidents} found`);
    return casesOf(detector, tally, days.length);
  });
  return Promise.resolve(cases);
}

function casesOf(
  { name, confirm, of = confirm }: Detector,
  tally: Tally,
  days: number,
): BenchCase[] {
  const { pages, truePages, found, incidents, delays } = tally;
  const { abrupt, shallow, sinking } = delays;
  const precision = figure(name, 'precision', pages === 0 ? 0 : truePages / pages, 'share');
  const recall = figure(name, 'recall', found / incidents, 'share');
  const noise = figure(name, 'falsePages', (pages - truePages) / days, 'pages/day');
  const delay = figure(name, 'delayAbrupt', medianOf(abrupt), 'windows');
  const longest = figure(name, 'delayAbruptP90', quantile(abrupt, 0.9), 'windows');
  const others = [
    figure(name, 'delayShallow', medianOf(shallow), 'windows'),
    figure(name, 'delaySinking', medianOf(sinking), 'windows'),
    figure(name, 'confirm', confirm, 'windows'),
    figure(name, 'of', of, 'windows'),
  ];
  if (name !== RECOMMENDED) {
    // What found none of a kind has no delay.
    const known = [delay, longest, ...others].filter(({ value }) => Number.isFinite(value));
    return [precision, recall, noise, ...known];
  }
  return [
    held(precision, '>=', 0.9),
    held(recall, '>=', 0.95),
    held(noise, '<=', 0.5),
    held(delay, '<=', 3),
    held(longest, '<=', 3),
    ...others,
  ];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

// ---- The detector ----------------------------------------------------------------------------

/** Windows of the judged day in which the detector pages. */
function pagesOf({ having, confirm, of = confirm }: Detector, { starts }: SyntheticDay): number[] {
  const text = `select count(*) as sps from plays window 10s having ${having}`;
  const { plan } = planQuery(text);
  if (plan === null) throw new Error(`no plan: ${text}`);
  const stage = seriesStageOf(plan, DEFAULTS);
  const finish = compileFinal(plan.final);
  const pages: number[] = [];
  const recent: boolean[] = [];
  let isPaging = false;
  for (let w = 0; w < starts.length; w++) {
    const row = [starts[w]!];
    const at = { number: w, startMs: w * WINDOW_MS };
    const rows = stage?.extend([row], at, { telling: 'first', teaches: true }) ?? [row];
    recent.push(finish(rows).length > 0);
    if (recent.length > of) recent.shift();
    const wasPaging = isPaging;
    isPaging = recent.filter(Boolean).length >= confirm;
    if (isPaging && !wasPaging && w >= LEARNT_DAYS * DAY) pages.push(w);
  }
  return pages;
}
