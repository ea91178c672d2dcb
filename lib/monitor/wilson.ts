/** A proportion with the interval that holds the true one with about 95 % confidence. */
export interface Proportion {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The standard normal's 97.5 % point. */
const Z = 1.959963984540054;

/** Wilson score interval (Wilson, 1927): right at small counts and at 0 and 1, unlike value ± z·sd. Null without rows. */
export function wilson(successes: number, rows: number): Proportion | null {
  if (rows === 0) return null;
  const value = successes / rows;
  const z2 = Z * Z;
  const centre = (value + z2 / (2 * rows)) / (1 + z2 / rows);
  const half = (Z / (1 + z2 / rows)) * Math.sqrt((value * (1 - value)) / rows + z2 / (4 * rows * rows));
  // Rounding may push the ends past 0 and 1 by the last bit.
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
