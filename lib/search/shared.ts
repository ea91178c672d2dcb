import { type Dataset, openDataset } from '../data/dataset.ts';
import type { EngineChoice } from '../domain/engine.ts';
import { orRaise } from '../domain/raised.ts';
import { createEngine } from '../ml/create-engine.ts';
import type { Engine } from '../ml/engine.ts';
import { type SearchFolds, type SearchSplit, searchFolds } from './search-rows.ts';

/** What all tasks of a search share. A worker makes it once, whatever it is asked to compute. */
export interface Shared {
  readonly dataset: Dataset;
  readonly engine: Promise<Engine>;
  readonly folds: SearchFolds;
}

const opened = new Map<string, Shared>();

export function openShared(folder: string, engine: EngineChoice, { rows, folds, splitSeed }: SearchSplit): Shared {
  const key = JSON.stringify([folder, rows, folds, splitSeed]);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const dataset = orRaise(openDataset(folder));
  const dealt = orRaise(searchFolds(dataset, { rows, folds, splitSeed }));
  const made = { dataset, engine: createEngine(engine), folds: dealt };
  opened.set(key, made);
  return made;
}
