import { gammaQ } from './gamma.ts';

/** The chance that a standard normal number is above z, for z >= 0. */
const upperTail = (z: number): number => gammaQ(0.5, (z * z) / 2) / 2;

/**
 * The z of a two-sided interval: a standard normal number lies within ± z with the given chance, which is above 0 and below 1.
 * 0.95 gives 1.96.
 */
export function zOf(confidence: number): number {
  const tail = (1 - confidence) / 2;
  let [low, high] = [0, 40];
  // Halved until two neighbouring numbers are left.
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (upperTail(middle) > tail) low = middle;
    else high = middle;
  }
  return high;
}
