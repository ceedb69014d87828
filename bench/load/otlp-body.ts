/** An export request of spans as the OpenTelemetry SDK for Node makes it, for the HTTP bench. */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { requestEvents } from '../workload.ts';

export function otlpSpans(count: number, seed: number): Uint8Array {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'web', 'host.name': 'a1' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('bench', '1.0.0');
  const nowMs = performance.timeOrigin + performance.now();
  for (const event of requestEvents(count, seed)) {
    const attributes = {
      'http.route': event.route,
      'http.request.method': event.method,
      'http.response.status_code': event.status,
      'client.country': event.country,
    };
    const span = tracer.startSpan(event.route, { attributes, startTime: nowMs - event.durMs });
    span.end(nowMs);
  }
  return ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()) ?? new Uint8Array();
}
