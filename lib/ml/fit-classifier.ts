import type { Dataset } from '../data/dataset.ts';
import { columnTypeOf } from '../data/npy.ts';
import { stratifiedHoldout } from '../data/split.ts';
import { standardScale, unitScale } from '../data/transform.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { ModelSpec, Transform } from '../domain/model.ts';
import { pick } from '../util/pick.ts';
import { err, ok, type Result } from '../util/result.ts';
import { childSeed } from '../util/seed.ts';
import type { Engine, FitRequest, Fitted, Rows } from './engine.ts';
import { checkShapes } from './layer-shapes.ts';
import { lookUpFault } from './looked-up.ts';
import { classifierSpec, hyperparametersOf, type Settings } from './settings.ts';
import { chooseRows, copyRows, trainingData } from './training-rows.ts';

/** Who computes a fit, and who hears of it. */
export interface FitHearers {
  readonly engine: Engine;
  readonly signal?: AbortSignal;
  readonly onEpoch?: FitRequest['onEpoch'];
  readonly onBatch?: FitRequest['onBatch'];
  readonly weightsAfter?: FitRequest['weightsAfter'];
}

export interface ClassifierRequest extends SplitRequest, FitHearers {
  readonly dataset: Dataset;
}

export interface FittedClassifier {
  readonly spec: ModelSpec;
  readonly transform: Transform;
  readonly fitted: Fitted;
  /** Rows the weights were fitted on: what was held out to watch is not among them. */
  readonly trained: Rows;
}

/** The model a setting means for a dataset; fails where its layers do not fit the rows. */
export function specFor(dataset: Dataset, settings: Settings): Result<ModelSpec, Failure> {
  const data = trainingData(dataset);
  if (!data.ok) return data;
  const { input, classes, rows } = data.value;
  const spec = classifierSpec(settings, { input, classes: classes.length });
  const checked = checkShapes(spec);
  if (!checked.ok) return checked;
  const fault = lookUpFault(spec, () => rows.inputs);
  return fault === undefined ? ok(spec) : err(fault);
}

/**
 * How raw values are scaled for a model, by the rows it learns from. What is looked up are whole numbers, and they stay what they
 * are; bytes are parts of 255; of any other numbers each column of a table is standardised, and other shapes as a whole.
 */
export function transformFor({ layers, input }: ModelSpec, train: Rows): Transform {
  if (layers[0]?.type === 'embedding') return unitScale(1);
  if ((train.file?.type ?? columnTypeOf(train.inputs)) === 'uint8') return unitScale();
  const { inputs } = copyRows(train);
  return standardScale(inputs, input.length === 1 ? (input[0] as number) : 1);
}

export interface SplitRequest {
  /** Rows to learn from, by number. */
  readonly rows: Int32Array;
  readonly settings: Settings;
  readonly seed: number;
}

/** The rows a fit learns from, and those it is watched by; undefined where none are. */
export interface SplitRows {
  readonly train: Rows;
  readonly validation: Rows | undefined;
}

/** Holds out a share of some rows, by origin and class, to watch the fit. */
export function splitRows(dataset: Dataset, { rows, settings, seed }: SplitRequest): Result<SplitRows, Failure> {
  const data = trainingData(dataset);
  if (!data.ok) return data;
  const [labels, origins] = [pick(dataset.labels, rows), pick(dataset.origins, rows)];
  const seen = [...new Set(labels)];
  if (seen.length < 2) {
    return err(failure('TRAIN_TOO_FEW_CLASSES', { classes: seen.map((label) => data.value.classes[label] ?? '') }));
  }
  const held = stratifiedHoldout(labels, origins, settings.validation, childSeed(seed, 'validation'));
  const take = (positions: Int32Array): Rows => chooseRows(data.value.rows, pick(rows, positions));
  // Augmented rows are for learning; only what was really seen says how good the fit is.
  const watched = held.holdout.filter(
    (position) => dataset.origins[rows[position] as number] === dataset.ids[rows[position] as number],
  );
  return ok({ train: take(held.train), validation: watched.length === 0 ? undefined : take(watched) });
}

/** A fit that has not begun: all that follows from the rows and the settings alone. */
export type PreparedFit = Omit<FitRequest, keyof FitHearers>;

export function prepareFit(dataset: Dataset, request: SplitRequest): Result<PreparedFit, Failure> {
  const { settings, seed } = request;
  const [split, made] = [splitRows(dataset, request), specFor(dataset, settings)];
  if (!made.ok) return made;
  if (!split.ok) return split;
  const spec = made.value;
  const transform = transformFor(spec, split.value.train);
  return ok({ spec, transform, hyperparameters: hyperparametersOf(settings), seed, ...split.value });
}

export async function fitPrepared(
  prepared: PreparedFit,
  { engine, signal, onEpoch, onBatch, weightsAfter }: FitHearers,
): Promise<Result<FittedClassifier, Failure>> {
  const { spec, transform, train } = prepared;
  const result = await engine.fit({
    ...prepared,
    signal,
    ...(onEpoch === undefined ? {} : { onEpoch }),
    ...(onBatch === undefined ? {} : { onBatch }),
    ...(weightsAfter === undefined ? {} : { weightsAfter }),
  });
  return result.ok ? ok({ spec, transform, fitted: result.value, trained: train }) : err(result.failure);
}

/** Fits a classifier on some rows of a dataset. */
export async function fitClassifier(request: ClassifierRequest): Promise<Result<FittedClassifier, Failure>> {
  const prepared = prepareFit(request.dataset, request);
  return prepared.ok ? fitPrepared(prepared.value, request) : prepared;
}
