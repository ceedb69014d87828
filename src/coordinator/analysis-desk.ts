/**
 * EXPLAIN ANALYZE: whoever looks on shares the running query, or starts it, and hears once a second
 * what flows through it. Nothing is counted for the sake of it.
 */
import type { SchemaMessage } from '../wire/results.ts';
import type { RunnableQuery } from '../plan/plan-views.ts';
import { ANALYSIS_COLUMNS, analysisRows } from './analysis-rows.ts';
import type { LiveQuery } from './analysis-rows.ts';
import { plainCompleteness } from './explain-rows.ts';
import type { EngineLedger } from './ledger.ts';
import type { CoordinatorEffect } from './messages.ts';
import type { PipelineRegistry } from './pipeline-registry.ts';
import type { Pipeline } from './pipeline.ts';
import type { Roster } from './roster.ts';
import { encodeRows } from './rows-message.ts';
import { streamFlow } from './stream-flow.ts';
import type { StreamFlow } from './stream-flow.ts';
import type { StreamRates } from './stream-rates.ts';

const EVERY_MS = 1_000;

export interface AnalysisParts {
  readonly roster: Roster;
  readonly ledger: EngineLedger;
  readonly rates: StreamRates;
  readonly registry: Pick<PipelineRegistry, 'pipelines' | 'readersOf' | 'renew'>;
  readonly emit: (effect: CoordinatorEffect) => void;
}

interface Sample {
  readonly atMs: number;
  readonly flow: StreamFlow;
}

interface Analysis {
  readonly subscription: string;
  readonly planned: RunnableQuery;
  readonly pipeline: Pipeline;
  /** By pipeline; views have their own. */
  readonly samples: Map<Pipeline, Sample>;
  readonly estimates: Map<Pipeline, number | null>;
}

export class AnalysisDesk {
  readonly #parts: AnalysisParts;
  readonly #open = new Map<string, Analysis>();
  #nextMs = 0;

  constructor(parts: AnalysisParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#open.size;
  }

  open(
    subscription: string,
    planned: RunnableQuery,
    { pipeline, schema }: { readonly pipeline: Pipeline; readonly schema: SchemaMessage },
    nowMs: number,
  ): void {
    const analysis: Analysis = {
      ...{ subscription, planned, pipeline },
      samples: new Map(),
      estimates: new Map(),
    };
    this.#open.set(subscription, analysis);
    pipeline.watchers++;
    this.#parts.registry.renew(pipeline);
    const message = {
      ...schema,
      columns: ANALYSIS_COLUMNS,
      keys: [],
      windowMs: null,
      slideMs: null,
    };
    this.#deliver(subscription, message, JSON.stringify(message));
    this.#tell(analysis, nowMs);
  }

  /** True if the subscription was one of these. */
  close(subscription: string, nowMs: number): boolean {
    const analysis = this.#open.get(subscription);
    if (analysis === undefined) return false;
    const { pipeline } = analysis;
    this.#open.delete(subscription);
    pipeline.watchers--;
    if (pipeline.watchers === 0) pipeline.audience.leftAlone(nowMs);
    this.#parts.registry.renew(pipeline);
    return true;
  }

  /** The query ended, or all do (null). */
  end(pipeline: Pipeline | null, reason: string): void {
    for (const analysis of this.#open.values()) {
      if (pipeline !== null && analysis.pipeline !== pipeline) continue;
      const { subscription } = analysis;
      const message = { type: 'end', reason } as const;
      this.#deliver(subscription, message, JSON.stringify(message));
      this.#open.delete(subscription);
      analysis.pipeline.watchers--;
      this.#parts.emit({ type: 'closed', subscription });
    }
  }

  tick(nowMs: number): void {
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + EVERY_MS;
    for (const analysis of this.#open.values()) this.#tell(analysis, nowMs);
  }

  #tell(analysis: Analysis, nowMs: number): void {
    const rows = analysisRows(analysis.planned, (id) => this.#live(id, analysis, nowMs));
    const head = {
      ...({ type: 'rows', windowStart: null, windowEnd: null, append: false } as const),
      ...{ revision: 0, provisional: false, replay: false },
      completeness: plainCompleteness(nowMs),
    };
    for (const { message, body } of encodeRows(head, rows)) {
      this.#deliver(analysis.subscription, message, body);
    }
  }

  #live(fingerprint: string, analysis: Analysis, nowMs: number): LiveQuery | null {
    const { registry } = this.#parts;
    const pipeline = registry.pipelines.get(fingerprint);
    if (pipeline === undefined) return null;
    const { streams } = pipeline.group;
    const flow = streamFlow(this.#parts, streams);
    const before = analysis.samples.get(pipeline);
    analysis.samples.set(pipeline, { atMs: nowMs, flow });
    if (!analysis.estimates.has(pipeline)) {
      analysis.estimates.set(pipeline, this.#estimate(streams));
    }
    return {
      ...{ pipeline, flow, nowMs },
      flowPerSecond: before === undefined ? null : perSecond(before, { atMs: nowMs, flow }),
      estimatedPerSecond: analysis.estimates.get(pipeline) ?? null,
      readers: registry.readersOf(pipeline).length + pipeline.listeners.size,
    };
  }

  #estimate(streams: readonly string[]): number | null {
    let sum: number | null = null;
    for (const stream of streams) {
      const rate = this.#parts.rates.perSecond(stream);
      if (rate !== null) sum = (sum ?? 0) + rate;
    }
    return sum;
  }

  #deliver(subscription: string, message: Parameters<typeof deliver>[1], body: string): void {
    this.#parts.emit(deliver(subscription, message, body));
  }
}

type Deliver = Extract<CoordinatorEffect, { type: 'deliver' }>;

function deliver(subscription: string, message: Deliver['message'], body: string): Deliver {
  return { type: 'deliver', subscriptions: [subscription], id: null, message, body };
}

/** An agent that left takes its counts with it, so a difference may be negative. */
function perSecond(before: Sample, now: Sample): StreamFlow | null {
  const elapsedMs = now.atMs - before.atMs;
  if (elapsedMs <= 0) return null;
  const rate = (name: keyof StreamFlow): number =>
    Math.round((Math.max(0, now.flow[name] - before.flow[name]) / elapsedMs) * 10_000) / 10;
  return {
    offered: rate('offered'),
    sampledOut: rate('sampledOut'),
    aggregated: rate('aggregated'),
    filtered: rate('filtered'),
    sent: rate('sent'),
    received: rate('received'),
    evaluated: rate('evaluated'),
    bytes: rate('bytes'),
    agents: now.flow.agents,
  };
}
