/**
 * What the ingest benches send and ask: events of 12 fields as a web tier has them, ten queries of
 * the kinds dashboards are made of, and what each query must find in a batch, so that a bench that
 * loses or doubles an event fails instead of looking fast.
 */
import { createRng } from '../src/core/rng.ts';
import type { OfferedField } from '../src/wire/agent-messages.ts';

export const STREAM = 'requests';

/** A type, not an interface: it has to pass as a JSON object. */
export type RequestEvent = {
  readonly service: string;
  readonly host: string;
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly country: string;
  readonly traceId: string;
  readonly durMs: number;
  readonly bytes: number;
  readonly cached: boolean;
  readonly user: { readonly plan: string; readonly seg: number };
};

/** Columns as they travel; with the event's time they are twelve fields and a nested one. */
export const FIELDS: readonly OfferedField[] = [
  { name: 'service', type: 'string' },
  { name: 'host', type: 'string' },
  { name: 'route', type: 'string' },
  { name: 'method', type: 'string' },
  { name: 'status', type: 'number' },
  { name: 'country', type: 'string' },
  { name: 'traceId', type: 'string' },
  { name: 'durMs', type: 'number' },
  { name: 'bytes', type: 'number' },
  { name: 'cached', type: 'boolean' },
  { name: 'user.plan', type: 'string' },
  { name: 'user.seg', type: 'number' },
];

export interface WorkloadQuery {
  readonly name: string;
  readonly text: string;
  /** Which events it must match. */
  readonly matches: (event: RequestEvent) => boolean;
}

const WINDOW = 'window 1s';
const ROUTE = '/api/v1/resource3/:id';

export const QUERIES: readonly WorkloadQuery[] = [
  {
    name: 'filter: errors',
    text: `select count(*) as n from ${STREAM} where status >= 500 ${WINDOW}`,
    matches: (event) => event.status >= 500,
  },
  {
    name: 'filter: errors of a country',
    text: `select count(*) as n from ${STREAM} where status >= 500 and country = 'US' ${WINDOW}`,
    matches: (event) => event.status >= 500 && event.country === 'US',
  },
  {
    name: 'filter: a slow route',
    text: `select count(*) as n from ${STREAM} where route = '${ROUTE}' and durMs > 100 ${WINDOW}`,
    matches: (event) => event.route === ROUTE && event.durMs > 100,
  },
  {
    name: 'group by country',
    text: `select country, count(*) as n, avg(durMs) as mean from ${STREAM} ${WINDOW} group by country`,
    matches: () => true,
  },
  {
    name: 'group by service and status',
    text: `select service, status, count(*) as n from ${STREAM} ${WINDOW} group by service, status`,
    matches: () => true,
  },
  {
    name: 'p99',
    text: `select p99(durMs) as slow from ${STREAM} ${WINDOW}`,
    matches: () => true,
  },
  {
    name: 'p99 by service',
    text: `select service, p99(durMs) as slow from ${STREAM} ${WINDOW} group by service`,
    matches: () => true,
  },
  {
    name: 'filtered sum',
    text: `select sum(bytes) as total from ${STREAM} where user.plan = 'enterprise' ${WINDOW}`,
    matches: (event) => event.user.plan === 'enterprise',
  },
  {
    name: 'count by host, filtered',
    text: `select host, count(*) as n from ${STREAM} where cached = true ${WINDOW} group by host`,
    matches: (event) => event.cached,
  },
  {
    name: 'filter and project',
    text: `select service, route, durMs, traceId from ${STREAM} where durMs > 900 ${WINDOW} limit 100`,
    matches: (event) => event.durMs > 900,
  },
];

/** Of every query, how many of the events it matches. */
export function expectedMatches(events: readonly RequestEvent[]): readonly number[] {
  return QUERIES.map(({ matches }) => events.filter(matches).length);
}

const SERVICES = 20;
const HOSTS = 50;
const ROUTES = 200;
const COUNTRIES = ['US', 'DE', 'FR', 'GB', 'BR', 'IN', 'JP', 'CA', 'AU', 'ES'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];
const PLANS = ['free', 'basic', 'pro', 'enterprise'];

/** The same events for the same seed. Durations are log-normal, with a median of 20 ms. */
export function requestEvents(count: number, seed: number): RequestEvent[] {
  const rng = createRng(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
  const hex = (): string => rng.int(0x1_0000_0000).toString(16).padStart(8, '0');
  const oneOf = (values: readonly string[]): string => values[rng.int(values.length)] as string;
  return Array.from({ length: count }, () => ({
    service: `service-${rng.int(SERVICES)}`,
    host: `host-${rng.int(HOSTS)}.eu-west`,
    route: `/api/v1/resource${rng.int(ROUTES)}/:id`,
    method: oneOf(METHODS),
    status: rng.next() < 0.02 ? 503 : rng.next() < 0.05 ? 404 : 200,
    country: oneOf(COUNTRIES),
    traceId: hex() + hex(),
    durMs: 20 * Math.exp(1.2 * normal()),
    bytes: 200 + rng.int(60_000),
    cached: rng.next() < 0.3,
    user: { plan: oneOf(PLANS), seg: rng.int(1_000) },
  }));
}
