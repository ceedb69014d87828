/**
 * One query over one stream on both sides: the oracle's answer and the live path's, window by
 * window.
 */
import { createRng } from '../../src/core/rng.ts';
import type { Config } from '../../src/config.ts';
import { joinDelayMs, joinsStreams } from '../../src/ir/join.ts';
import type { CountWindow, QueryPlan } from '../../src/ir/plan.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { sampleOf } from '../../src/ir/source-stage.ts';
import { RULES } from '../../src/plan/optimize.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import type { ReferenceRun } from '../../src/reference/run.ts';
import {
  agentIdOf,
  homeRows,
  passedRows,
  sessionRows,
  sendings,
  runningRows,
  runShards,
  TABLES,
  windowRows,
} from './live-path.ts';
import type { DealtEvent, Feed, LivePanes, LivePathOptions } from './live-path.ts';
import { rowsDiffer } from './row-difference.ts';

/** How events get to the shards; no answer depends on it. */
export interface Arrangement {
  readonly shards: number;
  readonly feed: Feed;
  /** Agents lose their connection now and then, and send again what was not acknowledged. */
  readonly breaks?: boolean;
  readonly batchRows: number;
  /** Panes close one by one as the stream comes; else all at the end. */
  readonly stepwise: boolean;
  /** Step by step, some events come when their pane has closed, and are in no answer. */
  readonly late?: boolean;
  /** Of the order of events: any within the stream or, step by step, within their panes. */
  readonly seed: number;
}

/** One query planned twice: no rule of the optimizer may change an answer. */
export interface PlanPair {
  /** For the oracle: without any rule. */
  readonly plain: QueryPlan;
  /** For the live path. */
  readonly plan: QueryPlan;
}

/** The answer of one window, or of the whole query without one. */
export interface AnswerPair {
  readonly name: string;
  readonly engine: readonly ValueObject[];
  readonly oracle: readonly ValueObject[];
  /** False: rows of a plain select without a window, whose order is nobody's promise. */
  readonly ordered: boolean;
}

export interface BothAnswers {
  readonly pairs: readonly AnswerPair[];
  /** Null: both counted the same events. */
  readonly miscounted: string | null;
}

export const RULE_NAMES: readonly string[] = RULES.map((rule) => rule.name);

export function plansOf(text: string, withoutRules: readonly string[], config: Config): PlanPair {
  return { plain: planOf(text, RULE_NAMES, config), plan: planOf(text, withoutRules, config) };
}

function planOf(text: string, disabledRules: readonly string[], config: Config): QueryPlan {
  const options = { mode: 'live', config, disabledRules: new Set(disabledRules) } as const;
  const { plan, diagnostics } = planQuery(text, options);
  if (plan === null) throw new Error(`${text}: ${JSON.stringify(diagnostics)}`);
  return plan;
}

export function bothAnswers(
  { plain, plan }: PlanPair,
  stream: readonly DealtEvent[],
  how: Arrangement,
  { config, nowMs }: { readonly config: Config; readonly nowMs: number },
): BothAnswers {
  const { shards, feed } = how;
  const streams = plan.sources.map(({ pattern }) => pattern);
  // Where MAX cuts a session is decided by the events that came first.
  const isCut = plan.window.kind === 'session' && plan.window.maxMs !== null;
  // Events of two streams never leave in one batch.
  const isMixed = plan.window.kind === 'count' && streams.length > 1;
  const batchRows = isCut || isMixed ? 1 : how.batchRows;
  const chunks = isCut ? [inOrder(stream)] : chunksOf(plan, stream, how);
  const breaks = how.breaks ?? false;
  const options: LivePathOptions = {
    config,
    shards,
    feed,
    breaks,
    batchRows,
    chunks,
    nowMs,
    streams,
  };
  const given = lateAmong(plan, options);
  // A LIMIT of the whole query is counted per subscription, which is above the live path.
  const whole = { ...plain, final: { ...plain.final, endAfter: null } };
  const oracle = oracleOf(whole, options, given.onTime);
  const live = runShards(plan, options);
  return {
    pairs: pairsOf(plan, given.onTime, { config, live, oracle }),
    // What a sender left out behind the last word of a connection that broke, nobody hears of.
    miscounted: breaks ? null : miscount(plain, live, oracle, given.late),
  };
}

