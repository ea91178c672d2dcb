/**
 * The first Wasserstein distance of two distributions, from their percentiles: how far values have to be moved, on average, for
 * one to become the other (Vallender, 1974: the mean distance of their quantile functions). 0 where one of them is empty.
 */
export function percentileDistance(first: readonly number[], second: readonly number[]): number {
  const count = Math.min(first.length, second.length);
  let sum = 0;
  for (let at = 0; at < count; at++) sum += Math.abs((first[at] as number) - (second[at] as number));
  return count === 0 ? 0 : sum / count;
}
