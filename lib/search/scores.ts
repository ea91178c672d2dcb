/** One candidate's scores over the folds; null where its fit failed. */
export interface CandidateScore {
  readonly scores: readonly (number | null)[];
  readonly mean: number | null;
  /** Population standard deviation (ddof 0), as scikit-learn's `std_test_score`. */
  readonly std: number | null;
  /** From 1; equal means share the lowest. Candidates that failed on a fold come last. */
  readonly rank: number;
}

/** Means that are the same but for how their sums were rounded tie. */
const TIE = 1e-12;

/** Whether a mean is less than another, and does not tie with it. */
export const isLess = (mean: number, than: number): boolean => mean < than - TIE;

/** Unweighted mean and population deviation over the folds, and ranks: greater is better. */
export function scoreCandidates(scores: readonly (readonly (number | null)[])[]): CandidateScore[] {
  const means = scores.map((folds) =>
    folds.every((score) => score !== null) ? mean(folds as readonly number[]) : null,
  );
  return scores.map((folds, index) => {
    const own = means[index] ?? null;
    const ahead = means.filter((other) => other !== null && (own === null || isLess(own, other))).length;
    return {
      scores: folds,
      mean: own,
      std: own === null ? null : deviation(folds as readonly number[], own),
      rank: ahead + 1,
    };
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const deviation = (values: readonly number[], about: number): number =>
  Math.sqrt(mean(values.map((value) => (value - about) ** 2)));
