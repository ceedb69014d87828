/** Builders of result messages, and a small world whose answers look like a service's. */
import type { StreamView } from '../../../src/coordinator/views.ts';
import type { ValueObject } from '../../../src/model/value.ts';
import type {
  Completeness,
  ResultColumn,
  RowsMessage,
  SchemaMessage,
} from '../../../src/wire/results.ts';
import type { Script, Subscribed } from './fake-engine.ts';

export function completeness(changes: Partial<Completeness> = {}): Completeness {
  return {
    status: 'complete',
    reasons: [],
    agents: { expected: 6, reporting: 6, missing: [] },
    events: { seen: 2013, matched: 2013, late: 0, dropped: {} },
    sampleFactor: 1,
    coveredMs: 1_000,
    traffic: 'flowing',
    source: 'live',
    engine: 'current',
    watermark: 0,
    emittedAt: 0,
    ...changes,
  };
}

export function column(name: string, changes: Partial<ResultColumn> = {}): ResultColumn {
  return { name, type: 'number', role: 'value', ...changes };
}

export function schema(changes: Partial<SchemaMessage> = {}): SchemaMessage {
  return {
    type: 'schema',
    query: 'q1',
    canonical: 'SELECT …',
    columns: [column('region', { type: 'string', role: 'key' }), column('starts')],
    keys: ['region'],
    windowMs: 1_000,
    slideMs: 1_000,
    warnings: [],
    ...changes,
  };
}

export function rows(
  windowStart: number | null,
  list: readonly ValueObject[],
  changes: Partial<RowsMessage> = {},
): RowsMessage {
  return {
    type: 'rows',
    windowStart,
    windowEnd: windowStart === null ? null : windowStart + 1_000,
    append: false,
    revision: 0,
    provisional: false,
    replay: false,
    part: 0,
    last: true,
    rows: list,
    completeness: completeness({ watermark: windowStart ?? 0 }),
    ...changes,
  };
}

const VALUES: Readonly<Record<string, readonly (string | number)[]>> = {
  region: ['us-east', 'eu-west'],
  status: [200, 503],
};

export function stream(name: string, fields: Readonly<Record<string, string>> = {}): StreamView {
  return {
    name,
    kind: 'stream',
    agents: 6,
    time: 'publish',
    via: [],
    slackMs: 50,
    watermark: 0,
    lagMs: 48,
    eventsPerSecond: 1_240,
    queries: 1,
    changes: [],
    fields: Object.entries(fields).map(([field, type]) => ({
      name: field,
      type,
      values: VALUES[field] ?? [],
    })),
  };
}

export const STREAMS: readonly StreamView[] = [
  stream('plays', {
    device: 'string',
    region: 'string',
    title: 'string',
    latency: 'number',
  }),
  stream('playback_errors', { code: 'string', region: 'string' }),
  stream('requests', {
    duration_ms: 'number',
    path: 'string',
    region: 'string',
    status: 'number',
  }),
  stream('host.cpu', { cpu: 'string', used_percent: 'number' }),
  stream('squilla.engine', { cpu_percent: 'number', events_per_second: 'number' }),
];

const REGIONS = ['us-east', 'eu-west', 'us-west', 'ap-south', 'sa-east'];

/** A wave with ripples that depends on time alone, so that replays agree with what was live. */
function wave(seconds: number, seed: number): number {
  return (
    Math.sin(seconds / 23 + seed) * 0.18 +
    Math.sin(seconds / 5 + seed * 3) * 0.05 +
    Math.sin(seconds * 1.7 + seed * 7) * 0.04
  );
}

function rowsAt(start: number, columns: readonly ResultColumn[]): ValueObject[] {
  const keyed = columns.some((c) => c.role === 'key');
  return (keyed ? REGIONS : ['']).map((region, i) => {
    const row: Record<string, string | number> = keyed ? { region } : {};
    columns
      .filter((c) => c.role === 'value')
      .forEach((c, j) => {
        const size = (640 / (i + 1.4)) * (j + 1);
        row[c.name] = Math.round(size * (1 + wave(start / 1_000, i + j)) * 10) / 10;
      });
    return row;
  });
}

