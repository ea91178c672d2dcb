import { type Failure, failure } from '../domain/failure.ts';
import { pick } from '../util/pick.ts';
import { err, ok, type Result } from '../util/result.ts';
import { createRng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';
import { groupByOrigin, groupsByLabel } from './origin-groups.ts';

/**
 * The fold, 0 to folds - 1, of each row: stratified, shuffled by seed, as scikit-learn's StratifiedKFold deals them. A
 * class's originals differ by at most one between folds, and so do the folds in all; augmented rows go with their
 * original. Fails when a class has fewer originals than there are folds, or when there are fewer than two folds.
 */
export function stratifiedFolds(
  labels: Int32Array,
  origins: Int32Array,
  folds: number,
  seed: number,
): Result<Int32Array, Failure> {
  if (!Number.isInteger(folds) || folds < 2) {
    return err(failure('DATA_TOO_FEW_ROWS', { what: 'cross-validation (folds)', seen: folds, needed: 2 }));
  }
  const groups = groupByOrigin(labels, origins);
  const byLabel = groupsByLabel(groups);
  let smallest = { label: 0, rows: Number.POSITIVE_INFINITY };
  for (const [label, own] of byLabel) {
    const isSmaller = own.length < smallest.rows || (own.length === smallest.rows && label < smallest.label);
    if (isSmaller) smallest = { label, rows: own.length };
  }
  if (smallest.rows < folds) return err(failure('DATA_FOLDS', { ...smallest, folds }));

  const rng = createRng(childSeed(seed, 'folds'));
  const foldOfGroup = new Int32Array(groups.labels.length);
  // Dealing the originals sorted by class round the folds gives each fold its count of every class.
  let dealt = 0;
  for (const own of byLabel.values()) {
    const start = dealt;
    const hand = rng.shuffle(Int32Array.from(own, (_, at) => (start + at) % folds));
    dealt += own.length;
    own.forEach((group, at) => {
      foldOfGroup[group] = hand[at] as number;
    });
  }
  return ok(pick(foldOfGroup, groups.groupOf));
}
