import { gammaQ } from './gamma.ts';

/** The share an empty bin is given, so that its logarithm exists. */
const EMPTY = 1e-4;

export interface StabilityIndex {
  /** Σ (p − q) ln(p / q): 0 for equal shares; 0.1 is commonly called a small shift, 0.25 a large one. */
  readonly value: number;
  /** How likely so much is by chance alone; 1 where there is nothing to compare. */
  readonly pValue: number;
}

/**
 * The population stability index of two lists of counts over the same bins (Siddiqi, 2006), natural logarithm, an empty bin taken
 * as a share of 0.0001. It is large by chance where rows are few: without drift, value / (1/n + 1/m) is about chi-squared
 * distributed with one degree of freedom less than there are bins (Yurdakul, 2018), which gives the p-value. Null where a list is
 * empty.
 */
export function stabilityIndex(first: readonly number[], second: readonly number[]): StabilityIndex | null {
  const [rows, others] = [sum(first), sum(second)];
  if (rows === 0 || others === 0) return null;
  let value = 0;
  let bins = 0;
  first.forEach((count, at) => {
    const other = second[at] ?? 0;
    if (count + other === 0) return;
    bins += 1;
    const [p, q] = [Math.max(count / rows, EMPTY), Math.max(other / others, EMPTY)];
    value += (p - q) * Math.log(p / q);
  });
  const pValue = bins < 2 ? 1 : gammaQ((bins - 1) / 2, value / (1 / rows + 1 / others) / 2);
  return { value, pValue };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
