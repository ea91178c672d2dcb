import type { Dataset } from '../data/dataset.ts';
import { stratifiedHoldout } from '../data/split.ts';
import { unitScale } from '../data/transform.ts';
import type { Failure } from '../domain/failure.ts';
import type { ModelSpec, Transform } from '../domain/model.ts';
import { err, ok, type Result } from '../util/result.ts';
import { childSeed } from '../util/seed.ts';
import type { Engine, FitRequest, Fitted, Rows } from './engine.ts';
import { classifierSpec, hyperparametersOf, type Settings } from './settings.ts';
import { pickTrainingRows, trainingData } from './training-rows.ts';

export interface ClassifierRequest {
  readonly engine: Engine;
  readonly dataset: Dataset;
  /** Rows to learn from, by number. */
  readonly rows: Int32Array;
  readonly settings: Settings;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onEpoch?: FitRequest['onEpoch'];
  readonly onBatch?: FitRequest['onBatch'];
}

export interface FittedClassifier {
  readonly spec: ModelSpec;
  readonly transform: Transform;
  readonly fitted: Fitted;
  /** Rows the weights were fitted on: what was held out to watch is not among them. */
  readonly trained: Rows;
}

/** Fits a classifier on some rows of a dataset; a share of them is held out, by origin and class, to watch the fit. */
export async function fitClassifier(request: ClassifierRequest): Promise<Result<FittedClassifier, Failure>> {
  const { dataset, rows, settings, seed, engine } = request;
  const data = trainingData(dataset);
  if (!data.ok) return data;
  const { input, classes } = data.value;
  const own = <T extends Int32Array>(column: T): Int32Array => Int32Array.from(rows, (row) => column[row] as number);
  const [labels, origins] = [own(dataset.labels), own(dataset.origins)];
  const held = stratifiedHoldout(labels, origins, settings.validation, childSeed(seed, 'validation'));
  const take = (positions: Int32Array): Rows =>
    pickTrainingRows(
      data.value.rows,
      input,
      Int32Array.from(positions, (position) => rows[position] as number),
    );
  // Augmented rows are for learning; only what was really seen says how good the fit is.
  const watched = held.holdout.filter(
    (position) => dataset.origins[rows[position] as number] === dataset.ids[rows[position] as number],
  );
  const spec = classifierSpec(settings, { input, classes: classes.length });
  const transform = unitScale();
  const train = take(held.train);
  const result = await engine.fit({
    spec,
    transform,
    hyperparameters: hyperparametersOf(settings),
    seed,
    train,
    validation: watched.length === 0 ? undefined : take(watched),
    signal: request.signal,
    ...(request.onEpoch === undefined ? {} : { onEpoch: request.onEpoch }),
    ...(request.onBatch === undefined ? {} : { onBatch: request.onBatch }),
  });
  return result.ok ? ok({ spec, transform, fitted: result.value, trained: train }) : err(result.failure);
}
