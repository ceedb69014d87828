/**
 * `POST /api/v1/rules/backtest`: what a rule would have done, as lines of JSON: `progress` while it
 * runs, then `report` or `error`. Whoever closes the connection ends it.
 */
import { checkRules, hasMistakes } from '../alert/check-rules.ts';
import type { BacktestReport } from '../alert/backtest.ts';
import type { CheckedRule } from '../alert/check-rules.ts';
import type { FileMistake } from '../alert/rule-file.ts';
import { variantsOf } from '../alert/rule-variants.ts';
import { EngineError } from '../core/errors.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { GatewayRequest } from './http-request.ts';
import { problem } from './problem.ts';
import { readBody } from './request-body.ts';

export interface BacktestJob {
  readonly checked: CheckedRule;
  readonly thresholds: readonly number[];
  readonly past: BacktestPast;
  readonly signal: AbortSignal;
  /** Share that is done, 0 … 1. */
  readonly progress: (share: number) => void;
}

export type BacktestPast =
  | { readonly events: { readonly stream: string; readonly time: string; readonly ndjson: string } }
  | { readonly series: { readonly fromMs: number; readonly toMs: number } };

export interface BacktestPort {
  /** A body as JSON, read off this thread: it may have all events of a day. @throws EngineError */
  readJson(body: Uint8Array): Promise<unknown>;
  /** @throws EngineError ENGINE_BAD_REQUEST, ENGINE_BUSY, LIMIT_BACKTEST; whatever `signal` has. */
  run(job: BacktestJob): Promise<BacktestReport>;
}

/** Thresholds of one sweep. */
const THRESHOLDS_MAX = 50;
const DAY_MS = 86_400_000;

export async function backtestRule(
  request: GatewayRequest,
  context: GatewayContext,
): Promise<Response> {
  const { backtests } = context.engine;
  if (backtests === undefined) throw new EngineError('ENGINE_STARTING', 'No rules are run yet.');
  const body = objectOf(await readLargeJson(request, context, backtests), 'the body');
  const checked = await ruleOf(body, context);
  const job = { checked, thresholds: thresholdsOf(body, checked), past: pastOf(body, context) };
  return new Response(answer(backtests, job), {
    headers: { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store, no-transform' },
  });
}

async function readLargeJson(
  request: GatewayRequest,
  context: GatewayContext,
  backtests: BacktestPort,
): Promise<unknown> {
  const lease = context.bodies.open();
  try {
    const { incoming } = request.env;
    return await backtests.readJson(
      await readBody(incoming, context.config.backtestBytesMax, lease),
    );
  } finally {
    lease.release();
  }
}

function answer(
  backtests: BacktestPort,
  job: Omit<BacktestJob, 'signal' | 'progress'>,
): ReadableStream<Uint8Array> {
  const aborting = new AbortController();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const line = (message: object): void => {
        if (aborting.signal.aborted) return;
        controller.enqueue(encoder.encode(`${JSON.stringify(message)}\n`));
      };
      const progress = (done: number): void => line({ type: 'progress', done });
      progress(0);
      backtests
        .run({ ...job, signal: aborting.signal, progress })
        .then((report) => line({ type: 'report', report }))
        .catch((error: unknown) => line({ type: 'error', problem: problemOf(error) }))
        .finally(() => {
          if (!aborting.signal.aborted) controller.close();
        });
    },
    cancel: () => aborting.abort(),
  });
}

function problemOf(error: unknown): object {
  if (error instanceof EngineError) return problem(error.code, error.detail);
  return problem('ENGINE_INTERNAL', 'The backtest failed.');
}

async function ruleOf(
  body: Readonly<Record<string, unknown>>,
  { config, engine }: GatewayContext,
): Promise<CheckedRule> {
  const { text } = body;
  if (typeof text !== 'string' || text.length > config.controlBytesMax) {
    throw bad('text', `\`text\` is one rule in YAML, of at most ${config.controlBytesMax} bytes.`);
  }
  const check = await engine.rules.checkElsewhere(text);
  if (check !== null && !isOneRule(check)) throw notOneRule(check.mistakes);
  const found = checkRules(text, engine.rules.scope());
  const [checked] = found.rules;
  if (checked !== undefined && isOneRule(found)) return checked;
  throw notOneRule(found.mistakes);
}

/** Whether a text is one rule and nothing is wrong with it. */
export function isOneRule(check: {
  readonly rules: readonly unknown[];
  readonly mistakes: readonly FileMistake[];
}): boolean {
  return check.rules.length === 1 && !hasMistakes(check.mistakes);
}

export function notOneRule(mistakes: readonly FileMistake[]): EngineError {
  const first = mistakes.find(({ severity }) => severity === 'error') ?? mistakes[0];
  const detail = first?.message ?? 'expected one rule';
  return new EngineError('ENGINE_BAD_RULES', detail, { data: { mistakes } });
}

function thresholdsOf(
  { sweep = [] }: Readonly<Record<string, unknown>>,
  checked: CheckedRule,
): number[] {
  const isList = Array.isArray(sweep) && sweep.every((value) => Number.isFinite(value));
  if (!isList || sweep.length > THRESHOLDS_MAX) {
    throw bad('sweep', `\`sweep\` is a list of at most ${THRESHOLDS_MAX} numbers.`);
  }
  const variants = variantsOf(checked, sweep as number[]);
  if (typeof variants === 'string') throw bad('sweep', variants);
  return sweep as number[];
}

function pastOf(body: Readonly<Record<string, unknown>>, { clock }: GatewayContext): BacktestPast {
  const { events, series } = body;
  if (events !== undefined) {
    const { ndjson, stream, time } = objectOf(events, '`events`');
    if (typeof stream !== 'string' || typeof time !== 'string' || typeof ndjson !== 'string') {
      throw bad('events', '`events` has `stream`, `time` (a field) and `ndjson`.');
    }
    return { events: { stream, time, ndjson } };
  }
  const { from, to } = objectOf(series ?? {}, '`series`');
  const toMs = typeof to === 'number' ? to : Math.floor(clock.now());
  const fromMs = typeof from === 'number' ? from : toMs - DAY_MS;
  if (fromMs < toMs) return { series: { fromMs, toMs } };
  throw bad('series', '`from` is before `to`, both ms UTC.');
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new EngineError('ENGINE_BAD_REQUEST', `${what} must be a JSON object.`);
}

function bad(parameter: string, detail: string): EngineError {
  return new EngineError('ENGINE_BAD_REQUEST', detail, { data: { parameter } });
}
