/** Where windows of time begin: at multiples of the slide, counted from 1970. */

export interface WindowShape {
  readonly sizeMs: number;
  /** 0: every moment stands for itself. */
  readonly slideMs: number;
}

/**
 * The start of the last window that ends at or before `ms`. Ends are multiples of the slide only if
 * the slide divides the size.
 */
export function lastEndedStart(ms: number, { sizeMs, slideMs }: WindowShape): number {
  if (slideMs === 0) return Math.floor(ms) - sizeMs;
  return Math.floor((ms - sizeMs) / slideMs) * slideMs;
}
