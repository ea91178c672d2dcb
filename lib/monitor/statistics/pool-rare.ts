/** Rows a cell has to expect, so that the chi-squared distribution is near enough (Cochran, 1954). */
const EXPECTED = 5;

/**
 * Two lists of counts by class with the rare classes put together: those the smaller list expects fewer than five rows of, were both
 * of one distribution. The cells keep their order, what was put together comes last.
 */
export function poolRare(
  first: readonly number[],
  second: readonly number[],
): { readonly first: number[]; readonly second: number[] } {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const [rows, others] = [sum(first), sum(second)];
  const smaller = Math.min(rows, others) / Math.max(1, rows + others);
  const isRare = first.map((count, at) => (count + (second[at] ?? 0)) * smaller < EXPECTED);
  const pooled = (counts: readonly number[]): number[] => [
    ...counts.filter((_, at) => !isRare[at]),
    ...(isRare.includes(true) ? [sum(counts.filter((_, at) => isRare[at]))] : []),
  ];
  return { first: pooled(first), second: pooled(second) };
}
