import type { DriftReference, DriftWindow } from '../domain/drift.ts';
import type { PendingAnswers } from '../domain/questions.ts';
import { sha256 } from '../util/hash.ts';
import type { RunLog } from './open.ts';

export interface NewReference {
  readonly line: string;
  readonly version: number;
  /** JSON of a DriftReference. */
  readonly reference: string;
  readonly attempt: number;
}

/** Keeps a version's reference; one that is there already stays. */
export function insertReference(log: RunLog, { line, version, reference, attempt }: NewReference): void {
  log
    .prepare('INSERT OR IGNORE INTO drift_reference (line, version, hash, reference, attempt) VALUES (?, ?, ?, ?, ?)')
    .run(line, version, sha256(reference), reference, attempt);
}

export function driftReference(log: RunLog, line: string, version: number): DriftReference | null {
  const row = log.prepare('SELECT reference FROM drift_reference WHERE line = ? AND version = ?').get(line, version) as
    | { readonly reference: string }
    | undefined;
  return row === undefined ? null : (JSON.parse(row.reference) as DriftReference);
}

/** Puts a window on record with its tests; one of the same predictions stays as it is. The caller holds the transaction. */
export function insertDriftWindow(log: RunLog, window: DriftWindow, by: { attempt: number; at: number }): void {
  const { line, version, simulated, digest, rows, last, level, verdict, note, tests } = window;
  const made = log
    .prepare(`INSERT OR IGNORE INTO drift_window (attempt, line, version, simulated, digest, sample_rows,
      last_prediction, level, verdict, note, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(by.attempt, line, version, Number(simulated), digest, rows, last, level, verdict, note, by.at);
  if (made.changes === 0) return;
  const insert = log.prepare(`INSERT INTO drift_test (window, kind, name, test, value, p_value, threshold, at_least,
    sample_rows, reference_rows, verdict) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  for (const { group, name, test, value, pValue, threshold, atLeast, ...rest } of tests) {
    const { rows: sampleRows, referenceRows } = rest;
    const id = made.lastInsertRowid;
    insert.run(id, group, name, test, value, pValue, threshold, atLeast, sampleRows, referenceRows, rest.verdict);
  }
}

/** The last prediction of a version that a window of real rows has judged; 0 when none has. */
function lastJudged(log: RunLog, line: string, version: number): number {
  const row = log
    .prepare(`SELECT coalesce(max(last_prediction), 0) AS last FROM drift_window
      WHERE line = ? AND version = ? AND simulated = 0 AND verdict IN ('drift', 'no_drift')`)
    .get(line, version) as { readonly last: number };
  return row.last;
}

/** The number of the newest prediction there is, of whatever line; 0 when there is none. */
export const lastPrediction = (log: RunLog): number =>
  (log.prepare('SELECT coalesce(max(number), 0) AS last FROM prediction').get() as { readonly last: number }).last;

interface PendingRow {
  readonly number: number;
  readonly id: string;
  readonly predicted: number;
  readonly probabilities: string;
  readonly input: Buffer | null;
  readonly label: number | null;
}

/** A version's real answers that no window has judged, in the order they came; of more than `limit` the newest. */
export function pendingAnswers(log: RunLog, line: string, version: number, limit: number): PendingAnswers {
  const after = lastJudged(log, line, version);
  const { all } = log
    .prepare('SELECT count(*) AS "all" FROM prediction WHERE line = ? AND version = ? AND simulated = 0 AND number > ?')
    .get(line, version, after) as { readonly all: number };
  const rows = (
    log
      .prepare(`SELECT number, id, predicted, probabilities, prediction_input.input,
        (SELECT label FROM label WHERE label.prediction = prediction.id ORDER BY label.id DESC LIMIT 1) AS label
        FROM prediction LEFT JOIN prediction_input ON prediction_input.prediction = prediction.number
        WHERE line = ? AND version = ? AND simulated = 0 AND number > ? ORDER BY number DESC LIMIT ?`)
      .all(line, version, after, limit) as PendingRow[]
  ).reverse();
  return {
    last: rows.at(-1)?.number ?? null,
    older: all - rows.length,
    digest: sha256(rows.map(({ id }) => id).join('\n')).slice(0, 16),
    answers: rows.map(({ predicted, probabilities, input, label }) => ({
      predicted,
      probabilities: JSON.parse(probabilities) as number[],
      input: input === null ? null : new Uint8Array(input),
      label,
    })),
  };
}
