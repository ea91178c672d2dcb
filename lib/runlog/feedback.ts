import type { PredictionEntry } from '../domain/effects.ts';
import type { AcceptedRow, LabelledPrediction, LabelledRow } from '../domain/questions.ts';
import { canonicalJson } from '../util/json.ts';
import type { RunLog } from './open.ts';

export interface PredictionBatch {
  readonly line: string;
  readonly version: number;
  readonly simulated: boolean;
  /** Who asked: 'predict', 'simulation'. */
  readonly source: string;
  readonly at: number;
}

/** Puts answered predictions on record; one that is there already stays as it is, and is not labelled again. */
export function insertPredictions(log: RunLog, batch: PredictionBatch, entries: readonly PredictionEntry[]): void {
  const insert = log.prepare(`INSERT INTO prediction (id, line, version, simulated, source, input, predicted,
    probabilities, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`);
  const { line, version, simulated, source, at } = batch;
  for (const { predictionId, input, predicted, probabilities, label } of entries) {
    const { changes } = insert.run(
      predictionId,
      line,
      version,
      Number(simulated),
      source,
      input,
      predicted,
      canonicalJson([...probabilities]),
      at,
    );
    if (changes === 1 && label !== undefined) insertLabel(log, { prediction: predictionId, label, source, at });
  }
}

export interface NewLabel {
  readonly prediction: string;
  readonly label: number;
  /** Where it came from: 'simulation', or the digest of the imported file. */
  readonly source: string;
  readonly at: number;
}

/** Adds a label. All labels are kept; the last one counts. */
export function insertLabel(log: RunLog, { prediction, label, source, at }: NewLabel): void {
  log
    .prepare('INSERT INTO label (prediction, label, source, at) VALUES (?, ?, ?, ?)')
    .run(prediction, label, source, at);
}

/** Who answered a prediction. */
export interface PredictionOrigin {
  readonly line: string;
  readonly version: number;
  readonly simulated: boolean;
}

/** The model that answered; undefined for an id nobody was given. */
export function findPrediction(log: RunLog, id: string): PredictionOrigin | undefined {
  const row = log.prepare('SELECT line, version, simulated FROM prediction WHERE id = ?').get(id) as
    | { readonly line: string; readonly version: number; readonly simulated: number }
    | undefined;
  return row === undefined ? undefined : { ...row, simulated: row.simulated === 1 };
}

/** The label that counts for a prediction: of several, the last. */
export function lastLabelOf(log: RunLog, prediction: string): number | undefined {
  const row = log.prepare('SELECT label FROM label WHERE prediction = ? ORDER BY id DESC LIMIT 1').get(prediction);
  return (row as { readonly label: number } | undefined)?.label;
}

export interface PredictionCounts {
  readonly real: number;
  readonly simulated: number;
}

interface CountRow {
  readonly simulated: number;
  readonly rows: number;
}

const toCounts = (rows: readonly CountRow[]): PredictionCounts => ({
  real: rows.find((row) => row.simulated === 0)?.rows ?? 0,
  simulated: rows.find((row) => row.simulated === 1)?.rows ?? 0,
});

export function countPredictions(log: RunLog, line: string, version: number): PredictionCounts {
  const rows = log
    .prepare('SELECT simulated, count(*) AS rows FROM prediction WHERE line = ? AND version = ? GROUP BY simulated')
    .all(line, version) as CountRow[];
  return toCounts(rows);
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
    .prepare(`SELECT label.id AS labelId, label.label, prediction.input
      FROM prediction JOIN label ON label.id = ${LAST_LABEL}
      WHERE prediction.line = ? AND prediction.simulated = 0 ORDER BY label.id DESC LIMIT ?`)
    .all(line, limit) as (Omit<LabelledRow, 'input'> & { readonly input: Buffer })[];
  return rows.map((row) => ({ ...row, input: new Uint8Array(row.input) }));
}

/** Predictions of a line that have a label newer than `after`. */
export function countLabelledSince(log: RunLog, line: string, after: number): PredictionCounts {
  const rows = log
    .prepare(`SELECT prediction.simulated, count(*) AS rows FROM prediction JOIN label ON label.id = ${LAST_LABEL}
      WHERE prediction.line = ? AND label.id > ? GROUP BY prediction.simulated`)
    .all(line, after) as CountRow[];
  return toCounts(rows);
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

/** A decision to learn from every label up to one. */
export interface AcceptedCut {
  readonly line: string;
  readonly simulated: boolean;
  readonly lastLabel: number;
}

/** The newest cut of every line, sorted by line. */
export function acceptedCuts(log: RunLog): AcceptedCut[] {
  const rows = log
    .prepare(`SELECT line, simulated, last_label AS lastLabel FROM accepted_feedback
      WHERE id IN (SELECT max(id) FROM accepted_feedback GROUP BY line) ORDER BY line`)
    .all() as { readonly line: string; readonly simulated: number; readonly lastLabel: number }[];
  return rows.map((row) => ({ ...row, simulated: row.simulated === 1 }));
}

export function insertCut(log: RunLog, cut: AcceptedCut & { readonly attempt: number; readonly at: number }): void {
  log
    .prepare('INSERT INTO accepted_feedback (line, simulated, last_label, attempt, at) VALUES (?, ?, ?, ?, ?)')
    .run(cut.line, Number(cut.simulated), cut.lastLabel, cut.attempt, cut.at);
}

/** The rows a cut accepts: each labelled prediction with the last label up to the cut, in the labels' order. */
export function acceptedRows(log: RunLog, cut: AcceptedCut): AcceptedRow[] {
  const rows = log
    .prepare(`SELECT label.id AS labelId, prediction.line, label.label, prediction.simulated, prediction.input
      FROM prediction JOIN label ON label.id =
        (SELECT max(id) FROM label WHERE label.prediction = prediction.id AND label.id <= ?)
      WHERE prediction.line = ? AND prediction.simulated = ? ORDER BY label.id`)
    .all(cut.lastLabel, cut.line, Number(cut.simulated)) as (Omit<AcceptedRow, 'simulated' | 'input'> & {
    readonly simulated: number;
    readonly input: Buffer;
  })[];
  return rows.map((row) => ({ ...row, simulated: row.simulated === 1, input: new Uint8Array(row.input) }));
}
