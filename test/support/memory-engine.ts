/** An {@link EnginePort} of a few arrays: tests push messages by hand and see what was asked. */
import type { Formatted } from '../../grammar/format.ts';
import type { DeliverEffect } from '../../src/coordinator/messages.ts';
import { problemFrom } from '../../src/coordinator/problem.ts';
import type { AlertService } from '../../src/alert/alert-service.ts';
import { scopeAlone } from '../../src/alert/rule-scope.ts';
import { EngineError } from '../../src/core/errors.ts';
import type {
  DemoPort,
  EnginePort,
  IngestBody,
  QueryCheck,
  ResultSink,
  SavedPort,
  SubscribeRequest,
  RulesPort,
} from '../../src/gateway/engine-port.ts';
import type { SeriesPort } from '../../src/gateway/series-handlers.ts';
import { memorySaved } from './memory-saved.ts';
import type { IngestVerdict } from '../../src/shard/messages.ts';
import type { Completeness, ResultMessage, RowsMessage } from '../../src/wire/results.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import type { PlannedQuery } from '../../src/plan/plan-query.ts';

const COMPLETENESS: Completeness = {
  status: 'complete',
  reasons: [],
  agents: { expected: 1, reporting: 1, missing: [] },
  events: { seen: 1, matched: 1, late: 0, dropped: {} },
  sampleFactor: 1,
  coveredMs: 1_000,
  traffic: 'flowing',
  source: 'live',
  engine: 'current',
  watermark: 1_000,
  emittedAt: 1_000,
};

export function rowsMessage(changes: Partial<RowsMessage> = {}): RowsMessage {
  return {
    type: 'rows',
    windowStart: 0,
    windowEnd: 1_000,
    append: false,
    revision: 0,
    provisional: false,
    replay: false,
    part: 0,
    last: true,
    rows: [{ n: 1 }],
    completeness: COMPLETENESS,
    ...changes,
  };
}

export function deliver(message: ResultMessage, id: string | null = null): DeliverEffect {
  return { type: 'deliver', subscriptions: [], id, message, body: JSON.stringify(message) };
}

interface Open {
  readonly input: SubscribeRequest;
  readonly sink: ResultSink;
}

export class MemoryEngine implements EnginePort {
  readonly opened: SubscribeRequest[] = [];
  readonly open = new Map<string, Open>();
  readonly bodies: IngestBody[] = [];
  readonly losses: { stream: string; reason: string; count: number }[] = [];
  readonly stopped: string[] = [];
  readonly saved: SavedPort = memorySaved();
  series?: SeriesPort;
  isReady = true;
  demo?: DemoPort;
  alerts?: AlertService;
  /** What `ingest` waits for. */
  gate: Promise<void> = Promise.resolve();

  subscribe(input: SubscribeRequest, sink: ResultSink): void {
    this.opened.push(input);
    if (input.query.startsWith('bad')) {
      const data = { diagnostics: [{ code: 'MQL_SYNTAX' }] };
      const fault = new EngineError('ENGINE_BAD_QUERY', 'It has mistakes.', { data });
      sink(deliver({ type: 'error', problem: problemFrom(fault) }));
      sink({ type: 'closed', subscription: input.subscription });
      return;
    }
    this.open.set(input.subscription, { input, sink });
    sink(deliver(schemaOf(input.query)));
  }

  unsubscribe(subscription: string): void {
    this.open.delete(subscription);
  }

  /** To every open subscription. */
  emit(message: ResultMessage, id: string | null = null): void {
    const effect = deliver(message, id);
    for (const { sink } of [...this.open.values()]) sink(effect);
  }

  end(reason: string): void {
    for (const [subscription, { sink }] of [...this.open]) {
      this.open.delete(subscription);
      sink(deliver({ type: 'end', reason }));
      sink({ type: 'closed', subscription });
    }
  }

  stopQuery(query: string): boolean {
    if (query !== 'q1') return false;
    this.stopped.push(query);
    return true;
  }

  check(query: string): QueryCheck {
    return { canonical: query, diagnostics: [], columns: [], parameters: [] };
  }

  recent(): readonly RowsMessage[] {
    return [];
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  plan(query: string): PlannedQuery {
    return planQuery(query, { mode: 'live' });
  }

  readonly rules: RulesPort = {
    scope: () => scopeAlone(),
    checkElsewhere: () => Promise.resolve(null),
  };

  format(query: string): Formatted {
    return { text: query.trim(), diagnostics: [] };
  }

  async ingest(request: IngestBody): Promise<IngestVerdict> {
    this.bodies.push({ ...request, body: request.body.slice() });
    await this.gate;
    const lines = Buffer.from(request.body).toString('utf8').split('\n').filter(Boolean);
    const bad = lines.flatMap((line, i) =>
      line.startsWith('{') || line.startsWith('[') ? [] : [i],
    );
    return {
      type: 'ingested',
      request: 0,
      accepted: lines.length - bad.length,
      rejected: bad.length,
      errors: bad.map((i) => ({ line: i + 1, message: 'not JSON' })),
    };
  }

  lost(stream: string, reason: string, count: number): void {
    this.losses.push({ stream, reason, count });
  }

  streams(): ReturnType<EnginePort['streams']> {
    const fields = [{ name: 'country', type: 'string', values: ['US', 'DE'] }];
    const numbers = { agents: 1, slackMs: 50, watermark: 1, lagMs: 1, eventsPerSecond: 1 };
    const facts = { name: 'plays', kind: 'stream', via: [], time: 'publish' } as const;
    return [{ ...facts, ...numbers, queries: 0, fields, changes: [] }];
  }

  agents(): ReturnType<EnginePort['agents']> {
    return [];
  }

  queries(): ReturnType<EnginePort['queries']> {
    return [];
  }

  ledger(): ReturnType<EnginePort['ledger']> {
    const agents = { offered: 0, filtered: 0, sampledOut: 0, aggregated: 0, sent: 0, dropped: {} };
    const engine = { received: 0, evaluated: 0, late: 0, dropped: {} };
    return {
      incarnation: 'i',
      agents,
      engine,
      streams: {},
      queries: { shed: 0, quota: 0, rows: 0 },
      closes: true,
    };
  }

  status(): object {
    return { version: 'test' };
  }

  metricsText(): string {
    return 'squilla_up 1\n';
  }

  language(): object {
    return { functions: [] };
  }

  ready(): boolean {
    return this.isReady;
  }
}

function schemaOf(canonical: string): ResultMessage {
  const base = { query: 'q1', canonical, columns: [], keys: [], windowMs: 1_000, slideMs: 1_000 };
  return { type: 'schema', ...base, warnings: [] };
}
