import type { RunLog } from './open.ts';
import type { NewLabel } from './predictions.ts';

/** A label as one of several that a prediction has. */
export type LabelWord = Omit<NewLabel, 'prediction'>;

/** The label that counts for a prediction, and whose word it is. */
export const lastWord = (log: RunLog, prediction: string): LabelWord | undefined =>
  log.prepare('SELECT label, source, at FROM label WHERE prediction = ? ORDER BY id DESC LIMIT 1').get(prediction) as
    | LabelWord
    | undefined;

/** Whether a label is younger than another one; of two of the same moment the order is the same in every log. */
export function isYounger(one: LabelWord, other: LabelWord): boolean {
  if (one.at !== other.at) return one.at > other.at;
  if (one.source !== other.source) return one.source > other.source;
  return one.label > other.label;
}

/** Adds a label that is older than the one that counts: it is kept, and does not count. False where it is on record. */
export const insertOlder = (log: RunLog, label: NewLabel): boolean =>
  log
    .prepare(`INSERT INTO label (id, prediction, label, source, at)
      SELECT (SELECT min(0, coalesce(min(id), 0)) - 1 FROM label), :prediction, :label, :source, :at
      WHERE NOT EXISTS (SELECT 1 FROM label AS same WHERE same.prediction = :prediction AND same.label = :label
        AND same.source = :source AND same.at = :at)`)
    .run({ ...label }).changes > 0;
