import { type CandidateScore, isLess } from './scores.ts';

/** How the winner is chosen: the best mean, or the simplest candidate that is not clearly worse. */
export const WINNER_RULES = ['best', 'oneStandardError'] as const;

export type WinnerRule = (typeof WINNER_RULES)[number];

export interface WinnerChoice {
  readonly rule: WinnerRule;
  readonly scores: readonly CandidateScore[];
  /** Weights of a candidate's model, times its epochs where that is a tie: the smaller is the simpler. */
  readonly sizes: readonly { readonly weights: number; readonly epochs: number }[];
}

/**
 * Index of the winner; undefined when no candidate has a mean. `best` is the first of the best in grid order. `oneStandardError`
 * (Breiman et al., 1984) takes, of all whose mean is within one standard error of the best one's, the one with the fewest
 * weights, then the fewest epochs, then the first; the error is the best one's sample deviation over √folds.
 */
export function chooseWinner({ rule, scores, sizes }: WinnerChoice): number | undefined {
  const best = scores.findIndex(({ rank, mean }) => rank === 1 && mean !== null);
  if (best < 0 || rule === 'best') return best < 0 ? undefined : best;
  const floor = (scores[best]?.mean ?? 0) - standardError(scores[best] as CandidateScore);
  const near = scores.flatMap(({ mean }, index) => (mean !== null && !isLess(mean, floor) ? [index] : []));
  const sizeOf = (index: number): { weights: number; epochs: number } => sizes[index] ?? { weights: 0, epochs: 0 };
  return near.sort((a, b) => {
    const [one, other] = [sizeOf(a), sizeOf(b)];
    return one.weights - other.weights || one.epochs - other.epochs || a - b;
  })[0];
}

function standardError({ scores, std }: CandidateScore): number {
  const folds = scores.length;
  // The population deviation is turned into the sample's.
  return folds < 2 || std === null ? 0 : (std * Math.sqrt(folds / (folds - 1))) / Math.sqrt(folds);
}
