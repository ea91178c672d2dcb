import { emptyLike } from '../data/columns.ts';
import type { Dataset } from '../data/dataset.ts';
import { sizeOf } from '../data/npy.ts';
import { readRows } from '../data/read-rows.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { countUp } from '../util/count-up.ts';
import { pick } from '../util/pick.ts';
import { err, ok, type Result } from '../util/result.ts';
import { rowWidth } from './batches.ts';
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
  const every = countUp(dataset.rows);
  return ok({ rows: datasetRows(dataset, name, every), input: dataset.featureShape(name), classes });
}

/** Rows of a dataset by number. Its values are only read when an engine asks for them. */
function datasetRows(dataset: Dataset, name: string, chosen: Int32Array): Rows {
  const file = dataset.featureFile(name);
  const { labels } = dataset;
  return {
    count: chosen.length,
    get inputs() {
      return dataset.feature(name);
    },
    labels,
    chosen,
    ...(file === undefined ? {} : { file: { ...file, width: sizeOf(dataset.featureShape(name)) } }),
  };
}

/** The rows that `indices` names, as a choice of the same values. */
export function chooseRows(rows: Rows, indices: Int32Array): Rows {
  const { file, labels, chosen } = rows;
  return {
    count: indices.length,
    get inputs() {
      return rows.inputs;
    },
    labels,
    chosen: chosen === undefined ? indices : pick(chosen, indices),
    ...(file === undefined ? {} : { file }),
  };
}

/** Raw values and labels of a choice of rows, one after the other; of a file only those rows are read. */
export function copyRows(rows: Rows): Required<Pick<Rows, 'count' | 'inputs' | 'labels'>> {
  const { count, chosen, file, labels: all } = rows;
  if (chosen === undefined) return { count, inputs: rows.inputs, labels: all };
  const labels = pick(all, chosen);
  if (file !== undefined) return { count, labels, inputs: readRows(file, chosen, file.width) };
  const width = rowWidth(rows);
  const inputs = emptyLike(rows.inputs, count * width);
  chosen.forEach((row, at) => {
    inputs.set(rows.inputs.subarray(row * width, (row + 1) * width), at * width);
  });
  return { count, inputs, labels };
}
