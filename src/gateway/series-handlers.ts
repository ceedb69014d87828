/** `GET /api/v1/series`: what the windows of a standing query had, from the kept series. */
import { EngineError } from '../core/errors.ts';
import { SERIES_LEVELS } from '../store/series-store.ts';
import type { KeptLine, SeriesRange } from '../store/series-store.ts';
import type { EnginePort } from './engine-port.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { GatewayRequest } from './http-request.ts';
import { json } from './json-response.ts';

export interface SeriesPort {
  read(range: SeriesRange): readonly KeptLine[];
  /** Ids of the queries whose series are being kept now. */
  readonly queries: readonly string[];
  /** Columns of the query whose sums are totals. */
  totals(query: string): ReadonlySet<string>;
}

/** Buckets of one answer, over all its lines. */
const BUCKETS_MAX = 20_000;
const DAY_MS = 86_400_000;
const FINGERPRINT = /^[0-9a-f]{32}$/;

export async function readSeries(
  request: GatewayRequest,
  { engine, clock }: GatewayContext,
): Promise<Response> {
  const { series } = engine;
  if (series === undefined) {
    throw new EngineError('ENGINE_NOT_FOUND', 'This engine keeps no series.');
  }
  const search = new URL(request.req.url).searchParams;
  const text = search.get('query');
  if (text === null) {
    return json({ queries: series.queries, standing: engine.standing?.list() ?? [] });
  }
  const query = FINGERPRINT.test(text) ? text : await fingerprintOf(text, engine);
  const toMs = timeOf(search, 'to', clock.now());
  const fromMs = timeOf(search, 'from', toMs - DAY_MS);
  const stepMs = stepOf(search, clock.now() - fromMs, toMs - fromMs);
  const linesMax = Math.max(1, Math.floor(BUCKETS_MAX / Math.ceil((toMs - fromMs) / stepMs)));
  const lines = series.read({
    ...{ query, fromMs, toMs, stepMs, linesMax },
    column: search.get('column'),
    keys: search.get('keys'),
  });
  const totals = series.totals(query);
  const views = lines.map((line) => lineView(line, totals.has(line.column)));
  return json({ query, fromMs, toMs, stepMs, linesMax, lines: views });
}

/** `sumIsTotal`: the sum over windows is what an aggregate over all their events would give. */
function lineView({ keys, column, buckets }: KeptLine, sumIsTotal: boolean): object {
  return {
    keys: JSON.parse(keys) as unknown,
    column,
    sumIsTotal,
    buckets: buckets.map(({ startMs, windows, sum, min, max, doubtful }) => ({
      ...{ startMs, windows, mean: sum / windows, min, max, sum, doubtful },
    })),
  };
}

/** Of a saved query by its name, or of a text. */
async function fingerprintOf(text: string, engine: EnginePort): Promise<string> {
  const saved = engine.saved.get(text);
  if (saved.ok && saved.value.fingerprint !== null) return saved.value.fingerprint;
  await engine.prepare([text]);
  const { plan, diagnostics } = engine.plan(text);
  if (plan !== null) return plan.fingerprint;
  const first = diagnostics.find(({ severity }) => severity === 'error');
  throw new EngineError('ENGINE_BAD_QUERY', first?.message ?? 'the query cannot run');
}

/** Milliseconds since 1970, or a time as ISO 8601. */
function timeOf(search: URLSearchParams, name: string, usual: number): number {
  const text = search.get(name);
  if (text === null) return Math.floor(usual);
  const ms = /^[0-9]+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(ms)) return ms;
  throw new EngineError('ENGINE_BAD_REQUEST', `\`${name}\` is a time: milliseconds or ISO 8601.`);
}

/** The step asked for, or the finest that is kept that long and gives an answer to look at. */
function stepOf(search: URLSearchParams, ageMs: number, spanMs: number): number {
  const text = search.get('step');
  const steps = SERIES_LEVELS.map(({ stepMs }) => stepMs);
  if (text !== null) {
    const asked = Number(text);
    if (steps.includes(asked)) return asked;
    throw new EngineError('ENGINE_BAD_REQUEST', `\`step\` is one of ${steps.join(', ')} (ms).`);
  }
  const fits = SERIES_LEVELS.find(
    ({ stepMs, keptMs }) => keptMs >= ageMs && spanMs / stepMs <= POINTS_WANTED,
  );
  return fits?.stepMs ?? (steps.at(-1) as number);
}

/** More would not fit on a chart. */
const POINTS_WANTED = 1_500;
