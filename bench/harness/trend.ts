/**
 * A straight line through samples by least squares, with the standard error of its slope: how far
 * the slope may be from the truth by chance alone. It takes what the line does not explain for
 * independent, so samples should lie further apart than whatever makes them wander.
 */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

export interface Trend {
  /** Change of the value for one of `at`. */
  readonly slope: number;
  /** NaN for fewer than three samples. */
  readonly standardError: number;
}

export function trendOf(samples: readonly Sample[]): Trend {
  const n = samples.length;
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / n;
  const mean = samples.reduce((sum, { value }) => sum + value, 0) / n;
  let spread = 0;
  let product = 0;
  for (const { at, value } of samples) {
    spread += (at - meanAt) ** 2;
    product += (at - meanAt) * (value - mean);
  }
  const slope = product / spread;
  let unexplained = 0;
  for (const { at, value } of samples) {
    unexplained += (value - mean - slope * (at - meanAt)) ** 2;
  }
  return { slope, standardError: Math.sqrt(unexplained / (n - 2) / spread) };
}

/**
 * The least value of each stretch of `width`: what is left when collectors have done their work.
 */
export function lowest(samples: readonly Sample[], width: number): Sample[] {
  const least = new Map<number, Sample>();
  for (const sample of samples) {
    const stretch = Math.floor(sample.at / width);
    const known = least.get(stretch);
    if (known === undefined || sample.value < known.value) least.set(stretch, sample);
  }
  return [...least.values()];
}
