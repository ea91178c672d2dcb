import { type Dataset, openDataset } from '../data/dataset.ts';
import type { EngineChoice } from '../domain/engine.ts';
import { type Failure, failureText } from '../domain/failure.ts';
import { orRaise } from '../domain/raised.ts';
import type { Task } from '../domain/tasks.ts';
import { createEngine } from '../ml/create-engine.ts';
import type { Engine, Weight } from '../ml/engine.ts';
import { fitClassifier, specFor, transformFor } from '../ml/fit-classifier.ts';
import { type Settings, withoutIdleRows } from '../ml/settings.ts';
import { chooseRows, trainingData } from '../ml/training-rows.ts';
import type { Json } from '../util/json.ts';
import type { Result } from '../util/result.ts';
import { type SearchFolds, type SearchSplit, searchFolds } from './search-rows.ts';

/** What one fit of the search is given; the same for every worker. */
export interface CellInput extends SearchSplit {
  /** With the most epochs that are scored. */
  readonly settings: Settings;
  readonly fold: number;
  readonly engine: EngineChoice;
  /** Epochs after which the fit is scored, ascending; the last one is the setting's own. */
  readonly scoreAt: readonly number[];
}

/** What a fit came to after some epochs. */
export type CellScore = {
  readonly epochs: number;
  /** Share of the fold's originals that were right; null when the fit had gone wrong by then. */
  readonly score: number | null;
  /** Why there is no score; null when there is one. */
  readonly error: string | null;
};

/** What all cells of a search share. A worker makes it once, whatever it is asked to compute. */
interface Shared {
  readonly dataset: Dataset;
  readonly engine: Promise<Engine>;
  readonly folds: SearchFolds;
}

const opened = new Map<string, Shared>();

function open(folder: string, { engine, rows, folds, splitSeed }: CellInput): Shared {
  const key = JSON.stringify([folder, rows, folds, splitSeed]);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const dataset = orRaise(openDataset(folder));
  const dealt = orRaise(searchFolds(dataset, { rows, folds, splitSeed }));
  const made = { dataset, engine: createEngine(engine), folds: dealt };
  opened.set(key, made);
  return made;
}

/**
 * One candidate on one fold: fitted on the other folds, scored by accuracy on the originals of its own. Where candidates differ
 * in nothing but their epochs, one fit serves them all.
 */
export const cell: Task = async (input, context) => {
  const { settings, fold, scoreAt } = input as unknown as CellInput;
  const { dataset, engine: starting, folds } = open(context.deps['data'] ?? '', input as unknown as CellInput);
  const engine = await starting;
  const { selected, foldOf } = folds;
  const learn = selected.filter((_, at) => foldOf[at] !== fold);
  const scored = selected.filter((row, at) => foldOf[at] === fold && dataset.origins[row] === dataset.ids[row]);
  const data = orRaise(trainingData(dataset));
  const test = chooseRows(data.rows, scored);
  const spec = orRaise(specFor(dataset, settings));
  const transform = transformFor(spec);
  const reached = new Map<number, readonly Weight[]>();
  const fitted = await fitClassifier({
    engine,
    dataset,
    rows: learn,
    settings: withoutIdleRows(settings),
    seed: context.seed,
    onBatch: (epoch, share) => context.progress({ share: (epoch - 1 + share) / settings.epochs }),
    weightsAfter: { epochs: scoreAt.slice(0, -1), take: (epoch, weights) => reached.set(epoch, weights) },
  });
  if (fitted.ok) reached.set(settings.epochs, fitted.value.fitted.weights);
  const scores: CellScore[] = [];
  for (const epochs of scoreAt) {
    const weights = reached.get(epochs);
    if (weights === undefined) {
      scores.push({ epochs, score: null, error: wrong(fitted) });
      continue;
    }
    const { accuracy } = await engine.score({ spec, transform, weights, rows: test });
    scores.push({ epochs, score: accuracy, error: null });
  }
  return scores satisfies Json;
};

/** A fit that went too far is a candidate's own fault, and a row; any other fault is the search's. */
function wrong(fitted: Result<unknown, Failure>): string {
  if (fitted.ok) return 'it was not reached';
  if (fitted.failure.code !== 'TRAIN_DIVERGED') orRaise(fitted);
  return failureText(fitted.failure);
}
