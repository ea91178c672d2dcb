/** Terms after which both series below have long stopped changing. */
const TERMS = 50;

/**
 * The largest distance between the empirical distribution functions of two samples, both ascending: 0 for equal ones, 1 where
 * all of one lies below the other (Smirnov, 1939). Ties count once; what is no number stands last, as sorting leaves it.
 */
export function ksDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [rows, others] = [first.length, second.length];
  let [at, other, distance] = [0, 0, 0];
  while (at < rows && other < others) {
    const [mine, theirs] = [first[at] as number, second[other] as number];
    const value = mine <= theirs || Number.isNaN(theirs) ? mine : theirs;
    while (at < rows && isNext(first[at] as number, value)) at += 1;
    while (other < others && isNext(second[other] as number, value)) other += 1;
    distance = Math.max(distance, Math.abs(at / rows - other / others));
  }
  return distance;
}

const isNext = (value: number, upTo: number): boolean => value <= upTo || Number.isNaN(upTo);

/**
 * The chance that Kolmogorov's statistic is above `lambda` (Kolmogorov, 1933): 2 Σ (-1)^(j-1) exp(-2 j² λ²), and below 1, where that
 * converges slowly, its other form by Jacobi's theta function, 1 - √(2π)/λ Σ exp(-(2j-1)² π² / (8 λ²)).
 */
export function kolmogorovTail(lambda: number): number {
  if (lambda <= 0) return 1;
  let sum = 0;
  if (lambda < 1) {
    for (let term = 1; term <= TERMS; term++) {
      sum += Math.exp((-((2 * term - 1) ** 2) * Math.PI ** 2) / (8 * lambda * lambda));
    }
    return Math.min(1, Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / lambda) * sum));
  }
  for (let term = 1; term <= TERMS; term++) sum += (term % 2 === 1 ? 1 : -1) * Math.exp(-2 * (term * lambda) ** 2);
  return Math.min(1, Math.max(0, 2 * sum));
}

export interface KsTest {
  readonly distance: number;
  /** Asymptotic, so for samples of some hundreds; ties make it too large, never too small. */
  readonly pValue: number;
}

/** The two-sample Kolmogorov-Smirnov test of samples that are both ascending. Null where one is empty. */
export function ksTest(first: ArrayLike<number>, second: ArrayLike<number>): KsTest | null {
  const [rows, others] = [first.length, second.length];
  if (rows === 0 || others === 0) return null;
  const distance = ksDistance(first, second);
  return { distance, pValue: kolmogorovTail(distance * Math.sqrt((rows * others) / (rows + others))) };
}
