/** `squilla series`: what the windows of a kept query had. */
import { systemClock } from '../../core/clock.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import { durationMs } from '../duration.ts';
import type { ClientFlags, SeriesFlags } from '../flags.ts';
import { sparkline } from '../live-view.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';

interface Bucket {
  readonly startMs: number;
  readonly windows: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly doubtful: number;
}

interface SeriesAnswer {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly linesMax: number;
  readonly lines: readonly {
    readonly keys: readonly unknown[];
    readonly column: string;
    readonly sumIsTotal: boolean;
    readonly buckets: readonly Bucket[];
  }[];
}

interface KeptList {
  readonly queries: readonly string[];
  readonly standing: readonly {
    readonly name: string;
    readonly query: string | null;
    readonly problem: string | null;
  }[];
}

const SPARKS = 40;

export async function seriesCommand(
  query: string | null,
  flags: SeriesFlags,
  context: CliContext,
): Promise<number> {
  if (query === null) return listKept(flags, context);
  const search = new URLSearchParams({ query });
  const mistake = addTimes(search, flags);
  if (mistake !== null) {
    context.err(`${mistake}\n`);
    return 2;
  }
  if (flags.column !== undefined) search.set('column', flags.column);
  const answer = await callApi(flags, `/api/v1/series?${search.toString()}`);
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  if (flags.json === true) context.out(`${JSON.stringify(answer.body)}\n`);
  else showLines(answer.body as SeriesAnswer, context);
  return 0;
}

async function listKept(flags: ClientFlags, context: CliContext): Promise<number> {
  const answer = await callApi(flags, '/api/v1/series');
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  if (flags.json === true) {
    context.out(`${JSON.stringify(answer.body)}\n`);
    return 0;
  }
  const { queries, standing } = answer.body as KeptList;
  if (queries.length + standing.length === 0) {
    context.out("Nothing is kept yet. Keep a query: squilla saved put NAME 'select …' --keep\n");
    return 0;
  }
  const named = new Set(standing.map((one) => one.query));
  const rows = [
    ...standing.map(({ name, problem, query }) => [
      query ?? '–',
      printable(name),
      problem === null ? 'kept' : printable(problem),
    ]),
    ...queries.filter((id) => !named.has(id)).map((id) => [id, '–', 'kept: a rule reads it']),
  ];
  const paint = createPaint(context.colors);
  const options = { columns: context.columns, paint };
  context.out(renderTable(['id', 'saved as', 'state'], rows, options));
  return 0;
}

function showLines(answer: SeriesAnswer, context: CliContext): void {
  const { fromMs, lines, linesMax, stepMs, toMs } = answer;
  if (lines.length === 0) {
    context.out('Nothing was kept of it in that time. See what is: squilla series\n');
    return;
  }
  const rows = lines.map(({ buckets, column, keys, sumIsTotal }) => {
    const total = buckets.reduce((sum, one) => sum + one.sum, 0);
    const windows = buckets.reduce((sum, one) => sum + one.windows, 0);
    const doubtful = buckets.reduce((sum, one) => sum + one.doubtful, 0);
    return [
      printable(
        keys.map((key) => (typeof key === 'string' ? key : JSON.stringify(key))).join(', '),
      ),
      printable(column),
      rounded(Math.min(...buckets.map(({ min }) => min))),
      rounded(total / windows),
      rounded(Math.max(...buckets.map(({ max }) => max))),
      sumIsTotal ? rounded(total) : '–',
      String(windows),
      String(doubtful),
      sparkline(thinned(buckets)),
    ];
  });
  const header = ['group', 'column', 'min', 'mean', 'max', 'total', 'windows', 'doubtful', 'past'];
  const paint = createPaint(context.colors);
  context.out(renderTable(header, rows, { columns: context.columns, paint }));
  const span = `${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;
  context.err(`${span}, buckets of ${stepMs / 1_000} s; mean, min and max are of windows\n`);
  if (lines.length === linesMax) context.err(`only the first ${linesMax} lines are shown\n`);
}

/** Neighbours share a mean, so that the line fits; what is missing is left out. */
function thinned(buckets: readonly Bucket[]): number[] {
  const size = Math.ceil(buckets.length / SPARKS);
  const values: number[] = [];
  for (let i = 0; i < buckets.length; i += size) {
    const some = buckets.slice(i, i + size);
    const windows = some.reduce((sum, one) => sum + one.windows, 0);
    values.push(some.reduce((sum, one) => sum + one.sum, 0) / windows);
  }
  return values;
}

function rounded(x: number): string {
  return String(Number(x.toPrecision(6)));
}

/** Null, or what is wrong. */
function addTimes(search: URLSearchParams, { from, step, to }: SeriesFlags): string | null {
  for (const [name, text] of Object.entries({ from, to })) {
    if (text === undefined) continue;
    const agoMs = durationMs(text);
    const ms = agoMs === null ? Date.parse(text) : Math.floor(systemClock.now() - agoMs);
    if (!Number.isFinite(ms)) return `--${name} is a time such as 2026-01-31T09:00Z, or 2d ago: 2d`;
    search.set(name, String(ms));
  }
  if (step === undefined) return null;
  const stepMs = durationMs(step);
  if (stepMs === null) return '--step is 10s, 1m or 10m';
  search.set('step', String(stepMs));
  return null;
}