/**
 * The events in the order in which they are sent, without those that come when the pane they belong
 * to, or what a join holds around them, has closed.
 */
function lateAmong(
  plan: QueryPlan,
  { chunks }: LivePathOptions,
): { readonly onTime: ReadonlySet<DealtEvent>; readonly late: number } {
  const onTime = new Set<DealtEvent>();
  let closedMs = Number.NEGATIVE_INFINITY;
  let late = 0;
  for (const { events, closeMs } of chunks) {
    for (const event of events) {
      if (event.timeMs < closedMs) late++;
      else onTime.add(event);
    }
    if (closeMs !== null) closedMs = Math.max(closedMs, closeMs + joinDelayMs(plan.join));
  }
  return { onTime, late };
}

/** What differs between the two, in words; null: nothing. */
export function differenceOf({ pairs, miscounted }: BothAnswers): string | null {
  if (miscounted !== null) return miscounted;
  for (const { name, engine, oracle, ordered } of pairs) {
    const differs = rowsDiffer(engine, oracle, { ordered });
    if (differs !== null) return `${name}: ${differs}`;
  }
  return null;
}

function chunksOf(
  plan: QueryPlan,
  stream: readonly DealtEvent[],
  { late = false, stepwise, seed }: Arrangement,
): LivePathOptions['chunks'] {
  const events = shuffled(stream, seed);
  if (!stepwise || !closesByTime(plan)) return [{ events, closeMs: null }];
  const { paneMs } = plan.window;
  const paneOf = ({ timeMs }: DealtEvent): number => Math.floor(timeMs / paneMs);
  const panes = [...new Set(events.map(paneOf))].sort((a, b) => a - b);
  // What comes out of a join later is waited for.
  const delayMs = joinDelayMs(plan.join);
  const rng = createRng(seed + 1);
  const comesIn = new Map(
    events.map((event) => {
      const pane = panes.indexOf(paneOf(event));
      const isLate = late && rng.int(4) === 0;
      return [event, isLate ? pane + 1 + rng.int(panes.length - pane) : pane] as const;
    }),
  );
  const steps = panes.map((pane, step) => ({
    events: events.filter((event) => comesIn.get(event) === step),
    closeMs: Math.floor(((pane + 1) * paneMs - delayMs) / paneMs) * paneMs,
  }));
  const last = events.filter((event) => comesIn.get(event) === panes.length);
  return last.length === 0 ? steps : [...steps, { events: last, closeMs: null }];
}

/** Nobody asks the others to close. */
function closesByTime({ aggregate, join, window }: QueryPlan): boolean {
  if (joinsStreams(join)) return true;
  return window.kind === 'none' ? aggregate !== null : window.kind !== 'count';
}

