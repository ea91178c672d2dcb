import { type Dataset, openDataset } from '../data/dataset.ts';
import type { EngineChoice } from '../domain/engine.ts';
import { orRaise } from '../domain/raised.ts';
import { createEngine } from '../ml/create-engine.ts';
import type { Engine } from '../ml/engine.ts';
import { type SearchFolds, type SearchSplit, searchFolds } from './search-rows.ts';

/** How often a task says how far it is, in milliseconds: hearing of it takes the cores that the workers need. */
export const TELL_MS = 250;

/** What all tasks of a search share. A worker makes it once, whatever it is asked to compute. */
export interface Shared {
  readonly dataset: Dataset;
  readonly engine: Promise<Engine>;
  /** The rows of a fold's fit, and those it is scored on. */
  rowsOf(fold: number): FoldRows;
}

/** Row numbers, in order. */
export interface FoldRows {
  readonly learn: Int32Array;
  /** Originals only. */
  readonly scored: Int32Array;
}

const opened = new Map<string, Shared>();

export function openShared(folder: string, engine: EngineChoice, split: SearchSplit): Shared {
  const { rows: count, folds, splitSeed } = split;
  const key = JSON.stringify([folder, count, folds, splitSeed]);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const dataset = orRaise(openDataset(folder));
  const dealt = orRaise(searchFolds(dataset, split));
  const rows = Array<FoldRows | undefined>(folds);
  const rowsOf = (fold: number): FoldRows => {
    const known = rows[fold] ?? foldRows(dataset, dealt, fold);
    rows[fold] = known;
    return known;
  };
  const made = { dataset, engine: createEngine(engine), rowsOf };
  opened.set(key, made);
  return made;
}

function foldRows({ origins, ids }: Dataset, { selected, foldOf }: SearchFolds, fold: number): FoldRows {
  return {
    learn: selected.filter((_, at) => foldOf[at] !== fold),
    scored: selected.filter((row, at) => foldOf[at] === fold && origins[row] === ids[row]),
  };
}
