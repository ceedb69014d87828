/**
 * `squilla/agent`: telemetry that leaves the process only when somebody asks for it.
 *
 * ```ts
 * import { createAgent } from 'squilla/agent';
 * const agent = createAgent({ url: 'ws://127.0.0.1:7071', service: 'checkout' });
 * agent.stream('orders').publish({ region: 'eu-west', amount: 12.5 });
 * ```
 */
export { createAgent } from './agent.ts';
export type { Agent, AgentOptions, StreamOptions } from './agent.ts';
export type { MaskRule } from './mask.ts';
export { createLogProcessor, createSpanProcessor } from './otel.ts';
export type { OtelLogProcessor, OtelSpanProcessor, OtelTarget } from './otel.ts';
export type { WhenFull } from './overflow.ts';
export type { AgentStream } from './published-stream.ts';
export type { AgentStatus, StatusListener } from './status.ts';
export type { Publishable, PublishOutcome } from './publish-outcome.ts';
