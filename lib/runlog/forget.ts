import type { AcceptedCut } from './cuts.ts';
import type { RunLog } from './open.ts';

/** A prediction somebody wants to be forgotten. */
export interface ForgettablePrediction {
  readonly id: string;
  /** Null where only labels came, and never their prediction. */
  readonly line: string | null;
  readonly simulated: boolean;
  readonly hasInput: boolean;
  readonly labels: number;
  /** Number of its first label; null without one. */
  readonly firstLabel: number | null;
}

/** What is on record of an id; undefined when nothing is. */
export function findForgettable(log: RunLog, id: string): ForgettablePrediction | undefined {
  const row = log
    .prepare(`SELECT line, simulated,
      EXISTS (SELECT 1 FROM prediction_input WHERE prediction_input.prediction = prediction.number) AS hasInput,
      (SELECT count(*) FROM label WHERE label.prediction = prediction.id) AS labels,
      (SELECT min(id) FROM label WHERE label.prediction = prediction.id) AS firstLabel
      FROM prediction WHERE id = ?`)
    .get(id) as
    | { line: string; simulated: number; hasInput: number; labels: number; firstLabel: number | null }
    | undefined;
  if (row !== undefined) return { ...row, id, simulated: row.simulated === 1, hasInput: row.hasInput === 1 };
  const { labels } = log.prepare('SELECT count(*) AS labels FROM unmatched_label WHERE prediction = ?').get(id) as {
    readonly labels: number;
  };
  return labels === 0 ? undefined : { id, line: null, simulated: false, hasInput: false, labels, firstLabel: null };
}

/**
 * Takes input, probabilities and labels away and leaves that the id was forgotten, so that a late label is known as one. What
 * is deleted is overwritten with zeros; until `vanish` is called copies of it are in the write-ahead log. The caller holds the
 * transaction.
 */
export function forgetPrediction(log: RunLog, { id, line, firstLabel }: ForgettablePrediction, at: number): void {
  log.database.pragma('secure_delete = ON');
  log.prepare('DELETE FROM label WHERE prediction = ?').run(id);
  log.prepare('DELETE FROM unmatched_label WHERE prediction = ?').run(id);
  log.prepare('DELETE FROM prediction_input WHERE prediction = (SELECT number FROM prediction WHERE id = ?)').run(id);
  log.prepare('DELETE FROM prediction WHERE id = ?').run(id);
  log
    .prepare('INSERT INTO forgotten (prediction, line, first_label, at) VALUES (?, ?, ?, ?)')
    .run(id, line, firstLabel, at);
}

/** Moves the write-ahead log into the file and empties it. False while somebody still reads what was: then it is done later. */
export function vanish({ database }: RunLog): boolean {
  const [told] = database.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: number }[];
  return told?.busy === 0;
}

export const isForgotten = (log: RunLog, id: string): boolean =>
  log.prepare('SELECT 1 FROM forgotten WHERE prediction = ?').get(id) !== undefined;

/** All that were forgotten. */
export const countForgotten = (log: RunLog): number =>
  (log.prepare('SELECT count(*) AS rows FROM forgotten').get() as { readonly rows: number }).rows;

/** Rows a cut accepted and has lost since: what it gives is not what it gave. */
export function countLost(log: RunLog, { line, simulated, lastLabel }: AcceptedCut): number {
  if (simulated) return 0;
  const row = log
    .prepare('SELECT count(*) AS rows FROM forgotten WHERE line = ? AND first_label <= ?')
    .get(line, lastLabel) as { readonly rows: number };
  return row.rows;
}

/** Where something that was accepted has gone. */
export interface LearnedFrom {
  /** The run whose decision accepted it. */
  readonly run: number;
  /** Versions of the line that learned from it. */
  readonly versions: readonly number[];
}

/** Who learned from a prediction; undefined when no decision accepted it. */
export function learnedFrom(log: RunLog, { id, line, firstLabel }: ForgettablePrediction): LearnedFrom | undefined {
  const cut = log
    .prepare(`SELECT coalesce(retrain_decision.run, attempt.run) AS run FROM accepted_feedback AS cut
      LEFT JOIN attempt ON attempt.id = cut.attempt LEFT JOIN retrain_decision ON retrain_decision.id = cut.retrain
      WHERE cut.line = ? AND cut.simulated = 0 AND cut.last_label >= ? ORDER BY cut.id LIMIT 1`)
    .get(line, firstLabel) as { readonly run: number } | undefined;
  if (cut === undefined) return undefined;
  const versions = log
    .prepare(
      "SELECT DISTINCT version FROM v_model_lineage WHERE line = ? AND what = 'label' AND name = ? ORDER BY version",
    )
    .pluck()
    .all(line, id) as number[];
  return { run: cut.run, versions };
}
