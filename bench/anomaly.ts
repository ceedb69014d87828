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
import { createRng } from '../src/core/rng.ts';
import type { Rng } from '../src/core/rng.ts';
import { compileFinal } from '../src/operator/final.ts';
import { seriesStageOf } from '../src/operator/series-stage.ts';
import { planQuery } from '../src/plan/plan-query.ts';
import { figure, held, medianOf } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';

const WINDOW_MS = 10_000;
const DAY = 8_640;
const HOUR = 360;
const MINUTE = 6;
/** Days to learn from, then one that is judged. */
const LEARNT_DAYS = 2;
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

interface Incident {
  readonly from: number;
  readonly to: number;
  /** Share of starts that is left, from 0 at the start to 1 at the end of the incident. */
  readonly left: (progress: number) => number;
}

interface SyntheticDay {
  readonly starts: Float64Array;
  readonly incidents: readonly Incident[];
}

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

// ---- The day ---------------------------------------------------------------------------------

function syntheticDay(seed: number): SyntheticDay {
  const rng = createRng(seed);
  const length = (LEARNT_DAYS + 1) * DAY;
  const starts = new Float64Array(length);
  const weekday = Array.from({ length: LEARNT_DAYS + 1 }, () => 0.9 + 0.2 * rng.next());
  let wobble = 0;
  for (let w = 0; w < length; w++) {
    wobble = 0.95 * wobble + 0.008 * normal(rng);
    const day = Math.floor(w / DAY);
    const level = weekday[day]! * rhythm(w % DAY) * (1 + wobble);
    starts[w] = Math.max(0, Math.round(level + Math.sqrt(level) * normal(rng)));
  }
  const dips = placed(rng, 0, length, 8 * (LEARNT_DAYS + 1)).map((from) => dipAt(from, rng));
  const incidents = incidentsOf(rng);
  for (const disturbance of [...dips, ...incidents]) disturb(starts, disturbance);
  return { starts, incidents };
}

/** Starts in a window: low at five in the morning, high at nine in the evening. */
function rhythm(place: number): number {
  const hour = place / HOUR;
  const daily = Math.cos((2 * Math.PI * (hour - 17)) / 24);
  const evening = Math.exp(-((hour - 21) ** 2) / 4);
  return 500 + 250 * daily + 350 * evening;
}

/** A deployment: one or two windows with a fifth to a third less. */
function dipAt(from: number, rng: Rng): Incident {
  const left = 0.67 + 0.13 * rng.next();
  return { from, to: from + 1 + Math.floor(2 * rng.next()), left: () => left };
}

function incidentsOf(rng: Rng): Incident[] {
  const shapes: readonly [minutes: number, left: (progress: number) => number][] = [
    [8, () => 0],
    [10, () => 0.5],
    [20, () => 0.7],
    [30, (progress) => 1 - 0.6 * Math.min(1, progress * 2)],
    [10, () => 0.35],
  ];
  const from = LEARNT_DAYS * DAY;
  const places = placed(rng, from + HOUR, from + DAY - HOUR, shapes.length);
  return shapes.map(([minutes, left], i) => {
    const at = places[i]!;
    return { from: at, to: at + minutes * MINUTE, left };
  });
}

/** `count` places far from each other, in an order by chance. */
function placed(rng: Rng, from: number, to: number, count: number): number[] {
  const step = (to - from) / count;
  const places = Array.from({ length: count }, (_, i) =>
    Math.floor(from + step * (i + 0.5 * rng.next())),
  );
  for (let i = places.length - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * rng.next());
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return places;
}

function disturb(starts: Float64Array, { from, to, left }: Incident): void {
  for (let w = from; w < to; w++) {
    starts[w] = Math.round(starts[w]! * left((w - from) / (to - from)));
  }
}

/** Of a normal distribution, by Box and Muller. */
function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
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
