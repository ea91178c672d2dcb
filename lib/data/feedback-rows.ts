import type { Provenance } from '../domain/dataset.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { AcceptedRow } from '../domain/questions.ts';
import { err, ok, type Result } from '../util/result.ts';
import { createDataset, type Dataset, joinDatasets } from './dataset.ts';
import { imageColumn } from './image-column.ts';
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
    { source: 'feedback', rows: rows.length - simulated, sha256: {}, detail: {} },
    { source: 'simulated feedback', rows: simulated, sha256: {}, detail: {} },
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

/** The dataset with accepted feedback as further training rows; fails when a row does not have the dataset's shape or classes. */
export function appendFeedback(dataset: Dataset, accepted: readonly LearnableRow[]): Result<Dataset, Failure> {
  if (accepted.length === 0) return ok(dataset);
  const image = imageColumn(dataset, 'Accepted feedback');
  if (!image.ok) return image;
  const { name, height, width } = image.value;
  const area = height * width;
  const { classes } = dataset.meta;
  const problem = firstProblem(accepted, area, classes.length);
  if (problem !== undefined) return err(problem);
  // Sorted, because the order of an answer is no promise.
  const rows = [...accepted].sort((a, b) => a.labelId - b.labelId);
  const data = new Uint8Array(rows.length * area);
  rows.forEach((row, at) => {
    data.set(row.input, at * area);
  });
  const feedback = createDataset({
    columns: {
      label: Int32Array.from(rows, (row) => row.label),
      id: Int32Array.from(rows, (row) => FEEDBACK_IDS_FROM + row.labelId),
      split: new Uint8Array(rows.length).fill(SPLIT.train),
      [name]: { data, shape: [height, width] },
    },
    classes,
    provenance: provenanceOf(rows),
  });
  return feedback.ok ? ok(joinDatasets(dataset, feedback.value)) : feedback;
}
