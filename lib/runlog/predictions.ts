import type { PredictionEntry } from '../domain/effects.ts';
import { canonicalJson } from '../util/json.ts';
import type { RunLog } from './open.ts';
import { joinUnmatched } from './unmatched-labels.ts';

export interface PredictionBatch {
  readonly line: string;
  readonly version: number;
  readonly simulated: boolean;
  /** Who asked: 'predict', 'serve', 'simulation'. */
  readonly source: string;
  /** Milliseconds since the epoch, of entries that have no time of their own. */
  readonly at: number;
  /** Class names in the order of the model's outputs, where labels may have come before their prediction. */
  readonly classes?: readonly string[];
}

/** What became of answered predictions. */
export interface InsertedPredictions {
  readonly added: number;
  /** Their ids were on record already; those rows stay as they are. */
  readonly known: number;
  /** Their ids were forgotten, and what was forgotten does not come back. */
  readonly forgotten: number;
  /** Labels that had come before them. */
  readonly joined: number;
}

/**
 * Puts answered predictions on record; one that is there already stays as it is, and is not labelled again. The caller holds
 * the transaction.
 */
export function insertPredictions(
  log: RunLog,
  batch: PredictionBatch,
  entries: readonly (PredictionEntry & { readonly at?: number })[],
): InsertedPredictions {
  const insert =
    log.prepare(`INSERT INTO prediction (id, line, version, simulated, source, predicted, probabilities, at)
    SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE prediction = ?)
    ON CONFLICT (id) DO NOTHING`);
  const insertInput = log.prepare('INSERT INTO prediction_input (prediction, input) VALUES (?, ?)');
  const isForgotten = log.prepare('SELECT 1 FROM forgotten WHERE prediction = ?');
  const { line, version, simulated, source, at, classes } = batch;
  const count = { added: 0, known: 0, forgotten: 0 };
  const added: string[] = [];
  for (const { predictionId: id, input, predicted, probabilities, label, at: own = at } of entries) {
    const answers = canonicalJson([...probabilities]);
    const made = insert.run(id, line, version, Number(simulated), source, predicted, answers, own, id);
    if (made.changes === 0) {
      count[isForgotten.get(id) === undefined ? 'known' : 'forgotten'] += 1;
      continue;
    }
    added.push(id);
    if (input !== null) insertInput.run(made.lastInsertRowid, input);
    if (label !== undefined) insertLabel(log, { prediction: id, label, source, at });
  }
  count.added = added.length;
  return { ...count, joined: classes === undefined ? 0 : joinUnmatched(log, added, classes) };
}

export interface NewLabel {
  readonly prediction: string;
  readonly label: number;
  /** Where it came from: 'simulation', 'serve', or the digest of the imported file. */
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

export interface PredictionCounts {
  readonly real: number;
  readonly simulated: number;
}

export interface CountRow {
  readonly simulated: number;
  readonly rows: number;
}

export const toCounts = (rows: readonly CountRow[]): PredictionCounts => ({
  real: rows.find((row) => row.simulated === 0)?.rows ?? 0,
  simulated: rows.find((row) => row.simulated === 1)?.rows ?? 0,
});

export function countPredictions(log: RunLog, line: string, version: number): PredictionCounts {
  const rows = log
    .prepare('SELECT simulated, count(*) AS rows FROM prediction WHERE line = ? AND version = ? GROUP BY simulated')
    .all(line, version) as CountRow[];
  return toCounts(rows);
}
