/** The micro-benches of evaluation as figures: nanoseconds an event, of one thread. */
import { figure } from './harness/bench-result.ts';
import type { BenchCase } from './harness/bench-result.ts';

export async function kernelsBench(): Promise<BenchCase[]> {
  // Importing runs it; only this bench should wait for that.
  const { nanosecondsPerEvent } = await import('./micro/kernels.bench.ts');
  return nanosecondsPerEvent.map(({ name, value }) =>
    figure(name, 'nanosecondsPerEvent', value, 'ns'),
  );
}
