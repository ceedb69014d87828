/**
 * EXPLAIN: a plan as a readable tree, top down along the way of an event: what runs where events
 * are made, what in the shards, what once at the merge.
 */
import { durationText } from '../analyze/amounts.ts';
import { DEFAULTS } from '../config.ts';
import { seriesFacts } from '../operator/series-stage.ts';
import { AGGREGATES } from '../aggregate/catalogue.ts';
import { globMatches } from '../ir/glob.ts';
import type {
  HomeReason,
  HomeStage,
  OrderKey,
  OutputColumn,
  QueryPlan,
  SampleSpec,
  WindowSpec,
} from '../ir/plan.ts';
import type { ReplayMoment, ReplaySpec } from '../ir/replay.ts';
import { whyNotAtAgents } from './edge-aggregation.ts';
import type { EdgeChoice } from './edge-aggregation.ts';
import { joinAgentLines, joinStepLines, withPlainAliases } from './explain-join.ts';
import { aggregateText, expressionText, readText, seriesText } from './ir-text.ts';
import type { PlannedView } from './plan-views.ts';

export interface ExplainOptions {
  /** Names of the optimizer rules that changed the plan. */
  readonly rules?: readonly string[];
  readonly replay?: ReplaySpec | null;
  /** The views that the query reads; their plans come below its own. */
  readonly views?: readonly PlannedView[];
  /** True: views are named where they are read, and no more. */
  readonly isFlat?: boolean;
  /** What is known of the streams now. */
  readonly streams?: readonly StreamEstimate[];
  /** Where an engine aggregates the plan; absent: what the plan allows. */
  readonly edgeOf?: (plan: QueryPlan) => EdgeChoice;
}

export interface StreamEstimate {
  readonly name: string;
  readonly agents: number;
  /** Null: nobody asks, so nothing is counted. */
  readonly eventsPerSecond: number | null;
}

export function explainPlan(plan: QueryPlan, options: ExplainOptions = {}): string {
  const lines = [
    plan.canonical,
    `fingerprint ${plan.fingerprint}`,
    ...replayLines(options.replay ?? null),
    ...(plan.join === null ? agentLines(plan, options) : joinAgentLines(plan.join)),
    ...(plan.home === null ? [] : exchangeLines(plan.home, plan)),
    ...windowLines(plan),
    ...mergeLines(plan),
  ];
  if (options.rules !== undefined) {
    lines.push(`rules: ${options.rules.length === 0 ? 'none' : options.rules.join(', ')}`);
  }
  if (options.isFlat !== true) lines.push(...viewLines(options));
  const text = lines.join('\n');
  return plan.join === null ? text : withPlainAliases(text, plan.join);
}

function replayLines(replay: ReplaySpec | null): readonly string[] {
  if (replay === null) return [];
  const { from, until } = replay;
  const end = until === null ? 'live' : momentText(until);
  return ['recorder', `└─ replays: from ${momentText(from)} to ${end}`];
}

function momentText(moment: ReplayMoment): string {
  switch (moment.kind) {
    case 'ago':
      return `${durationText(moment.ms)} ago`;
    case 'at':
      return new Date(moment.ms).toISOString();
    case 'computed':
      return expressionText(moment.expression);
  }
}

function viewLines({ views = [], ...options }: ExplainOptions): readonly string[] {
  return views.flatMap(({ name, version, planned }) => {
    const { plan, rules, views: inner } = planned;
    const lines = explainPlan(plan, { ...options, rules, views: inner, replay: null }).split('\n');
    return [`view ${name} · version ${version}`, ...lines.map((line) => `   ${line}`)];
  });
}

