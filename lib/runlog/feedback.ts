import type { AcceptedRow, LabelledPrediction, LabelledRow } from '../domain/questions.ts';
import type { AcceptedCut } from './cuts.ts';
import type { RunLog } from './open.ts';
import { type CountRow, type PredictionCounts, toCounts } from './predictions.ts';

/** The label that counts for a prediction: of several, the last. */
export function lastLabelOf(log: RunLog, prediction: string): number | undefined {
  const row = log.prepare('SELECT label FROM label WHERE prediction = ? ORDER BY id DESC LIMIT 1').get(prediction);
  return (row as { readonly label: number } | undefined)?.label;
}

/** The label that counts: of several, the last. */
const LAST_LABEL = '(SELECT max(id) FROM label WHERE label.prediction = prediction.id)';

/** The labelled predictions of a version, in the order the labels came. */
export function labelledPredictions(log: RunLog, line: string, version: number): LabelledPrediction[] {
  const rows = log
    .prepare(`SELECT label.id AS labelId, prediction.id AS predictionId, prediction.line, prediction.version,
      prediction.predicted, label.label, prediction.simulated
      FROM prediction JOIN label ON label.id = ${LAST_LABEL}
      WHERE prediction.line = ? AND prediction.version = ? ORDER BY label.id`)
    .all(line, version) as (Omit<LabelledPrediction, 'simulated'> & { readonly simulated: number })[];
  return rows.map((row) => ({ ...row, simulated: row.simulated === 1 }));
}

/** The newest rows of a line that people have labelled, newest first; each has the label that counts. */
export function newestLabelledRows(log: RunLog, line: string, limit: number): LabelledRow[] {
  const rows = log
    .prepare(`SELECT label.id AS labelId, label.label, prediction_input.input
      FROM prediction JOIN label ON label.id = ${LAST_LABEL}
      JOIN prediction_input ON prediction_input.prediction = prediction.number
      WHERE prediction.line = ? AND prediction.simulated = 0 ORDER BY label.id DESC LIMIT ?`)
    .all(line, limit) as (Omit<LabelledRow, 'input'> & { readonly input: Buffer })[];
  return rows.map((row) => ({ ...row, input: new Uint8Array(row.input) }));
}

/**
 * Predictions of a line that have something to teach since `after`: a newer label, another one than they had up to there, and
 * an input to learn it from.
 */
export function countLabelledSince(log: RunLog, line: string, after: number): PredictionCounts {
  const rows = log
    .prepare(`SELECT prediction.simulated, count(*) AS rows FROM label
      CROSS JOIN prediction ON prediction.id = label.prediction
      JOIN prediction_input ON prediction_input.prediction = prediction.number
      WHERE prediction.line = :line AND label.id > :after
        AND NOT EXISTS (SELECT 1 FROM label AS later WHERE later.prediction = label.prediction AND later.id > label.id)
        AND label.label IS NOT (SELECT before.label FROM label AS before
          WHERE before.prediction = prediction.id AND before.id <= :after ORDER BY before.id DESC LIMIT 1)
      GROUP BY prediction.simulated`)
    .all({ line, after }) as CountRow[];
  return toCounts(rows);
}

/** Labelled predictions of a cut that none before it holds: those with a label after `after` and up to the cut. */
export const countLabelledUpTo = (log: RunLog, { line, simulated, lastLabel }: AcceptedCut, after: number): number =>
  log
    .prepare(`SELECT count(DISTINCT label.prediction) FROM label JOIN prediction ON prediction.id = label.prediction
      WHERE prediction.line = ? AND prediction.simulated = ? AND label.id > ? AND label.id <= ?`)
    .pluck()
    .get(line, Number(simulated), after, lastLabel) as number;

/** Labelled predictions of people that nothing can be learned from, because their input is not on record. */
export function countWithoutInput(log: RunLog, line: string): number {
  const row = log
    .prepare(`SELECT count(*) AS rows FROM prediction WHERE line = ? AND simulated = 0
      AND EXISTS (SELECT 1 FROM label WHERE label.prediction = prediction.id)
      AND NOT EXISTS (SELECT 1 FROM prediction_input WHERE prediction_input.prediction = prediction.number)`)
    .get(line) as { readonly rows: number };
  return row.rows;
}

export function hasRealLabels(log: RunLog, line: string): boolean {
  return (
    log
      .prepare(`SELECT 1 FROM prediction JOIN label ON label.prediction = prediction.id
        WHERE prediction.line = ? AND prediction.simulated = 0 LIMIT 1`)
      .get(line) !== undefined
  );
}

/** The last label there is; 0 when there is none. */
export const lastLabelId = (log: RunLog): number =>
  (log.prepare('SELECT coalesce(max(id), 0) AS last FROM label').get() as { readonly last: number }).last;

/**
 * The rows a cut accepts: each labelled prediction with the last label up to the cut, in the labels' order. The input of some
 * may not be on record.
 */
export function acceptedRows(log: RunLog, cut: AcceptedCut): AcceptedRow[] {
  const rows = log
    .prepare(`SELECT label.id AS labelId, prediction.line, label.label, prediction.simulated, prediction_input.input
      FROM prediction JOIN label ON label.id =
        (SELECT max(id) FROM label WHERE label.prediction = prediction.id AND label.id <= ?)
      LEFT JOIN prediction_input ON prediction_input.prediction = prediction.number
      WHERE prediction.line = ? AND prediction.simulated = ? ORDER BY label.id`)
    .all(cut.lastLabel, cut.line, Number(cut.simulated)) as (Omit<AcceptedRow, 'simulated' | 'input'> & {
    readonly simulated: number;
    readonly input: Buffer | null;
  })[];
  return rows.map((row) => ({
    ...row,
    simulated: row.simulated === 1,
    input: row.input === null ? null : new Uint8Array(row.input),
  }));
}
