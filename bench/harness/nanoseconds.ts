/** Nanoseconds of CPU for one of many: what others do on the machine does not count. */
import type { RequestEvent } from '../workload.ts';
import { medianOf } from './bench-result.ts';

/** Events that are published over and over. */
export const POOL = 1_024;
/** Between two looks at what is due, as a service's event loop would. */
const TURN = 512;

export interface Publishing {
  readonly stream: { readonly publish: (event: RequestEvent) => unknown };
  readonly turn: () => void;
}

export function nothing(): void {
  // What the loop itself costs.
}

export const NOBODY: Publishing = { stream: { publish: nothing }, turn: nothing };

export interface Rounds {
  readonly events: number;
  readonly rounds: number;
  readonly pool: readonly RequestEvent[];
}

/** The first rounds warm up. */
export function measured(of: Rounds, to: Publishing): number {
  return medianOf(Array.from({ length: of.rounds + 2 }, () => loop(of, to)).slice(2));
}

function loop({ events, pool }: Rounds, to: Publishing): number {
  const { stream } = to;
  const before = process.cpuUsage();
  for (let i = 0; i < events; i++) {
    stream.publish(pool[i % POOL]!);
    if (i % TURN === 0) to.turn();
  }
  const { system, user } = process.cpuUsage(before);
  return ((user + system) * 1_000) / events;
}