function inOrder(stream: readonly DealtEvent[]): LivePathOptions['chunks'][number] {
  return { events: stream.toSorted((a, b) => a.timeMs - b.timeMs), closeMs: null };
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const rng = createRng(seed);
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function oracleOf(
  plan: QueryPlan,
  options: LivePathOptions,
  onTime: ReadonlySet<DealtEvent>,
): ReferenceRun {
  const sequences = new Map<string, number>();
  const events = options.chunks
    .flatMap((chunk) => sendings(chunk.events, options).flatMap(([, events]) => events))
    .flatMap((dealt) => {
      const { event, timeMs, sender, stream } = dealt;
      const agentId = agentIdOf(sender, options);
      const sequence = (sequences.get(`${stream} ${agentId}`) ?? 0) + 1;
      sequences.set(`${stream} ${agentId}`, sequence);
      const one = { event, timeMs, stream, agentId, sequence, offered: sequence };
      return onTime.has(dealt) ? [one] : [];
    });
  const { rememberedWindows, rememberedMs } = options.config;
  const tables = new Map(TABLES.map((table) => [table.name, table]));
  return runReference(plan, events, {
    ...{ nowMs: options.nowMs, rememberedWindows, rememberedMs, tables },
  });
}

function pairsOf(
  plan: QueryPlan,
  onTime: ReadonlySet<DealtEvent>,
  {
    config,
    live,
    oracle,
  }: { readonly config: Config; readonly live: LivePanes; readonly oracle: ReferenceRun },
): readonly AnswerPair[] {
  if (plan.window.kind === 'time') {
    const ends = oracle.windows.map(({ windowEnd }) => windowEnd!);
    const answers = windowRows(plan, live.panes, ends, config);
    return oracle.windows.map(({ rows, windowEnd }, i) => {
      return { name: `window to ${windowEnd}`, engine: answers[i]!, oracle: rows, ordered: true };
    });
  }
  if (plan.window.kind === 'count') return countPairs(plan, plan.window, live, oracle);
  if (plan.window.kind === 'session') return [sessionPair(plan, live, oracle)];
  const wanted = oracle.windows[0]!.rows;
  if (plan.aggregate === null) {
    const engine = passedRows(plan, live.rows);
    return [{ name: 'rows', engine, oracle: wanted, ordered: false }];
  }
  const times = [...onTime].map(({ timeMs }) => timeMs);
  const elapsedMs = times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
  const engine = runningRows(plan, live.panes, elapsedMs);
  return [{ name: 'running value', engine, oracle: wanted, ordered: true }];
}

/** A live window that never fills is never told. */
function countPairs(
  plan: QueryPlan,
  { count }: CountWindow,
  live: LivePanes,
  oracle: ReferenceRun,
): readonly AnswerPair[] {
  const answers = homeRows(plan, live.homeWindows);
  const full = Math.floor(oracle.matched / count);
  return Array.from({ length: Math.max(full, answers.length) }, (_, i) => {
    const window = oracle.windows[i];
    const { windowStart, windowEnd, rows = [] } = i < full && window !== undefined ? window : {};
    const wanted = rows.map((row) => ({
      window_start: windowStart!,
      window_end: windowEnd!,
      ...row,
    }));
    const engine = answers[i] ?? [];
    return { name: `window ${i + 1}`, engine, oracle: wanted, ordered: true };
  });
}

function sessionPair(plan: QueryPlan, live: LivePanes, oracle: ReferenceRun): AnswerPair {
  const wanted = oracle.windows.flatMap(({ rows, windowEnd, windowStart }) =>
    rows.map((row) => ({ window_start: windowStart!, window_end: windowEnd!, ...row })),
  );
  const engine = sessionRows(plan, live.sessions);
  return { name: 'sessions', engine, oracle: wanted, ordered: true };
}

/**
 * Of late events those that the filter or the sample refused count as seen in a later pane, or at
 * agents that aggregate not at all.
 */
function miscount(
  plain: QueryPlan,
  live: LivePanes,
  oracle: ReferenceRun,
  late: number,
): string | null {
  // What is in the window that fills is counted when it is told.
  if (plain.window.kind === 'count') return null;
  // A HAVING over keys may move into the filter, which then lets fewer events pass.
  const matches = plain.final.having !== null || live.matched === oracle.matched;
  // HAVING may have become a filter.
  const filters = plain.source.where !== null || plain.final.having !== null;
  const refuses = filters || sampleOf(plain) !== null || plain.join !== null;
  const isExact = late === 0 || !refuses;
  const sees = isExact
    ? live.seen === oracle.seen && live.late === late
    : live.seen >= oracle.seen && live.seen + live.late <= oracle.seen + late;
  if (matches && sees) return null;
  const counts = JSON.stringify({ seen: live.seen, matched: live.matched, late: live.late });
  return `counts ${counts}, wanted ${oracle.seen} seen, ${oracle.matched} matched, ${late} late`;
}
