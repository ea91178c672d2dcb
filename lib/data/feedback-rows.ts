import type { Provenance } from '../domain/dataset.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { FEEDBACK } from '../domain/feedback-provenance.ts';
import type { AcceptedRow, LabelledRow } from '../domain/questions.ts';
import { err, ok, type Result } from '../util/result.ts';
import { emptyLike } from './columns.ts';
import { createDataset, type Dataset, joinDatasets, selectRows } from './dataset.ts';
import { findImageColumn } from './image-column.ts';
import { sizeOf } from './npy.ts';
import { FEEDBACK_IDS_FROM, SPLIT } from './row-ids.ts';

/** Accepted feedback with an input to learn from. */
export interface LearnableRow extends AcceptedRow {
  readonly input: Uint8Array;
}

/** Rows whose input is on record. */
export const learnableRows = (accepted: readonly AcceptedRow[]): LearnableRow[] =>
  accepted.filter((row): row is LearnableRow => row.input !== null);

/** Real and simulated feedback are never one number. */
function provenanceOf(rows: readonly LearnableRow[]): readonly Provenance[] {
  const simulated = rows.filter((row) => row.simulated).length;
  return [
    { source: FEEDBACK.real, rows: rows.length - simulated, sha256: {}, detail: {} },
    { source: FEEDBACK.simulated, rows: simulated, sha256: {}, detail: {} },
  ].filter((entry) => entry.rows > 0);
}

function firstProblem(accepted: readonly LearnableRow[], area: number, classes: number): Failure | undefined {
  for (const { labelId, input, label } of accepted) {
    if (input.length !== area) {
      return failure('DATA_FEEDBACK_SHAPE', { labelId, seen: input.length, expected: area });
    }
    if (label < 0 || label >= classes) return failure('DATA_FEEDBACK_CLASS', { labelId, seen: label, classes });
  }
  return undefined;
}

/** The column that inputs on record are rows of: the images, or the only one there is. */
function learnedColumn(dataset: Dataset): string | undefined {
  const { features } = dataset;
  return findImageColumn(dataset)?.name ?? (features.length === 1 ? features[0] : undefined);
}

/** Feedback as rows of a dataset's own kind; fails when one of them does not have its shape or classes. */
function feedbackDataset(dataset: Dataset, given: readonly LearnableRow[]): Result<Dataset, Failure> {
  const name = learnedColumn(dataset);
  if (name === undefined) {
    return err(failure('DATA_NO_PIXELS', { what: 'Accepted feedback', features: dataset.features }));
  }
  const shape = dataset.featureShape(name);
  const area = sizeOf(shape);
  const { classes } = dataset.meta;
  // Sorted, because the order of an answer is no promise.
  const rows = [...given].sort((a, b) => a.labelId - b.labelId);
  const problem = firstProblem(rows, area, classes.length);
  if (problem !== undefined) return err(problem);
  const data = emptyLike(dataset.feature(name), rows.length * area);
  rows.forEach((row, at) => {
    data.set(row.input, at * area);
  });
  return createDataset({
    columns: {
      label: Int32Array.from(rows, (row) => row.label),
      id: Int32Array.from(rows, (row) => FEEDBACK_IDS_FROM + row.labelId),
      split: new Uint8Array(rows.length).fill(SPLIT.train),
      [name]: { data, shape },
    },
    classes,
    provenance: provenanceOf(rows),
  });
}

/** The dataset with accepted feedback as further training rows; fails when a row does not have the dataset's shape or classes. */
export function appendFeedback(dataset: Dataset, accepted: readonly LearnableRow[]): Result<Dataset, Failure> {
  if (accepted.length === 0) return ok(dataset);
  const feedback = feedbackDataset(dataset, accepted);
  return feedback.ok ? ok(joinDatasets(dataset, feedback.value)) : feedback;
}

/** Feedback alone, as a dataset of its own; fails like `appendFeedback`. */
export function feedbackAlone(dataset: Dataset, rows: readonly LearnableRow[]): Result<Dataset, Failure> {
  if (rows.length > 0) return feedbackDataset(dataset, rows);
  const none = selectRows(dataset, new Int32Array());
  return ok({ ...none, meta: { ...none.meta, provenance: [] } });
}

export interface LabelledRows {
  readonly dataset: Dataset;
  /** Rows that are of another shape, or of a class the dataset does not have. */
  readonly unfit: number;
}

/** What people have labelled, as rows to score by: those that do not fit the dataset are left out and counted. */
export function labelledRows(dataset: Dataset, given: readonly LabelledRow[]): Result<LabelledRows, Failure> {
  const name = learnedColumn(dataset);
  const area = name === undefined ? -1 : sizeOf(dataset.featureShape(name));
  const classes = dataset.meta.classes.length;
  const fit = given.filter(({ input, label }) => input.length === area && label >= 0 && label < classes);
  const unfit = given.length - fit.length;
  if (fit.length === 0) return ok({ dataset: selectRows(dataset, new Int32Array()), unfit });
  const made = feedbackDataset(
    dataset,
    fit.map((row) => ({ ...row, line: '', simulated: false })),
  );
  return made.ok ? ok({ dataset: made.value, unfit }) : made;
}