function agentLines(plan: QueryPlan, options: ExplainOptions): readonly string[] {
  const { source, sources } = plan;
  const views = new Map(options.views?.map(({ stream, name }) => [stream, `${name} (view)`]));
  const streams = sources.map(({ pattern, glob }) =>
    glob ? `${pattern} (pattern)` : (views.get(pattern) ?? pattern),
  );
  const ships = source.fields.map(readText);
  if (source.allFields) ships.unshift('every field');
  return [
    'agent',
    `├─ streams: ${streams.join(', ')}`,
    ...estimateLines(sources, options.streams ?? []),
    ...(source.sample === null ? [] : [`├─ sample: ${sampleText(source.sample)}`]),
    `├─ filter: ${source.where === null ? 'none' : expressionText(source.where)}`,
    ...aggregationLines(plan, options),
    `└─ ships: ${ships.length === 0 ? 'counts only' : ships.join(', ')}`,
  ];
}

function aggregationLines(plan: QueryPlan, { edgeOf }: ExplainOptions): readonly string[] {
  if (plan.aggregate === null) return [];
  const { because } = edgeOf?.(plan) ?? { because: whyNotAtAgents(plan) };
  if (because !== null) return [`├─ aggregates: nothing, because ${because}`];
  const pane = durationText(plan.window.paneMs);
  return [`├─ aggregates: by itself, and sends a partial for each pane of ${pane}`];
}

function estimateLines(
  sources: QueryPlan['sources'],
  streams: readonly StreamEstimate[],
): readonly string[] {
  return streams
    .filter(({ name }) => sources.some((source) => globMatches(source, name)))
    .map(({ name, agents, eventsPerSecond }) => {
      const rate = eventsPerSecond === null ? 'rate unknown' : `about ${eventsPerSecond} events/s`;
      return `├─ estimate: ${name} ${rate}, ${agents} ${agents === 1 ? 'agent' : 'agents'}`;
    });
}

/** `2 of 100 by chance`, `50 of 100 by esn, salt 7, extrapolated`. */
function sampleText(sample: SampleSpec): string {
  if (sample.kind === 'rps') {
    const extrapolated = sample.extrapolate ? ', extrapolated by weights' : '';
    return `${sample.perSecond} a second, dealt to the agents${extrapolated}`;
  }
  const { threshold, factor, salt } = sample;
  const by = sample.kind === 'random' ? 'chance' : sample.keys.join(', ');
  const parts = [`${threshold} of ${factor} by ${by}`];
  if (salt !== '0') parts.push(`salt ${salt}`);
  if (sample.kind === 'sticky' && sample.separator) parts.push('separated');
  if (sample.extrapolate) parts.push('extrapolated');
  return parts.join(', ');
}

const HOME_REASONS: Readonly<Record<HomeReason, string>> = {
  join: 'events of several streams must meet',
  'count-window': 'a number of events is counted in one order',
  'session-window': 'a session may have events at every shard',
  'rate-sample': 'a number of events a second is counted over all',
};

/** What shards do that are not the query's home. */
function exchangeLines(home: HomeStage, { join, source }: QueryPlan): readonly string[] {
  if (join !== null) return ['shard', '└─ sends home: what agents ship'];
  const sends = home.fields.map(readText);
  if (source.allFields) sends.unshift('every field');
  return ['shard', `└─ sends home: ${sends.length === 0 ? 'event times only' : sends.join(', ')}`];
}

function windowLines(plan: QueryPlan): readonly string[] {
  const { aggregate, home } = plan;
  const reasons = home?.reasons.map((reason) => HOME_REASONS[reason]).join(', ');
  const head = reasons === undefined ? ['shard'] : ['home shard', `├─ because ${reasons}`];
  if (plan.join !== null) head.push(...joinStepLines(plan.join, plan.source.where));
  if (aggregate === null) {
    const project = plan.project.map((node) => expressionText(node)).join(', ');
    return [...head, `├─ ${windowText(plan.window)}`, `└─ rows: ${project || 'empty'}`];
  }
  const keys = aggregate.keys.map((node) => expressionText(node)).join(', ');
  const lines = [...head, `├─ ${windowText(plan.window)}`];
  lines.push(`├─ groups: ${keys === '' ? 'one' : `by ${keys}, at most ${aggregate.groupsMax}`}`);
  for (const [index, spec] of aggregate.aggregates.entries()) {
    const branch = index === aggregate.aggregates.length - 1 ? '└─' : '├─';
    const bound = AGGREGATES.get(spec.name)?.errorBound ?? null;
    lines.push(`${branch} ${aggregateText(spec)}${bound === null ? '' : ` · ${bound}`}`);
  }
  return lines;
}

