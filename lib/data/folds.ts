import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import { createRng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';
import { groupByOrigin, positionsByLabel } from './origin-groups.ts';

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
  const byLabel = positionsByLabel(groups);
  let smallest = { label: 0, rows: Number.POSITIVE_INFINITY };
  for (const [label, positions] of byLabel) {
    const isSmaller =
      positions.length < smallest.rows || (positions.length === smallest.rows && label < smallest.label);
    if (isSmaller) smallest = { label, rows: positions.length };
  }
  if (smallest.rows < folds) return err(failure('DATA_FOLDS', { ...smallest, folds }));

  const rng = createRng(childSeed(seed, 'folds'));
  const foldOfRow = new Int32Array(labels.length);
  // Dealing the originals sorted by class round the folds gives each fold its count of every class.
  let dealt = 0;
  for (const positions of byLabel.values()) {
    const start = dealt;
    const hand = rng.shuffle(Int32Array.from(positions, (_, at) => (start + at) % folds));
    dealt += positions.length;
    positions.forEach((position, at) => {
      for (const row of groups[position]?.rows ?? []) foldOfRow[row] = hand[at] as number;
    });
  }
  return ok(foldOfRow);
}
