import type { Dataset } from '../data/dataset.ts';
import { stratifiedFolds } from '../data/folds.ts';
import { stratifiedSubset } from '../data/split.ts';
import type { Failure } from '../domain/failure.ts';
import { countUp } from '../util/count-up.ts';
import { pick } from '../util/pick.ts';
import { ok, type Result } from '../util/result.ts';
import { childSeed } from '../util/seed.ts';

/**
 * Row numbers, in order, that a search looks at: all rows, or a stratified choice of `count` originals together with
 * their augmented rows.
 */
export function searchRows(dataset: Dataset, count: number | null, seed: number): Int32Array {
  const every = countUp(dataset.rows);
  const originals = every.filter((row) => dataset.origins[row] === dataset.ids[row]);
  if (count === null || count >= originals.length) return every;
  const strata = originals.map((row) => dataset.labels[row] as number);
  const chosen = new Set<number>();
  for (const at of stratifiedSubset(strata, count, seed)) chosen.add(dataset.ids[originals[at] as number] as number);
  return every.filter((row) => chosen.has(dataset.origins[row] as number));
}

export interface SearchSplit {
  /** How many originals the search looks at; null for all of them. */
  readonly rows: number | null;
  readonly folds: number;
  /** Seed of the folds and of the subset: the same for every candidate. */
  readonly splitSeed: number;
}

/** The seed a search's split derives from: its own, so that a candidate's fit never shares a stream with it. */
export const splitSeedOf = (seed: number): number => childSeed(seed, 'splits');

export interface SearchFolds {
  /** Row numbers the search looks at. */
  readonly selected: Int32Array;
  /** The fold of each of them. */
  readonly foldOf: Int32Array;
}

/** Deals the rows a search looks at into folds; fails when a class has too few for that. */
export function searchFolds(dataset: Dataset, { rows, folds, splitSeed }: SearchSplit): Result<SearchFolds, Failure> {
  const selected = searchRows(dataset, rows, splitSeed);
  const dealt = stratifiedFolds(pick(dataset.labels, selected), pick(dataset.origins, selected), folds, splitSeed);
  return dealt.ok ? ok({ selected, foldOf: dealt.value }) : dealt;
}
