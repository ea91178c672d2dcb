import { isLess } from './scores.ts';

/** Scores of one candidate by fold, in order; null where the fit failed, undefined where it was not computed. */
export type FoldScores = readonly (number | null | undefined)[];

/** The best an accuracy can be. */
const PERFECT = 1;

/**
 * The mean a candidate can still reach when every fold from `from` on were perfect; −∞ once a fold failed. Folds that were
 * not computed yet count as perfect.
 */
export function boundAfter(scores: FoldScores, from: number): number {
  const known = scores.slice(0, from);
  if (known.includes(null)) return Number.NEGATIVE_INFINITY;
  const sum = known.reduce<number>((total, score) => total + (score ?? PERFECT), 0);
  return (sum + (scores.length - from) * PERFECT) / scores.length;
}

const meanOf = (scores: FoldScores): number | undefined =>
  scores.every((score) => typeof score === 'number') ? boundAfter(scores, scores.length) : undefined;

/**
 * The first fold of a candidate that need not be computed, because it could not beat the best complete candidate before it
 * in the grid even by perfect folds; its number of folds when all are needed. It follows from the scores alone, and never from
 * the order in which they came: with every score known it is final, and with some missing it can only be too large.
 */
export function firstIdleFold(candidates: readonly FoldScores[], index: number): number {
  const best = bestBefore(candidates, index);
  const own = candidates[index] ?? [];
  for (let fold = 1; fold < own.length; fold++) {
    const computed = own.slice(0, fold);
    if (computed.includes(undefined)) return own.length;
    // Equal is not less: a tie would share the rank.
    if (isLess(boundAfter(own, fold), best)) return fold;
  }
  return own.length;
}

/** The best mean of the candidates before this one that would not be pruned themselves and are complete. */
function bestBefore(candidates: readonly FoldScores[], index: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < index; at++) best = Math.max(best, meanOf(candidates[at] ?? []) ?? Number.NEGATIVE_INFINITY);
  return best;
}