/** The outage in the pictures: three silent windows, then some that the engine never made. */
function conditionAt(index: number): Partial<Completeness> | null {
  if (index >= 58 && index < 66) {
    return {
      status: 'degraded',
      reasons: ['agents-missing'],
      source: 'silent',
      agents: { expected: 6, reporting: 0, missing: ['plays-1', 'plays-2'] },
    };
  }
  return index >= 84 && index < 90 ? null : {};
}

export interface WorldOptions {
  /** Windows replayed to a new subscriber. */
  readonly history: number;
  readonly incidents: boolean;
  /** Real milliseconds between windows of one second. */
  readonly everyMs: number;
}

/** Answers a windowed query with waves and a plain one with events. */
export function world({ history, incidents, everyMs }: WorldOptions): Script {
  return (subscribed) =>
    /\bwindow\b/i.test(subscribed.query)
      ? runWindows(subscribed, { history, incidents, everyMs })
      : runEvents(subscribed, everyMs);
}

function columnsOf(query: string): ResultColumn[] {
  const grouped = /group by/i.test(query);
  const key = grouped ? [column('region', { type: 'string', role: 'key' })] : [];
  if (/p99/.test(query)) {
    return [
      ...key,
      column('P50(duration_ms)'),
      column('P95(duration_ms)'),
      column('P99(duration_ms)'),
    ];
  }
  return /rate/.test(query)
    ? [...key, column('error_ratio'), column('rps')]
    : [...key, column('starts')];
}

function runWindows({ query, resume, send }: Subscribed, options: WorldOptions): () => void {
  const columns = columnsOf(query);
  const keys = columns.filter((c) => c.role === 'key').map((c) => c.name);
  send(schema({ columns, keys, canonical: query }));
  let next = Math.floor(Date.now() / 1_000) * 1_000 - options.history * 1_000;
  let index = 0;
  const emit = (provisional: boolean, replay: boolean): void => {
    const change = options.incidents ? conditionAt(index) : {};
    if (change !== null) {
      const silent = change.source === 'silent';
      const list = rowsAt(next, columns).map((row) => (silent ? zeroed(row, columns) : row));
      const state = completeness({ ...change, watermark: next + 1_000, emittedAt: next + 1_060 });
      send(rows(next, list, { provisional, replay, completeness: state }));
    }
    if (provisional) return;
    next += 1_000;
    index++;
  };
  if (resume === null) for (let i = 0; i < options.history; i++) emit(false, true);
  const timer = setInterval(() => {
    emit(false, false);
    emit(true, false);
    send({ type: 'progress', watermark: next, lagMs: 62 });
  }, options.everyMs);
  return () => clearInterval(timer);
}

function zeroed(row: ValueObject, columns: readonly ResultColumn[]): ValueObject {
  const values = columns.filter((c) => c.role === 'value').map((c) => [c.name, 0]);
  return { ...row, ...Object.fromEntries(values) };
}

const TITLES = ['The Long Tide', 'Copper Sky', 'Night Ferry', 'Salt & Cedar'];
const CODES = ['drm_timeout', 'manifest_404', 'decoder_reset'];

function runEvents({ query, send }: Subscribed, everyMs: number): () => void {
  send(
    schema({
      columns: [column('*', { type: 'any' })],
      keys: [],
      windowMs: null,
      slideMs: null,
      canonical: query,
    }),
  );
  let counter = 0;
  const emit = (): void => {
    const list = Array.from({ length: 7 }, () => {
      counter++;
      return {
        ts: Date.now(),
        region: REGIONS[counter % REGIONS.length] ?? '',
        title: TITLES[counter % TITLES.length] ?? '',
        code: CODES[counter % CODES.length] ?? '',
        session: `s-${(counter * 7919).toString(36)}`,
        latency: 180 + ((counter * 37) % 900),
        fatal: counter % 5 === 0,
      };
    });
    send(rows(null, list, { append: true }));
    send({ type: 'progress', watermark: Date.now() - 60, lagMs: 60 });
  };
  emit();
  const timer = setInterval(emit, everyMs);
  return () => clearInterval(timer);
}
