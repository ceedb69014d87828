/**
 * pino's lines as events, in this process: `pino(pinoDestination(agent, { to: pino.destination()
 * }))`. The line goes to where it went before, first and unchanged; it is parsed only while
 * somebody asks.
 */
import type { Agent } from '../agent.ts';
import { Demand } from './demand.ts';
import { pinoEvent } from './pino-line.ts';

/** What pino and its users call of a destination. */
export interface PinoTarget {
  write(line: string): unknown;
  flushSync?(): void;
  flush?(done?: (error?: Error) => void): void;
  end?(): void;
  reopen?(path?: string): void;
}

export interface PinoDestinationOptions {
  /** Where lines go besides; null: nowhere else. Default: standard output. */
  readonly to?: PinoTarget | null;
  /** Default: `logs`. */
  readonly stream?: string;
}

export interface PinoDestination extends Required<PinoTarget> {
  /** By this pino knows a destination from options. */
  readonly writable: true;
}

/** pino tells targets that have it about each line: `multistream` chooses by it. */
const METADATA = Symbol.for('pino.metadata');
const TOLD = ['lastLevel', 'lastObj', 'lastMsg', 'lastTime', 'lastLogger'] as const;

type Told = Partial<Record<(typeof TOLD)[number], unknown>> & { [METADATA]?: unknown };

export function pinoDestination(
  agent: Agent,
  options: PinoDestinationOptions = {},
): PinoDestination {
  const to: (PinoTarget & Told) | null = options.to === undefined ? process.stdout : options.to;
  const demand = new Demand(agent.stream(options.stream ?? 'logs'));
  const isTold = to?.[METADATA] === true;
  const destination: PinoDestination & Told = {
    writable: true,
    write: (line) => {
      if (to !== null && isTold) for (const name of TOLD) to[name] = destination[name];
      const result = to?.write(line);
      if (demand.take()) tell(demand, line);
      return result;
    },
    flushSync: () => to?.flushSync?.(),
    flush: (done) => {
      if (to?.flush === undefined) done?.();
      else to.flush(done);
    },
    end: () => to?.end?.(),
    reopen: (path) => to?.reopen?.(path),
  };
  if (isTold) destination[METADATA] = true;
  return destination;
}

function tell({ stream }: Demand, line: string): void {
  // What is not looked at for want of CPU is not parsed either.
  if (stream.active) stream.publish(() => pinoEvent(line) ?? { message: line });
  else stream.publish(pinoEvent(line) ?? {});
}
