/**
 * The plan of a running query with what flows through it now: a row a line of EXPLAIN, views below
 * the query that reads them.
 */
import type { ValueObject } from '../model/value.ts';
import { explainPlan } from '../plan/explain.ts';
import type { RunnableQuery } from '../plan/plan-views.ts';
import type { ResultColumn } from '../wire/results.ts';
import type { Pipeline } from './pipeline.ts';
import type { StreamFlow } from './stream-flow.ts';

export const ANALYSIS_COLUMNS: readonly ResultColumn[] = [
  { name: 'plan', type: 'string', role: 'value' },
  { name: 'in_per_second', type: 'number', role: 'value' },
  { name: 'out_per_second', type: 'number', role: 'value' },
  { name: 'in', type: 'number', role: 'value' },
  { name: 'out', type: 'number', role: 'value' },
  { name: 'bytes', type: 'number', unit: 'bytes', role: 'value' },
  { name: 'note', type: 'string', role: 'value' },
];

/** What the caller knows of one query that runs. */
export interface LiveQuery {
  readonly pipeline: Pipeline;
  readonly flow: StreamFlow;
  /** The same, a second; null: too early to say. */
  readonly flowPerSecond: StreamFlow | null;
  /** Events a second that the catalogue expected when this began; null: it did not know. */
  readonly estimatedPerSecond: number | null;
  /** Queries and rules that read it inside the engine. */
  readonly readers: number;
  /** Its other names, if views are what it is read as. */
  readonly nowMs: number;
}

export function analysisRows(
  planned: RunnableQuery,
  live: (fingerprint: string) => LiveQuery | null,
): ValueObject[] {
  const query = live(planned.plan.fingerprint);
  const rows = explainPlan(planned.plan, {
    rules: planned.rules,
    views: planned.views,
    isFlat: true,
    ...(query === null ? {} : { edgeOf: () => query.pipeline.edge }),
  })
    .split('\n')
    .map((plan): ValueObject => ({ plan, ...(query === null ? {} : measured(plan, query)) }));
  if (query !== null) rows.splice(1, 0, ...standing(query));
  for (const view of planned.views) {
    rows.push({ plan: `view ${view.name} · version ${view.version}` });
    for (const { plan, ...rest } of analysisRows(view.planned, live)) {
      rows.push({ plan: `   ${String(plan)}`, ...rest });
    }
  }
  return rows;
}

/** The head line of each stage says what goes in and comes out. */
function measured(line: string, query: LiveQuery): ValueObject {
  switch (line) {
    case 'agent':
      return agentStage(query);
    case 'shard':
    case 'home shard':
      return shardStage(query);
    case 'merge':
      return mergeStage(query);
    default:
      return {};
  }
}

function agentStage({ flow, flowPerSecond, estimatedPerSecond }: LiveQuery): ValueObject {
  const notes = [`${flow.agents} ${flow.agents === 1 ? 'agent' : 'agents'}`];
  if (flow.aggregated > 0) notes.push(`${flow.aggregated} counted there and not sent`);
  if (flow.sampledOut > 0) notes.push(`${flow.sampledOut} sampled out`);
  notes.push(`${flow.filtered} wanted by no query`);
  if (estimatedPerSecond !== null) notes.push(`estimated ${estimatedPerSecond}/s`);
  return {
    in_per_second: flowPerSecond?.offered ?? null,
    out_per_second: flowPerSecond && flowPerSecond.sent + flowPerSecond.aggregated,
    in: flow.offered,
    out: flow.sent + flow.aggregated,
    bytes: flow.bytes,
    note: notes.join(', '),
  };
}

function shardStage({ pipeline, nowMs, flow }: LiveQuery): ValueObject {
  const rates = pipeline.meter.perSecond(nowMs);
  const notes = [`${flow.received} received and ${flow.evaluated} evaluated for all queries`];
  if (pipeline.groups > 0) notes.push(`${pipeline.groups} groups`);
  if (pipeline.late > 0) notes.push(`${pipeline.late} late`);
  return {
    in_per_second: rates?.seen ?? null,
    out_per_second: rates?.matched ?? null,
    in: pipeline.seen,
    out: pipeline.matched,
    bytes: pipeline.meter.stateBytes,
    note: notes.join(', '),
  };
}

function mergeStage({ pipeline, nowMs }: LiveQuery): ValueObject {
  const rates = pipeline.meter.perSecond(nowMs);
  const { windows, total } = pipeline.meter;
  return {
    in_per_second: rates?.merged ?? null,
    out_per_second: rates?.rows ?? null,
    in: total.merged,
    out: total.rows,
    note:
      windows === 0 ? 'rows as they come' : `${windows} windows, last one ${pipeline.lastStatus}`,
  };
}

function standing({ pipeline, readers, nowMs }: LiveQuery): ValueObject[] {
  const { watermarkMs } = pipeline.group.standing(nowMs);
  const isKnown = Number.isFinite(watermarkMs);
  const lag = isKnown ? `${Math.max(0, Math.round(nowMs - watermarkMs))} ms behind` : 'not known';
  const clients = pipeline.audience.subscriptions.size;
  const seconds = Math.round((nowMs - pipeline.startedAtMs) / 1_000);
  const shared = [`${clients} ${clients === 1 ? 'subscriber' : 'subscribers'}`];
  if (readers > 0) shared.push(`read by ${readers} inside the engine`);
  if (pipeline.watchers > 1) shared.push(`${pipeline.watchers} watch it`);
  const owner = pipeline.owner === null ? '' : `, first asked by ${pipeline.owner}`;
  return [
    { plan: `running for ${seconds} s${owner}` },
    { plan: `sharing: ${shared.join(', ')}` },
    { plan: `watermark: ${isKnown ? new Date(watermarkMs).toISOString() : 'none'}, ${lag}` },
  ];
}
