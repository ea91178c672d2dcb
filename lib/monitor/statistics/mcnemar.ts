import { logGamma } from './gamma.ts';

/**
 * McNemar's exact test for two classifiers on the same rows: the two-sided p-value, under equal accuracy, of a split of the
 * discordant rows at least as uneven as `first` to `second` (rows that one got right and the other did not). Each of them then
 * falls to either side with chance 1/2, so p = min(1, 2 · P(X <= min(first, second))), X ~ Bin(first + second, 1/2). 1 without
 * discordant rows: nothing speaks for either (McNemar, 1947, in the exact form of Mosteller, 1952; the test Dietterich, 1998,
 * recommends for two models that were each trained once). With five discordant rows or fewer it is never below 0.05.
 */
export function mcnemarExact(first: number, second: number): number {
  const all = first + second;
  const few = Math.min(first, second);
  // From the largest term down, each from the one before it: their ratio is exact, and the sum soon stops growing.
  let ratio = 1;
  let sum = 0;
  for (let at = few; at >= 0 && ratio > Number.EPSILON * sum; at--) {
    sum += ratio;
    ratio *= at / (all - at + 1);
  }
  const largest = logGamma(all + 1) - logGamma(few + 1) - logGamma(all - few + 1) - all * Math.LN2;
  return Math.min(1, 2 * Math.exp(largest + Math.log(sum)));
}
