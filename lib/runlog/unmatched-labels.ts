import type { RunLog } from './open.ts';

/** A label for a prediction that is not on record (yet). */
export interface UnmatchedLabel {
  readonly prediction: string;
  /** A class name: which model answered, and so which number the class has, is not known. */
  readonly label: string;
  readonly source: string;
  readonly at: number;
}

/** Keeps a label whose prediction nobody knows: the prediction may still be on its way to the log. */
export function insertUnmatched(log: RunLog, { prediction, label, source, at }: UnmatchedLabel): void {
  log
    .prepare('INSERT INTO unmatched_label (prediction, label, source, at) VALUES (?, ?, ?, ?)')
    .run(prediction, label, source, at);
}

/** Whether the same label of the same word and time waits already. */
export const isWaiting = (log: RunLog, { prediction, label, source }: UnmatchedLabel): boolean =>
  log
    .prepare('SELECT 1 FROM unmatched_label WHERE prediction = ? AND label = ? AND source = ? LIMIT 1')
    .get(prediction, label, source) !== undefined;

/** Labels that wait for a prediction, in the order they came. */
export const waitingLabels = (log: RunLog, prediction: string): UnmatchedLabel[] =>
  log
    .prepare('SELECT prediction, label, source, at FROM unmatched_label WHERE prediction = ? ORDER BY id')
    .all(prediction) as UnmatchedLabel[];

/** Whether any label waits for its prediction. */
export const isAnyWaiting = (log: RunLog): boolean =>
  log.prepare('SELECT 1 FROM unmatched_label LIMIT 1').get() !== undefined;

/**
 * Gives predictions that have just come the labels that came before them, in their order, and returns how many. A label that is
 * no class of the model stays where it is. The caller holds the transaction.
 */
export function joinUnmatched(log: RunLog, predictions: readonly string[], classes: readonly string[]): number {
  if (!isAnyWaiting(log)) return 0;
  const waiting = log.prepare('SELECT id, label, source, at FROM unmatched_label WHERE prediction = ? ORDER BY id');
  const insert = log.prepare('INSERT INTO label (prediction, label, source, at) VALUES (?, ?, ?, ?)');
  const remove = log.prepare('DELETE FROM unmatched_label WHERE id = ?');
  let joined = 0;
  for (const prediction of predictions) {
    const rows = waiting.all(prediction) as (UnmatchedLabel & { readonly id: number })[];
    for (const { id, label, source, at } of rows) {
      const index = classes.indexOf(label);
      if (index < 0) continue;
      insert.run(prediction, index, source, at);
      remove.run(id);
      joined += 1;
    }
  }
  return joined;
}

/** Labels whose prediction is not on record, or has no such class. */
export const countUnmatched = (log: RunLog): number =>
  (log.prepare('SELECT count(*) AS rows FROM unmatched_label').get() as { readonly rows: number }).rows;
