import { gammaQ } from './gamma.ts';

/** How far two distributions over the same classes are apart, and how likely chance alone makes them so. */
export interface Homogeneity {
  /** ½ Σ |p − q|, the share of rows that would have to change class: 0 for equal shares, 1 for none in common. */
  readonly totalVariation: number;
  /** Of Pearson's chi-squared test that both come from one distribution; 1 where there is nothing to test. */
  readonly pValue: number;
}

/**
 * Compares two lists of counts by class: the total variation distance, which does not grow with the number of rows, and
 * Pearson's chi-squared test of homogeneity (Pearson, 1900), which says whether so few rows can tell. Null where a list is empty.
 */
export function compareCounts(first: readonly number[], second: readonly number[]): Homogeneity | null {
  const [rows, others] = [sum(first), sum(second)];
  if (rows === 0 || others === 0) return null;
  let distance = 0;
  let chiSquared = 0;
  let classes = 0;
  first.forEach((count, at) => {
    const other = second[at] ?? 0;
    distance += Math.abs(count / rows - other / others);
    const both = count + other;
    if (both === 0) return;
    classes += 1;
    const expected = (both * rows) / (rows + others);
    chiSquared += (count - expected) ** 2 / expected + (other - (both - expected)) ** 2 / (both - expected);
  });
  const pValue = classes < 2 ? 1 : gammaQ((classes - 1) / 2, chiSquared / 2);
  return { totalVariation: distance / 2, pValue };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
