import type { EngineChoice } from '../domain/engine.ts';
import { type Failure, failureText } from '../domain/failure.ts';
import { orRaise } from '../domain/raised.ts';
import type { Task } from '../domain/tasks.ts';
import type { Weight } from '../ml/engine.ts';
import { fitPrepared, prepareFit } from '../ml/fit-classifier.ts';
import { type Settings, withoutIdleRows } from '../ml/settings.ts';
import { chooseRows, trainingData } from '../ml/training-rows.ts';
import { atMostEvery } from '../util/at-most-every.ts';
import type { Json } from '../util/json.ts';
import type { Result } from '../util/result.ts';
import type { SearchSplit } from './search-rows.ts';
import { openShared, TELL_MS } from './shared.ts';

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

/**
 * One candidate on one fold: fitted on the other folds, scored by accuracy on the originals of its own. Where candidates differ
 * in nothing but their epochs, one fit serves them all.
 */
export const cell: Task = async (input, context) => {
  const { settings, fold, scoreAt, engine: choice, ...split } = input as unknown as CellInput;
  const { dataset, engine: starting, rowsOf } = openShared(context.deps['data'] ?? '', choice, split);
  const engine = await starting;
  const { learn, scored } = rowsOf(fold);
  const data = orRaise(trainingData(dataset));
  const test = chooseRows(data.rows, scored);
  const tell = atMostEvery(TELL_MS, (share: number) => context.progress({ share }));
  const reached = new Map<number, readonly Weight[]>();
  const learning = { rows: learn, settings: withoutIdleRows(settings), seed: context.seed };
  const prepared = orRaise(prepareFit(dataset, learning));
  const { spec, transform } = prepared;
  const fitted = await fitPrepared(prepared, {
    engine,
    onBatch: (epoch, share) => tell((epoch - 1 + share) / settings.epochs),
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
