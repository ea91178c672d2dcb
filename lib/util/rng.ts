import { sha256 } from './hash.ts';

/** A seeded stream of random numbers: the same seed gives the same stream on every machine. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform integer in [0, below). */
  int(below: number): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Standard normal (Box and Muller, 1958). */
  normal(): number;
  /** Shuffles in place (Fisher and Yates) and returns its argument. */
  shuffle<T extends { [index: number]: number; length: number }>(items: T): T;
}

/** xoshiro128** (Blackman and Vigna, 2018), its state filled from SHA-256 of the seed. */
export function createRng(seed: number): Rng {
  const digest = sha256(`rng/${seed}`);
  // Signed words: an engine keeps those as plain integers, and unsigned ones as objects.
  const word = (index: number): number => Number.parseInt(digest.slice(index * 8, index * 8 + 8), 16) | 0;
  let [a, b, c, d] = [word(0), word(1), word(2), word(3)];
  const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next,
    int,
    between: (low, high) => low + (high - low) * next(),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffle: (items) => {
      for (let last = items.length - 1; last > 0; last--) {
        const pick = int(last + 1);
        const kept = items[last] as number;
        items[last] = items[pick] as number;
        items[pick] = kept;
      }
      return items;
    },
  };
}
