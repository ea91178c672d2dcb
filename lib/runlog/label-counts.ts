import type { RunLog } from './open.ts';
import { countPredictions } from './predictions.ts';

/** Answers of one kind: how many there are, how many of them are labelled, and how many of those were right. */
export interface LabelCounts {
  readonly predictions: number;
  readonly labels: number;
  readonly correct: number;
}

interface Row {
  readonly simulated: number;
  readonly labels: number;
  readonly correct: number;
}

/** What labels say of a version's answers, counted in the log: no row leaves it, however many there are. */
export function labelCounts(
  log: RunLog,
  line: string,
  version: number,
): { readonly real: LabelCounts; readonly simulated: LabelCounts } {
  // The few labels lead to their predictions, and not the many predictions to their labels.
  const rows = log
    .prepare(`SELECT prediction.simulated, count(*) AS labels, sum(prediction.predicted = label.label) AS correct
      FROM label CROSS JOIN prediction ON prediction.id = label.prediction
      WHERE prediction.line = ? AND prediction.version = ?
        AND NOT EXISTS (SELECT 1 FROM label AS later WHERE later.prediction = label.prediction AND later.id > label.id)
      GROUP BY prediction.simulated`)
    .all(line, version) as Row[];
  const predictions = countPredictions(log, line, version);
  const of = (simulated: 0 | 1): { readonly labels: number; readonly correct: number } => {
    const { labels = 0, correct = 0 } = rows.find((row) => row.simulated === simulated) ?? {};
    return { labels, correct };
  };
  return {
    real: { predictions: predictions.real, ...of(0) },
    simulated: { predictions: predictions.simulated, ...of(1) },
  };
}
