import type { ExportedRow } from '../../runlog/export-rows.ts';
import { unpackedProbabilities } from '../../runlog/probabilities.ts';
import type { ShapeOf } from './import-feedback.ts';

/** A row as JSON: what an import reads, with the answer itself, for a log that does not know it. */
export function jsonRow(row: ExportedRow, shapeOf: ShapeOf): string {
  const { classes } = shapeOf(row.line, row.version);
  const named = (number: number): string => classes[number] ?? String(number);
  const { label, labelledAt, source } = row;
  return JSON.stringify({
    prediction_id: row.id,
    ...(label === null || labelledAt === null
      ? {}
      : { label: named(label), labelled_at: new Date(labelledAt).toISOString(), source }),
    prediction: {
      line: row.line,
      model: row.model,
      predicted: named(row.predicted),
      probabilities: unpackedProbabilities(row.probabilities),
      predicted_at: new Date(row.at).toISOString(),
      asked_by: row.askedBy,
      input: row.input === null ? null : row.input.toString('base64'),
    },
  });
}

export const CSV_COLUMNS = ['prediction_id', 'label', 'labelled_at', 'source'] as const;

/** A row as the fields of those columns: the label alone. */
export function csvFields(row: ExportedRow, shapeOf: ShapeOf): readonly string[] {
  const { id, label, labelledAt, source, line, version } = row;
  if (label === null || labelledAt === null) return [id, '', '', ''];
  const name = shapeOf(line, version).classes[label] ?? String(label);
  return [id, name, new Date(labelledAt).toISOString(), source ?? ''];
}
