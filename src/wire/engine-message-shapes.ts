/** Messages from the engine to agents, by `type`. */
import { DEFAULTS } from '../config.ts';
import type {
  AckMessage,
  AgentQuery,
  Aggregation,
  EngineToAgent,
  MoveToMessage,
  PlanChangesMessage,
  PlansMessage,
  PulseMessage,
  RefuseMessage,
  RemovedQuery,
  WelcomeMessage,
} from './agent-messages.ts';
import { bye, count, name, sentence, spanMs, TEXT_LENGTH_MAX, timeMs } from './message-shapes.ts';
import { absentAs, flag, list, nullable, number, object, oneOf, text, whole } from './shape.ts';
import type { Check } from './shape.ts';
import { aggregateStage, sourceStage } from './source-stage-shape.ts';

const welcome = object<WelcomeMessage>({
  type: oneOf('welcome'),
  version: whole(0, 1_000_000),
  agentKey: count,
  nowMs: timeMs,
  evaluatedSequence: count,
  heartbeatMs: number(1, 3_600_000),
  packed: absentAs(flag, false),
});

const refuse = object<RefuseMessage>({
  type: oneOf('refuse'),
  code: name,
  detail: sentence,
  retryAfterMs: nullable(spanMs),
});

const agentQuery = object<AgentQuery>({
  query: name,
  stream: name,
  source: sourceStage,
  paneMs: spanMs,
  aggregation: nullable(object<Aggregation>({ stage: aggregateStage, emitEveryMs: spanMs })),
  standing: absentAs(flag, false),
});

const epoch = whole(0, 0xffff_ffff);

const plans = object<PlansMessage>({
  type: oneOf('plans'),
  epoch,
  queries: list(agentQuery, DEFAULTS.queriesMax),
});

const planChanges = object<PlanChangesMessage>({
  type: oneOf('planChanges'),
  epoch,
  base: epoch,
  added: list(agentQuery, DEFAULTS.queriesMax),
  removed: list(object<RemovedQuery>({ query: name, stream: name }), DEFAULTS.queriesMax),
});

const ack = object<AckMessage>({ type: oneOf('ack'), sequence: count });

const pulse = object<PulseMessage>({
  type: oneOf('pulse'),
  engineSentMs: timeMs,
  heartbeatSentMs: timeMs,
  heartbeatReceivedMs: timeMs,
});

const moveTo = object<MoveToMessage>({
  type: oneOf('moveTo'),
  url: nullable(text(TEXT_LENGTH_MAX, 1)),
});

export const ENGINE_MESSAGES: ReadonlyMap<string, Check<EngineToAgent>> = new Map<
  string,
  Check<EngineToAgent>
>([
  ['welcome', welcome],
  ['refuse', refuse],
  ['plans', plans],
  ['planChanges', planChanges],
  ['ack', ack],
  ['pulse', pulse],
  ['moveTo', moveTo],
  ['bye', bye],
]);
