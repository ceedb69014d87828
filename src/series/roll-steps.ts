/**
 * Lengths of the buckets into which series are rolled where not every window is kept, ascending.
 */
export const ROLL_STEPS_MS = [10_000, 60_000, 600_000] as const;

/** Series are kept for so long, in the longest buckets. */
export const ROLLED_MS_MAX = 35 * 86_400_000;

const LONGEST_STEP_MS: number = ROLL_STEPS_MS[2];

/**
 * Buckets in which each window of the slide is alone, so that nothing is lost; null: there are
 * none.
 */
export function exactStepMs(slideMs: number): number | null {
  const same = ROLL_STEPS_MS.find((stepMs) => stepMs === slideMs);
  if (same !== undefined) return same;
  return slideMs > LONGEST_STEP_MS && slideMs % LONGEST_STEP_MS === 0 ? LONGEST_STEP_MS : null;
}

/**
 * The shortest buckets of at least a slide of which at most `bucketsMax` make `spanMs`, or the
 * longest.
 */
export function rollStepMs(spanMs: number, slideMs: number, bucketsMax: number): number {
  const fits = ROLL_STEPS_MS.find(
    (stepMs) => stepMs >= slideMs && Math.ceil(spanMs / stepMs) <= bucketsMax,
  );
  return fits ?? LONGEST_STEP_MS;
}
