/**
 * Days of stream starts in virtual time: the rhythm of a day, noise that hangs together, dips of
 * deployments that nobody should be paged for, and five incidents on the last day.
 */
import { createRng } from '../../src/core/rng.ts';
import type { Rng } from '../../src/core/rng.ts';

/** Of the windows that starts are counted in. */
export const WINDOW_MS = 10_000;
/** Windows of a day, an hour, a minute. */
export const DAY = 8_640;
const HOUR = 360;
const MINUTE = 6;
/** Days to learn from, then one that is judged. */
export const LEARNT_DAYS = 2;

export interface Incident {
  readonly from: number;
  readonly to: number;
  /**
   * `abrupt`: half of the starts or more are gone at once. `shallow`: as deep as the dip of a
   * deployment, and told from it only by lasting. `sinking`: over a quarter of an hour.
   */
  readonly shape: 'abrupt' | 'shallow' | 'sinking';
  /** Share of starts that is left, from 0 at the start to 1 at the end of the incident. */
  readonly left: (progress: number) => number;
}

export interface SyntheticDay {
  readonly starts: Float64Array;
  readonly incidents: readonly Incident[];
}

/** What a detector made of some days. */
export interface Tally {
  pages: number;
  /** Pages in an incident, or so soon after one that they are about its end. */
  truePages: number;
  /** Incidents with a page. */
  found: number;
  incidents: number;
  /** Of each found incident, from its first window to its page, in windows. */
  readonly delays: Record<Incident['shape'], number[]>;
}

/** A page so soon after an incident is about its end. */
const AFTERMATH = 5 * MINUTE;

export function newTally(): Tally {
  const delays = { abrupt: [], shallow: [], sinking: [] };
  return { pages: 0, truePages: 0, found: 0, incidents: 0, delays };
}

/** Adds a day to the tally. `pages`: windows in which the detector paged. */
export function judge({ incidents }: SyntheticDay, pages: readonly number[], tally: Tally): void {
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
    tally.delays[incident.shape].push(first - incident.from + 1);
  }
}

/** `kind`: of its five incidents; without it they are of every shape. */
export function syntheticDay(seed: number, kind: 'mixed' | 'gross' = 'mixed'): SyntheticDay {
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
  const incidents = incidentsOf(rng, kind === 'mixed' ? MIXED : GROSS);
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

/** A deployment: up to three windows with a fifth to a third less. */
function dipAt(from: number, rng: Rng): Incident {
  const left = 0.67 + 0.13 * rng.next();
  return { from, to: from + 1 + Math.floor(3 * rng.next()), shape: 'shallow', left: () => left };
}

type Sketch = readonly [shape: Incident['shape'], minutes: number, left: Incident['left']];

const MIXED: readonly Sketch[] = [
  ['abrupt', 8, () => 0],
  ['abrupt', 10, () => 0.5],
  ['shallow', 20, () => 0.7],
  ['sinking', 30, (progress) => 1 - 0.6 * Math.min(1, progress * 2)],
  ['abrupt', 10, () => 0.35],
];

/** What wakes people: half or more is missing at once, which no deployment takes. */
const GROSS: readonly Sketch[] = [
  ['abrupt', 8, () => 0],
  ['abrupt', 10, () => 0.2],
  ['abrupt', 10, () => 0.35],
  ['abrupt', 10, () => 0.5],
  ['abrupt', 10, () => 0.1],
];

function incidentsOf(rng: Rng, shapes: readonly Sketch[]): Incident[] {
  const from = LEARNT_DAYS * DAY;
  const places = placed(rng, from + HOUR, from + DAY - HOUR, shapes.length);
  return shapes.map(([shape, minutes, left], i) => {
    const at = places[i]!;
    return { shape, from: at, to: at + minutes * MINUTE, left };
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
