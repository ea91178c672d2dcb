import type { Dataset } from './dataset.ts';
import { rowsWhere } from './row-ids.ts';
import { indexRows } from './row-index.ts';

/**
 * The rows, by number and in order, that stand in none of the datasets a model learned from: neither under their id (an
 * augmented row stands for the one it was made of) nor with the very same features.
 */
export function unseenRows(dataset: Dataset, learnedFrom: readonly Dataset[]): Int32Array {
  const ids = new Set(learnedFrom.flatMap(({ origins }) => [...origins]));
  const indexes = learnedFrom.map(indexRows);
  return rowsWhere(
    dataset.rows,
    (row) =>
      !ids.has(dataset.origins[row] as number) && indexes.every((index) => index.find(dataset, row) === undefined),
  );
}

/** How many rows hold the very same features as a row of another dataset. */
export function countShared(dataset: Dataset, other: Dataset): number {
  const index = indexRows(other);
  return rowsWhere(dataset.rows, (row) => index.find(dataset, row) !== undefined).length;
}
