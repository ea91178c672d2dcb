import type { Dataset } from '../data/dataset.ts';
import { stratifiedSubset } from '../data/split.ts';

/**
 * Row numbers, in order, that a search looks at: all rows, or a stratified choice of `count` originals together with
 * their augmented rows.
 */
export function searchRows(dataset: Dataset, count: number | null, seed: number): Int32Array {
  const every = Int32Array.from({ length: dataset.rows }, (_, row) => row);
  const originals = every.filter((row) => dataset.origins[row] === dataset.ids[row]);
  if (count === null || count >= originals.length) return every;
  const strata = Int32Array.from(originals, (row) => dataset.labels[row] as number);
  const chosen = new Set<number>();
  for (const at of stratifiedSubset(strata, count, seed)) chosen.add(dataset.ids[originals[at] as number] as number);
  return every.filter((row) => chosen.has(dataset.origins[row] as number));
}
