import { createRng } from './rng.ts';
import { childSeed } from './seed.ts';

export interface Backoff {
  readonly delayMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

/** 24.8 days: Node takes a longer one for a millisecond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * How long to wait after the `tried`th try (from 1), in milliseconds: delay · factor^(tried − 1), at most `maxMs`, of which a
 * seeded draw takes off up to a half, so that many that failed at once do not come back at once.
 */
export function waitBeforeRetry({ delayMs, factor, maxMs }: Backoff, tried: number, seed: number): number {
  const whole = Math.min(maxMs, LONGEST_TIMER_MS, delayMs * factor ** (tried - 1));
  return Math.round(whole * createRng(childSeed(seed, `retry/${tried}`)).between(0.5, 1));
}
