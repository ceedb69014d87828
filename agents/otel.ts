/**
 * OpenTelemetry in one line: processors that make an instrumented service an on-demand agent. What
 * ends or is logged is looked at where it happens and leaves only if a query wants it; nothing is
 * batched for anybody else. The events are those of OTLP (`otel.spans`, `otel.logs`), so a query
 * does not tell who was asked how.
 *
 * The types are structural: every SDK whose spans and records have these members fits, and none is
 * needed to run.
 */
import { roundedMs, SPAN_STATUSES } from '../src/translate/otlp-spans.ts';
import { severityName } from '../src/translate/otlp-logs.ts';
import type { Event, Value, ValueObject } from '../src/model/value.ts';
import { createAgent } from './agent.ts';
import type { Agent, AgentOptions } from './agent.ts';

/** Seconds since 1970 and nanoseconds on top. */
type HrTime = readonly [number, number];

interface OtelResource {
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface OtelScope {
  readonly name: string;
  readonly version?: string | undefined;
}

interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
}

/** What a processor reads of a span that has ended. */
export interface OtelSpan {
  readonly name: string;
  /** As the API counts: 0 is internal. */
  readonly kind: number;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly time: HrTime;
    readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  }[];
  readonly links: readonly {
    readonly context: OtelSpanContext;
    readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  }[];
  readonly resource: OtelResource;
  readonly instrumentationScope?: OtelScope;
  readonly parentSpanContext?: OtelSpanContext | undefined;
  spanContext(): OtelSpanContext & { readonly traceState?: { serialize(): string } | undefined };
}

/** What a processor reads of a log record. */
export interface OtelLogRecord {
  readonly hrTime: HrTime;
  readonly hrTimeObserved: HrTime;
  readonly spanContext?: OtelSpanContext | undefined;
  readonly severityText?: string | undefined;
  readonly severityNumber?: number | undefined;
  readonly eventName?: string | undefined;
  readonly body?: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: OtelResource;
  readonly instrumentationScope: OtelScope;
}

export interface OtelSpanProcessor {
  onStart(): void;
  onEnd(span: OtelSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface OtelLogProcessor {
  onEmit(record: OtelLogRecord): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** An agent that the service has already, or what to make one of; then it is closed on shutdown. */
export type OtelTarget = Agent | AgentOptions;

/** As OTLP names them. */
const STREAMS = { spans: 'otel.spans', logs: 'otel.logs' } as const;

/** For `spanProcessors` of a tracer provider. */
export function createSpanProcessor(target: OtelTarget): OtelSpanProcessor {
  const { agent, end } = agentOf(target);
  const stream = agent.stream(STREAMS.spans);
  return {
    onStart: () => undefined,
    onEnd: (span) => void stream.publish(() => spanEvent(span)),
    ...end,
  };
}

/** For `processors` of a logger provider. */
export function createLogProcessor(target: OtelTarget): OtelLogProcessor {
  const { agent, end } = agentOf(target);
  const stream = agent.stream(STREAMS.logs);
  return { onEmit: (record) => void stream.publish(() => logEvent(record)), ...end };
}

function agentOf(target: OtelTarget): {
  readonly agent: Agent;
  readonly end: Pick<OtelSpanProcessor, 'forceFlush' | 'shutdown'>;
} {
  // Nothing waits here for longer than `agentFlushMs`, so there is nothing to force.
  const forceFlush = (): Promise<void> => Promise.resolve();
  if ('stream' in target) {
    return { agent: target, end: { forceFlush, shutdown: () => Promise.resolve() } };
  }
  const agent = createAgent(target);
  return { agent, end: { forceFlush, shutdown: () => agent.close('the provider shut down') } };
}

const API_KINDS = ['internal', 'server', 'client', 'producer', 'consumer'];

function spanEvent(span: OtelSpan): Event {
  const context = span.spanContext();
  return {
    time: msOf(span.endTime),
    start: msOf(span.startTime),
    duration_ms: roundedMs(msOf(span.duration)),
    service: textOf(span.resource.attributes['service.name']),
    name: span.name,
    kind: API_KINDS[span.kind] ?? null,
    status: SPAN_STATUSES[span.status.code] ?? null,
    status_message: span.status.message ?? null,
    trace_id: context.traceId,
    span_id: context.spanId,
    parent_span_id: span.parentSpanContext?.spanId ?? null,
    trace_state: context.traceState?.serialize() ?? null,
    attributes: objectOf(span.attributes),
    events: listOf(
      span.events.map(({ name, time, attributes }) => ({
        time: msOf(time),
        name,
        attributes: objectOf(attributes),
      })),
    ),
    links: listOf(
      span.links.map(({ context: { traceId, spanId }, attributes }) => ({
        trace_id: traceId,
        span_id: spanId,
        attributes: objectOf(attributes),
      })),
    ),
    ...originOf(span.resource, span.instrumentationScope),
  };
}

function logEvent(record: OtelLogRecord): Event {
  const observed = msOf(record.hrTimeObserved);
  const number = record.severityNumber ?? 0;
  const text = record.severityText ?? null;
  return {
    time: msOf(record.hrTime) || observed,
    observed_time: observed,
    service: textOf(record.resource.attributes['service.name']),
    severity: severityName(number) ?? text,
    severity_text: text,
    severity_number: number === 0 ? null : number,
    event_name: record.eventName ?? null,
    body: (record.body ?? null) as Value,
    trace_id: record.spanContext?.traceId ?? null,
    span_id: record.spanContext?.spanId ?? null,
    attributes: objectOf(record.attributes),
    ...originOf(record.resource, record.instrumentationScope),
  };
}

function originOf(resource: OtelResource, scope: OtelScope | undefined): Record<string, Value> {
  return {
    resource: objectOf(resource.attributes),
    scope: textOf(scope?.name),
    scope_version: textOf(scope?.version),
  };
}

function msOf([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/**
 * Attributes are JSON values by OpenTelemetry's own rule; empty ones are left out, as OTLP does.
 */
function objectOf(attributes: Readonly<Record<string, unknown>> | undefined): ValueObject | null {
  if (attributes === undefined) return null;
  return Object.keys(attributes).length === 0 ? null : (attributes as ValueObject);
}

function listOf(list: readonly Value[]): readonly Value[] | null {
  return list.length === 0 ? null : list;
}
