import type { Dataset } from '../data/dataset.ts';
import { sizeOf } from '../data/npy.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Rows } from './engine.ts';

/** A dataset as a model sees it: one feature column and the labels. */
export interface TrainingData {
  readonly rows: Rows;
  /** The shape of one raw row. */
  readonly input: readonly number[];
  readonly classes: readonly string[];
}

/** Takes the feature column and the labels of a dataset; a dataset of several columns or of one class is refused. */
export function trainingData(dataset: Dataset): Result<TrainingData, Failure> {
  const [name] = dataset.features;
  if (name === undefined || dataset.features.length > 1) {
    return err(failure('TRAIN_BAD_FEATURES', { features: dataset.features }));
  }
  const { classes } = dataset.meta;
  if (classes.length < 2) return err(failure('TRAIN_TOO_FEW_CLASSES', { classes }));
  const rows: Rows = { count: dataset.rows, inputs: dataset.feature(name), labels: dataset.labels };
  return ok({ rows, input: dataset.featureShape(name), classes });
}

/** Copies the rows that `indices` names. */
export function pickTrainingRows(rows: Rows, input: readonly number[], indices: Int32Array): Rows {
  const width = sizeOf(input);
  const inputs =
    rows.inputs instanceof Uint8Array
      ? new Uint8Array(indices.length * width)
      : new Float32Array(indices.length * width);
  const labels = new Int32Array(indices.length);
  indices.forEach((row, at) => {
    inputs.set(rows.inputs.subarray(row * width, (row + 1) * width), at * width);
    labels[at] = rows.labels[row] as number;
  });
  return { count: indices.length, inputs, labels };
}
