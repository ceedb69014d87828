/**
 * Randomness with a seed: xoshiro128** by Blackman and Vigna, seeded through splitmix32.
 * @see https://prng.di.unimi.it/xoshiro128starstar.c
 */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, bound). */
  int(bound: number): number;
}

export function createRng(seed: number): Rng {
  let state = seed | 0;
  const splitmix = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let d = splitmix();
  const next = (): number => {
    const r = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11);
    return r / 0x1_0000_0000;
  };
  return { next, int: (bound) => Math.floor(next() * bound) };
}

/** A seed nobody chose, for jitter and ids that need not be reproducible. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 0x1_0000_0000);
}

function rotl(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