function mergeLines(plan: QueryPlan): readonly string[] {
  const { final } = plan;
  const slots = slotTexts(plan);
  const steps: string[] = [...seriesSteps(plan, slots)];
  if (final.having !== null) steps.push(`having: ${expressionText(final.having, slots)}`);
  if (final.arrangeBy.length > 0) {
    steps.push(`arranged by: ${final.arrangeBy.map((n) => expressionText(n, slots)).join(', ')}`);
  }
  if (final.orderBy.length > 0) {
    steps.push(`order: ${final.orderBy.map((key) => orderText(key, slots)).join(', ')}`);
  }
  if (final.rowsMax !== null) steps.push(`limit: ${final.rowsMax} rows each time`);
  if (final.endAfter !== null) steps.push(`limit: ends after ${final.endAfter} rows`);
  if (final.emitEveryMs !== null) steps.push(`emit every: ${durationText(final.emitEveryMs)}`);
  if (final.latenessMs > 0) steps.push(`amendable for: ${durationText(final.latenessMs)}`);
  steps.push(`columns: ${final.columns.map((column) => columnText(column, slots)).join(', ')}`);
  return [
    'merge',
    ...steps.map((step, index) => `${index === steps.length - 1 ? '└─' : '├─'} ${step}`),
  ];
}

function slotTexts({ aggregate, project, series }: QueryPlan): readonly string[] {
  const texts =
    aggregate === null
      ? project.map((node) => expressionText(node))
      : [
          ...aggregate.keys.map((node) => expressionText(node)),
          ...aggregate.aggregates.map(aggregateText),
        ];
  for (const spec of series?.functions ?? []) texts.push(seriesText(spec, texts));
  return texts;
}

/** What functions over series remember, and when they begin to answer. */
function seriesSteps(plan: QueryPlan, slots: readonly string[]): readonly string[] {
  const { series } = plan;
  if (series === null) return [];
  const facts = seriesFacts(plan, series, DEFAULTS);
  const from = slots.length - series.functions.length;
  return [
    ...facts.warmUps.map((warmUp, i) => {
      return `series: ${slots[from + i]}${warmUp === null ? '' : ` · known after ${warmUp}`}`;
    }),
    `series memory: ${facts.bytesOfGroup} bytes a group, at most ${facts.groupsMax} groups`,
  ];
}

function windowText(window: WindowSpec): string {
  switch (window.kind) {
    case 'none':
      return 'window: none';
    case 'count': {
      const { count, timeoutMs } = window;
      const timeout = timeoutMs === null ? '' : `, or ${durationText(timeoutMs)} after its first`;
      return `window: every ${count} events${timeout}`;
    }
    case 'session': {
      const { gapMs, maxMs } = window;
      const max = maxMs === null ? '' : `, at most ${durationText(maxMs)} long`;
      return `window: sessions with gaps under ${durationText(gapMs)}${max}`;
    }
    case 'time':
      return timeWindowText(window);
  }
}

function timeWindowText(window: Extract<WindowSpec, { kind: 'time' }>): string {
  const { paneMs, sizeMs, slideMs } = window;
  const kind = sizeMs === slideMs ? 'tumbling' : `sliding every ${durationText(slideMs)}`;
  const panes = paneMs === sizeMs ? '' : `, in panes of ${durationText(paneMs)}`;
  return `window: ${durationText(sizeMs)} ${kind}${panes}`;
}

function orderText(key: OrderKey, slots: readonly string[]): string {
  const direction = key.descending ? 'DESC' : 'ASC';
  return `${expressionText(key.expression, slots)} ${direction} NULLS ${key.nulls.toUpperCase()}`;
}

function columnText(column: OutputColumn, slots: readonly string[]): string {
  if (column.spread) return column.name;
  const text = expressionText(column.expression, slots);
  const role = column.role === 'key' ? ' (key)' : '';
  return text === column.name ? `${text}${role}` : `${column.name} = ${text}${role}`;
}
