/**
 * Backtests for clients: what was kept is read here, a slice at a time so that no window waits, and
 * the rest is done in a Piscina thread. Bounded: `backtestsMax` at once, each `backtestMs` long;
 * one that is aborted ends with its thread.
 */
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { BacktestReport } from '../alert/backtest.ts';
import type { CheckedRule } from '../alert/check-rules.ts';
import { neededColumns } from '../alert/series-backtest.ts';
import type { KeptColumnLine, KeptPast, NeededColumn } from '../alert/series-backtest.ts';
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import type { BacktestJob, BacktestPort } from '../gateway/backtest-handler.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';
import type { MeasuredSeries } from '../store/series-measures.ts';
import { SERIES_LEVELS } from '../store/series-store.ts';
import type { KeptLine, SeriesRange } from '../store/series-store.ts';
import type { BacktestOutcome, BacktestTask } from './backtest-task.ts';
import type { PlanPool } from './plan-pool.ts';

export interface KeptSeriesPort {
  read(range: SeriesRange): readonly KeptLine[];
  find(measure: string): MeasuredSeries | null;
}

export interface BacktestDeskParts {
  readonly pool: Pick<PlanPool, 'readJson'>;
  readonly config: Config;
  readonly now: () => number;
  readonly saved: () => ViewDefinitions;
  /** Undefined where nothing is kept. */
  readonly series: () => KeptSeriesPort | undefined;
}

const IDLE_MS = 10_000;
/** Buckets that are read before others have their turn, and of one backtest. */
const SLICE_BUCKETS = 4_000;
const BUCKETS_MAX = 500_000;
const THREAD_MEGABYTES = 512;
/** Lines of groups that are looked at. */
const LINES_MAX = 500;

export class BacktestDesk implements BacktestPort {
  readonly #parts: BacktestDeskParts;
  #pool: Piscina | null = null;
  #running = 0;

  constructor(parts: BacktestDeskParts) {
    this.#parts = parts;
  }

  /** By another thread than backtests: they may all be busy, and who asks shall hear that. */
  async readJson(body: Uint8Array): Promise<unknown> {
    const { config, pool } = this.#parts;
    const read = await pool.readJson({ body, config }).catch((cause: unknown) => {
      throw new EngineError('ENGINE_BUSY', 'Other long texts are waiting.', { cause });
    });
    if (read.ok) return read.value;
    throw new EngineError('ENGINE_BAD_REQUEST', read.error);
  }

