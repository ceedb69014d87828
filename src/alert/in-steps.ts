/**
 * Work that is done a step at a time, so that whoever has others to look after can let them have
 * their turn in between: a generator that yields between steps and returns the result.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** All at once. */
export function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/**
 * As many steps as fit into `sliceMs`, then `pause`, until all are done. One step may take longer.
 */
export async function inSlices<T>(
  steps: Steps<T>,
  how: {
    readonly sliceMs: number;
    readonly now: () => number;
    readonly pause: () => Promise<void>;
  },
): Promise<T> {
  const { now, pause, sliceMs } = how;
  let untilMs = now() + sliceMs;
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (now() < untilMs) continue;
    await pause();
    untilMs = now() + sliceMs;
  }
}
