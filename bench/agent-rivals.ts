/**
 * What services do today for the same events: a counter with three labels, one with three
 * attributes, a line of a log. Each as its documentation shows it, with nobody scraping, exporting
 * or reading; what an active group-by costs against it.
 */
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { pino } from 'pino';
import { Counter, Registry } from 'prom-client';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase } from './harness/bench-result.ts';
import { measured, nothing } from './harness/nanoseconds.ts';
import type { Publishing, Rounds } from './harness/nanoseconds.ts';
import type { RequestEvent } from './workload.ts';

interface Rival {
  readonly name: string;
  readonly make: () => Publishing['stream'];
  /** What an active group-by may cost of it. */
  readonly shareMax: number;
}

const RIVALS: readonly Rival[] = [
  { name: 'prom-client', make: promClient, shareMax: 1 / 10 },
  { name: 'otel-counter', make: openTelemetry, shareMax: 1 / 20 },
  { name: 'pino', make: pinoLine, shareMax: 1 / 20 },
];
/** They cost so much more that fewer events tell. */
const FEWER = 5;

/** `emptyNs`: what the loop itself costs; `groupByNs`: an event under one group-by. */
export function rivalCases(
  rounds: Rounds,
  { emptyNs, groupByNs }: { readonly emptyNs: number; readonly groupByNs: number },
): BenchCase[] {
  const fewer = { ...rounds, events: rounds.events / FEWER };
  return RIVALS.flatMap(({ make, name, shareMax }) => {
    const ns = Math.max(1, measured(fewer, { stream: make(), turn: nothing }) - emptyNs);
    const share = figure(`group-by / ${name}`, 'ratio', groupByNs / ns, '');
    return [figure(name, 'nsPerEvent', ns, 'ns'), held(share, '<=', shareMax)];
  });
}

function promClient(): Publishing['stream'] {
  const registers = [new Registry()];
  const labelNames = ['service', 'country', 'status'];
  const counter = new Counter({ name: 'requests', help: 'Requests', labelNames, registers });
  return {
    publish: ({ country, service, status }: RequestEvent) =>
      counter.inc({ service, country, status }),
  };
}

/** Reads when it is asked to, which is never. */
class SilentReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

function openTelemetry(): Publishing['stream'] {
  const provider = new MeterProvider({ readers: [new SilentReader()] });
  const counter = provider.getMeter('bench').createCounter('requests');
  return {
    publish: ({ country, service, status }: RequestEvent) =>
      counter.add(1, { service, country, status }),
  };
}

function pinoLine(): Publishing['stream'] {
  const log = pino({ base: null }, pino.destination({ dest: '/dev/null', sync: false }));
  return { publish: (event: RequestEvent) => log.info(event, 'request') };
}
