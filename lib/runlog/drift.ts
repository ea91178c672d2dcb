import type { DriftReference, DriftVerdict, DriftWindow } from '../domain/drift.ts';
import type { JudgedWindows } from '../domain/questions.ts';
import { sha256 } from '../util/hash.ts';
import type { RunLog } from './open.ts';

export interface NewReference {
  readonly line: string;
  readonly version: number;
  /** JSON of a DriftReference. */
  readonly reference: string;
  /** The attempt that made it; null where it came with an imported version. */
  readonly attempt: number | null;
}

/** Keeps a version's reference; one that is there already stays. */
export function insertReference(log: RunLog, { line, version, reference, attempt }: NewReference): void {
  log
    .prepare('INSERT OR IGNORE INTO drift_reference (line, version, hash, reference, attempt) VALUES (?, ?, ?, ?, ?)')
    .run(line, version, sha256(reference), reference, attempt);
}

/** The JSON of a version's reference; undefined where it has none. */
export const referenceText = (log: RunLog, line: string, version: number): string | undefined =>
  log.prepare('SELECT reference FROM drift_reference WHERE line = ? AND version = ?').pluck().get(line, version) as
    | string
    | undefined;

export function driftReference(log: RunLog, line: string, version: number): DriftReference | null {
  const text = referenceText(log, line, version);
  return text === undefined ? null : (JSON.parse(text) as DriftReference);
}

/** Puts a window on record with its tests; one of the same predictions stays as it is. The caller holds the transaction. */
export function insertDriftWindow(log: RunLog, window: DriftWindow, by: { attempt: number; at: number }): void {
  const { line, version, simulated, digest, rows, last, lastLabel, level, verdict, note, tests } = window;
  const made = log
    .prepare(`INSERT OR IGNORE INTO drift_window (attempt, line, version, simulated, digest, sample_rows,
      last_prediction, last_label, level, verdict, note, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(by.attempt, line, version, Number(simulated), digest, rows, last, lastLabel, level, verdict, note, by.at);
  if (made.changes === 0) return;
  const insert = log.prepare(`INSERT INTO drift_test (window, kind, name, test, value, p_value, threshold, at_least,
    sample_rows, reference_rows, verdict) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  for (const { group, name, test, value, pValue, threshold, atLeast, ...rest } of tests) {
    const { rows: sampleRows, referenceRows } = rest;
    const id = made.lastInsertRowid;
    insert.run(id, group, name, test, value, pValue, threshold, atLeast, sampleRows, referenceRows, rest.verdict);
  }
}

/** The newest window there is, of whatever line; 0 when there is none. */
export const lastWindow = (log: RunLog): number =>
  (log.prepare('SELECT coalesce(max(id), 0) AS last FROM drift_window').get() as { readonly last: number }).last;

/**
 * Verdicts on the newest windows of a version, newest first. Windows from before the line's feedback was last accepted have had
 * their effect: a run has learned since.
 */
export function judgedWindows(log: RunLog, line: string, version: number, limit: number): JudgedWindows {
  const newest = log.prepare(`SELECT verdict FROM drift_window
    WHERE line = :line AND version = :version AND simulated = :simulated AND verdict IN ('drift', 'no_drift')
      AND attempt > (SELECT coalesce(max(attempt), 0) FROM accepted_feedback WHERE line = :line)
    ORDER BY id DESC LIMIT :limit`);
  const of = (simulated: 0 | 1): DriftVerdict[] =>
    (newest.all({ line, version, simulated, limit }) as { readonly verdict: DriftVerdict }[]).map(
      ({ verdict }) => verdict,
    );
  return { real: of(0), simulated: of(1) };
}
