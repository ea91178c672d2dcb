import { type Dataset, openDataset } from '../data/dataset.ts';
import type { EngineChoice } from '../domain/engine.ts';
import { orRaise } from '../domain/raised.ts';
import type { Task } from '../domain/tasks.ts';
import { countCorrect } from '../ml/batches.ts';
import { createEngine } from '../ml/create-engine.ts';
import type { Engine } from '../ml/engine.ts';
import { fitClassifier } from '../ml/fit-classifier.ts';
import { type Settings, withoutIdleRows } from '../ml/settings.ts';
import { chooseRows, copyRows, trainingData } from '../ml/training-rows.ts';
import type { Json } from '../util/json.ts';
import { type SearchSplit, searchFolds } from './search-rows.ts';

/** What a cell of the search is given; the same for every worker. */
export interface CellInput extends SearchSplit {
  readonly settings: Settings;
  readonly fold: number;
  readonly engine: EngineChoice;
}

/** What a cell answers. */
export interface CellOutput {
  readonly score: number;
  readonly durationMs: number;
}

/** A worker opens the dataset and starts the engine once, whatever it is asked to compute. */
const opened = new Map<string, { readonly dataset: Dataset; readonly engine: Promise<Engine> }>();

function open(folder: string, choice: EngineChoice): { readonly dataset: Dataset; readonly engine: Promise<Engine> } {
  const known = opened.get(folder);
  if (known !== undefined) return known;
  const made = { dataset: orRaise(openDataset(folder)), engine: createEngine(choice) };
  opened.set(folder, made);
  return made;
}

/** One candidate on one fold: fitted on the other folds, scored by accuracy on the originals of its own. */
export const cell: Task = async (input, context) => {
  const { settings, fold, engine: choice } = input as unknown as CellInput;
  const startedMs = performance.now();
  const { dataset, engine: starting } = open(context.deps['data'] ?? '', choice);
  const engine = await starting;
  const { selected, foldOf } = orRaise(searchFolds(dataset, input as unknown as CellInput));
  const learn = selected.filter((_, at) => foldOf[at] !== fold);
  const scored = selected.filter((row, at) => foldOf[at] === fold && dataset.origins[row] === dataset.ids[row]);
  const { spec, transform, fitted } = orRaise(
    await fitClassifier({
      engine,
      dataset,
      rows: learn,
      settings: withoutIdleRows(settings),
      seed: context.seed,
      onBatch: (epoch, share) => context.progress({ share: (epoch - 1 + share) / settings.epochs }),
    }),
  );
  const data = orRaise(trainingData(dataset));
  const test = copyRows(chooseRows(data.rows, scored));
  const { weights } = fitted;
  const outputs = await engine.predict({ spec, transform, weights, inputs: test.inputs, count: test.count });
  const score = countCorrect(outputs, test.labels, data.classes.length) / test.count;
  return { score, durationMs: performance.now() - startedMs } satisfies Json;
};
