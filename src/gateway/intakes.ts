/** Every way of sending events over HTTP, by the name of its route. */
import { EVENTS_INTAKE } from './ingest-http.ts';
import type { Intake } from './intake.ts';
import { otlpIntake } from './otlp-intake.ts';
import { REMOTE_WRITE_INTAKE } from './remote-write-intake.ts';

export const INTAKES = {
  publish: EVENTS_INTAKE,
  otlpLogs: otlpIntake('logs'),
  otlpMetrics: otlpIntake('metrics'),
  otlpTraces: otlpIntake('traces'),
  remoteWrite: REMOTE_WRITE_INTAKE,
} as const satisfies Record<string, Intake>;

export type IntakeName = keyof typeof INTAKES;
