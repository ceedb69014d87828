/**
 * A streaming service that does not exist: viewers in four regions start titles on their devices,
 * players ask an API, some of it fails. Traffic follows the sun, a day being `dayMs` long. Pure and
 * seeded: one seed and one sequence of times give one sequence of events.
 */
import { createRng } from '../../src/core/rng.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { Event } from '../../src/model/value.ts';
import { countAround, logNormal, popular, weighted } from './draw.ts';
import type { IncidentKind } from './incident.ts';

export type DemoStream = 'plays' | 'playback_errors' | 'requests';

export interface WorldOptions {
  readonly seed: number;
  /** Of all streams and regions, averaged over a day. */
  readonly eventsPerSecond: number;
  readonly dayMs: number;
}

interface Region {
  readonly name: string;
  /** Share of the traffic. */
  readonly share: number;
  /** Where on the globe, as a part of a day behind the first. */
  readonly phase: number;
  /** Of the API's answers in ordinary times. */
  readonly medianMs: number;
}

const REGION_TABLE: readonly Region[] = [
  { name: 'us-east', share: 0.36, phase: 0, medianMs: 38 },
  { name: 'us-west', share: 0.24, phase: 0.12, medianMs: 42 },
  { name: 'eu-west', share: 0.28, phase: 0.75, medianMs: 35 },
  { name: 'ap-south', share: 0.12, phase: 0.55, medianMs: 61 },
];

const DEVICES: readonly (readonly [string, number])[] = [
  ['tv', 42],
  ['phone', 27],
  ['web', 15],
  ['tablet', 9],
  ['console', 7],
];
const PLANS: readonly (readonly [string, number])[] = [
  ['standard', 6],
  ['premium', 3],
  ['basic', 2],
];
const TITLES: readonly string[] = [
  'The Long Watermark',
  'Cephalopod',
  'Night Shift',
  'Salt & Signal',
  'Eleven Nines',
  'Harbour Lights',
  'The Quiet Region',
  'Backpressure',
  'A Dictionary of Tides',
  'Cold Start',
  'Paper Lanterns',
  'Drift',
  'The Late Event',
  'Orchard Street',
  'Kelp',
  'Two Phase',
  'The Lighthouse Lease',
  'Northbound',
  'Glass Harvest',
  'Epoch',
];
const ROUTES: readonly (readonly [string, number])[] = [
  ['/api/home', 30],
  ['/api/title/{id}', 22],
  ['/api/play', 18],
  ['/api/search', 12],
  ['/api/progress', 10],
  ['/api/login', 5],
  ['/api/profile', 3],
];
const ERROR_CODES: readonly (readonly [string, number])[] = [
  ['network', 5],
  ['timeout', 4],
  ['decode', 2],
  ['drm', 1],
];
const FAILURES: readonly (readonly [number, number])[] = [
  [503, 5],
  [500, 3],
  [502, 2],
  [504, 2],
];

/** Parts of the traffic. */
const REQUESTS_SHARE = 0.69;
const PLAYS_SHARE = 0.29;
/** Of plays that still start where an incident stops them. */
const GETS_THROUGH = 0.03;
/** Of plays that fail in ordinary times. */
const PLAY_FAILURES = 0.02;
const REQUEST_FAILURES = 0.004;
/** Night has so much less than the mean, and evening so much more. */
const RHYTHM = 0.6;

export class World {
  readonly #rng: Rng;
  readonly #options: WorldOptions;
  readonly #incidents = new Map<string, IncidentKind>();
  #session = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#rng = createRng(options.seed);
  }

  get incidents(): ReadonlyMap<string, IncidentKind> {
    return this.#incidents;
  }

  break(region: string, kind: IncidentKind): void {
    this.#incidents.set(region, kind);
  }

  heal(region: string): void {
    this.#incidents.delete(region);
  }

  /** What happens in `elapsedMs` up to `nowMs`. */
  step(
    nowMs: number,
    elapsedMs: number,
    publish: (region: string, stream: DemoStream, event: Event) => void,
  ): void {
    for (const region of REGION_TABLE) {
      const incident = this.#incidents.get(region.name) ?? null;
      const mean = this.#meanOf(region, nowMs) * (elapsedMs / 1_000);
      const through = incident === 'outage' ? GETS_THROUGH : 1;
      const plays = countAround(this.#rng, mean * PLAYS_SHARE * through);
      for (let i = 0; i < plays; i++) this.#play(region, incident, publish);
      // Players that cannot play ask again, so requests do not fall as plays do.
      const asked = incident === 'outage' ? 0.6 : 1;
      const requests = countAround(this.#rng, mean * REQUESTS_SHARE * asked);
      for (let i = 0; i < requests; i++) {
        publish(region.name, 'requests', this.#request(region, incident));
      }
    }
  }

  /** Events a second in a region at that time of its day. */
  #meanOf(region: Region, nowMs: number): number {
    const { eventsPerSecond, dayMs } = this.#options;
    const angle = 2 * Math.PI * (nowMs / dayMs - region.phase);
    return eventsPerSecond * region.share * (1 + RHYTHM * Math.sin(angle));
  }

  #play(
    region: Region,
    incident: IncidentKind | null,
    publish: (region: string, stream: DemoStream, event: Event) => void,
  ): void {
    const rng = this.#rng;
    const device = weighted(rng, DEVICES);
    const title = popular(rng, TITLES);
    const session = `s-${(this.#session++).toString(36)}`;
    if (incident === 'tv-outage' && device === 'tv' && rng.next() >= GETS_THROUGH) {
      const event = { region: region.name, device, title, session, code: 'drm', fatal: true };
      publish(region.name, 'playback_errors', event);
      return;
    }
    const slow = incident === 'slow' ? 4 : 1;
    publish(region.name, 'plays', {
      region: region.name,
      device,
      title,
      plan: weighted(rng, PLANS),
      session,
      latency: Math.round(logNormal(rng, 620 * slow, 0.45)),
      bitrate_kbps: 500 * (1 + rng.int(incident === 'slow' ? 4 : 15)),
      uhd: device === 'tv' && rng.next() < 0.35,
    });
    if (rng.next() >= failureShare(incident, PLAY_FAILURES)) return;
    const code = weighted(rng, ERROR_CODES);
    const fatal = rng.next() < 0.4;
    const event = { region: region.name, device, title, session, code, fatal };
    publish(region.name, 'playback_errors', event);
  }

  #request(region: Region, incident: IncidentKind | null): Event {
    const rng = this.#rng;
    const path = weighted(rng, ROUTES);
    const failed = rng.next() < failureShare(incident, REQUEST_FAILURES);
    const slow = incident === 'slow' ? 8 : incident === 'outage' ? 20 : 1;
    const work = path === '/api/search' ? 2.5 : 1;
    const durationMs = logNormal(rng, region.medianMs * slow * work, 0.5);
    return {
      region: region.name,
      host: `api-${region.name}-${1 + rng.int(3)}`,
      method: path === '/api/play' || path === '/api/progress' ? 'POST' : 'GET',
      path,
      status: failed ? weighted(rng, FAILURES) : okStatus(rng),
      duration_ms: Math.round(durationMs * 100) / 100,
      bytes: failed ? 180 : Math.round(logNormal(rng, 4_200, 0.8)),
    };
  }
}

function failureShare(incident: IncidentKind | null, ordinary: number): number {
  if (incident === 'errors') return 0.25;
  return incident === 'outage' ? 0.9 : ordinary;
}

function okStatus(rng: Rng): number {
  const draw = rng.next();
  if (draw < 0.012) return 404;
  return draw < 0.05 ? 304 : 200;
}