  async run(job: BacktestJob): Promise<BacktestReport> {
    const { backtestMs, backtestsMax } = this.#parts.config;
    if (this.#running >= backtestsMax) {
      throw new EngineError('ENGINE_BUSY', `${backtestsMax} backtests run already.`);
    }
    this.#running++;
    const timeout = AbortSignal.timeout(backtestMs);
    try {
      const signal = AbortSignal.any([job.signal, timeout]);
      const outcome = await this.#outcome(job, signal);
      if (typeof outcome !== 'string') return outcome;
      throw new EngineError('ENGINE_BAD_REQUEST', outcome);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      if (!timeout.aborted) throw error;
      const detail = `it took longer than \`backtestMs\` (${backtestMs} ms)`;
      throw new EngineError('LIMIT_BACKTEST', detail, { cause: error });
    } finally {
      this.#running--;
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
    this.#pool = null;
  }

  async #outcome(job: BacktestJob, signal: AbortSignal): Promise<BacktestOutcome> {
    const past =
      'events' in job.past
        ? job.past
        : { series: await this.#kept(job.checked, job.past.series, signal) };
    if (typeof past === 'object' && 'series' in past && typeof past.series === 'string') {
      return past.series;
    }
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (share: number) => job.progress(share));
    const saved = this.#parts.saved();
    const task: BacktestTask = {
      rule: job.checked.text,
      thresholds: job.thresholds,
      saved: saved.names().flatMap((name) => {
        const view = saved.get(name);
        if (view === undefined) return [];
        return [{ name, version: view.version, text: view.text, params: view.params }];
      }),
      past: past as BacktestTask['past'],
      port: port2,
    };
    try {
      const how = { name: 'backtest', signal, transferList: [port2] };
      return (await this.#threads().run(task, how)) as BacktestOutcome;
    } finally {
      port1.close();
    }
  }

  /** What was kept of the rule's columns; a text instead: why nothing was. */
  async #kept(
    checked: CheckedRule,
    range: { readonly fromMs: number; readonly toMs: number },
    signal: AbortSignal,
  ): Promise<KeptPast | string> {
    const series = this.#parts.series();
    if (series === undefined) return 'this engine keeps no series; use events';
    const needed = neededColumns(checked);
    if (typeof needed === 'string') return needed;
    const ageMs = this.#parts.now() - range.fromMs;
    const level = SERIES_LEVELS.find(({ keptMs }) => keptMs >= ageMs) ?? SERIES_LEVELS.at(-1)!;
    const { stepMs } = level;
    const lines = new Map<string, Writable>();
    let left = BUCKETS_MAX;
    for (const column of needed) {
      const source = series.find(column.measure);
      if (source === null) return `\`${column.column}\` was not kept; ${HOW_TO_KEEP}`;
      const slices = slicesOf(series, { ...source, ...range, stepMs });
      for await (const slice of slices) {
        signal.throwIfAborted();
        for (const line of slice) left -= append(lines, column, line);
        if (left < 0) return 'too much was kept to look at; choose a shorter time';
      }
    }
    if (lines.size === 0) return `nothing was kept of that time; ${HOW_TO_KEEP}`;
    return { ...range, stepMs, lines: [...lines.values()] };
  }

  #threads(): Piscina {
    this.#pool ??= new Piscina({
      filename: new URL('./backtest-task.js', import.meta.url).href,
      ...{ minThreads: 0, maxThreads: 1, idleTimeout: IDLE_MS },
      maxQueue: this.#parts.config.backtestsMax,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MEGABYTES },
    });
    return this.#pool;
  }
}

const HOW_TO_KEEP =
  'series are kept of queries that rules read, and of saved queries with `keep`. Or use events';

interface Writable extends KeptColumnLine {
  readonly startMs: number[];
  readonly mean: number[];
  readonly windows: number[];
  readonly doubtful: number[];
}

/** Slices of time, each as long as its lines allow; others have their turn in between. */
async function* slicesOf(
  series: KeptSeriesPort,
  range: MeasuredSeries & { fromMs: number; toMs: number; stepMs: number },
): AsyncGenerator<readonly KeptLine[]> {
  const { column, query, stepMs } = range;
  let steps = 30;
  for (let fromMs = Math.floor(range.fromMs / stepMs) * stepMs; fromMs < range.toMs;) {
    const toMs = Math.min(range.toMs, fromMs + steps * stepMs);
    const lines = series.read({
      ...{ query, column, keys: null, fromMs, toMs, stepMs, linesMax: LINES_MAX },
    });
    yield lines;
    fromMs = toMs;
    steps = Math.max(1, Math.floor(SLICE_BUCKETS / Math.max(1, lines.length)));
    await new Promise((resume) => setImmediate(resume));
  }
}

/** Returns how many buckets there were. */
function append(
  lines: Map<string, Writable>,
  { column }: NeededColumn,
  { buckets, keys }: KeptLine,
): number {
  const name = `${column} ${keys}`;
  let line = lines.get(name);
  if (line === undefined) {
    line = { column, keys, startMs: [], mean: [], windows: [], doubtful: [] };
    lines.set(name, line);
  }
  for (const { doubtful, startMs, sum, windows } of buckets) {
    line.startMs.push(startMs);
    line.mean.push(sum / windows);
    line.windows.push(windows);
    line.doubtful.push(doubtful);
  }
  return buckets.length;
}
