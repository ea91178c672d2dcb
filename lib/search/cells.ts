import type { EngineChoice } from '../domain/engine.ts';
import type { FoldRecord } from '../domain/records.ts';
import type { Settings } from '../ml/settings.ts';
import type { Json } from '../util/json.ts';
import { childSeed } from '../util/seed.ts';
import type { SharedFit } from './fits.ts';
import { type SearchSplit, splitSeedOf } from './search-rows.ts';

/** What all cells of a search have in common. */
export interface CellsBase {
  readonly folds: number;
  readonly rows: number | null;
  readonly seed: number;
  readonly engine: EngineChoice;
}

/** What is remembered of a cell: everything of its record but where it stands in this search. */
export type CellMemory = Omit<FoldRecord, 'trial' | 'fold' | 'reused'>;

/** One fit of a search on one fold, and the candidates it serves. */
export interface Job {
  readonly index: number;
  readonly fit: SharedFit;
  readonly fold: number;
}

/** In grid order, a candidate's folds one after the other. */
export const jobsOf = (fits: readonly SharedFit[], folds: number): Job[] =>
  fits.flatMap((fit, at) => Array.from({ length: folds }, (_, fold) => ({ index: at * folds + fold, fit, fold })));

/** From content, so that neither order nor position in the grid changes what a cell computes. */
export const cellSeed = ({ seed }: CellsBase, { fit, fold }: Job): number =>
  childSeed(seed, `cell/${fit.content}/${fold}`);

export const splitOf = ({ rows, folds, seed }: CellsBase): SearchSplit => ({
  rows,
  folds,
  splitSeed: splitSeedOf(seed),
});

/** What a candidate on a fold is, whoever computes it and with whatever else: the input it is remembered under. */
export function cellIdentity(base: CellsBase, job: Job, settings: Settings): Json {
  const { engine, backend, version } = base.engine;
  const identity = {
    ...splitOf(base),
    settings,
    fold: job.fold,
    engine: { engine, backend, version },
    seed: cellSeed(base, job),
  };
  return identity as unknown as Json;
}
