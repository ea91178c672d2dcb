import type { PendingAnswer, PendingAnswers } from '../domain/questions.ts';
import type { RunLog } from './open.ts';
import { unpackedProbabilities } from './probabilities.ts';

/** The number of the newest prediction there is, of whatever line; 0 when there is none. */
export const lastPrediction = (log: RunLog): number =>
  (log.prepare('SELECT coalesce(max(number), 0) AS last FROM prediction').get() as { readonly last: number }).last;

interface Judged {
  readonly prediction: number;
  readonly label: number;
}

/** The last prediction, and the last label, of a version that a window of real rows has judged; 0 for none. */
const lastJudged = (log: RunLog, line: string, version: number): Judged =>
  log
    .prepare(`SELECT coalesce(max(last_prediction), 0) AS prediction, coalesce(max(last_label), 0) AS label
      FROM drift_window WHERE line = ? AND version = ? AND simulated = 0 AND verdict IN ('drift', 'no_drift')`)
    .get(line, version) as Judged;

interface PendingRow {
  readonly number: number;
  readonly predictionId: string;
  readonly predicted: number;
  readonly probabilities: Buffer;
  readonly input: Buffer | null;
}

/** The most rows one look at the log brings: more would not fit between two processes for long. */
export const MOST_PENDING = 20_000;

/** How many real answers of a version no window has judged; counting ends at `enough`. */
export function countPending(log: RunLog, line: string, version: number, enough: number): number {
  const { prediction } = lastJudged(log, line, version);
  return log
    .prepare(`SELECT count(*) FROM (SELECT 1 FROM prediction
      WHERE line = ? AND version = ? AND simulated = 0 AND number > ? LIMIT ?)`)
    .pluck()
    .get(line, version, prediction, enough) as number;
}

export interface WindowSize {
  readonly rows: number;
  /** At most so many whole windows, and fewer where they hold more than twenty thousand rows. */
  readonly windows: number;
}

/**
 * A version's real answers that no window has judged, in the order they came: the newest whole windows, and after them what is not a
 * window yet. Where windows begin depends on the predictions alone, never on when somebody looked.
 */
export function pendingAnswers(log: RunLog, line: string, version: number, size: WindowSize): PendingAnswers {
  const after = lastJudged(log, line, version);
  const { all } = log
    .prepare('SELECT count(*) AS "all" FROM prediction WHERE line = ? AND version = ? AND simulated = 0 AND number > ?')
    .get(line, version, after.prediction) as { readonly all: number };
  const whole = Math.floor(all / size.rows);
  const windows = Math.min(whole, size.windows, Math.max(1, Math.floor(MOST_PENDING / size.rows)));
  const limit = windows * size.rows + (all % size.rows);
  const rows = log
    .prepare(`SELECT number, id AS predictionId, predicted, probabilities, prediction_input.input
      FROM prediction LEFT JOIN prediction_input ON prediction_input.prediction = prediction.number
      WHERE line = ? AND version = ? AND simulated = 0 AND number > ? ORDER BY number DESC LIMIT ?`)
    .all(line, version, after.prediction, limit) as PendingRow[];
  return {
    answers: rows.reverse().map(
      ({ probabilities, input, ...row }): PendingAnswer => ({
        ...row,
        probabilities: unpackedProbabilities(probabilities),
        input: input === null ? null : new Uint8Array(input),
      }),
    ),
    older: all - rows.length,
    ...pendingLabels(log, line, version, after.label),
  };
}

/** Labels of a version's real answers that no window has counted; a correction counts once more. */
function pendingLabels(
  log: RunLog,
  line: string,
  version: number,
  after: number,
): Pick<PendingAnswers, 'labels' | 'lastLabel'> {
  const rows = log
    .prepare(`SELECT label.id, label.label FROM label JOIN prediction ON prediction.id = label.prediction
      WHERE label.id > ? AND line = ? AND version = ? AND simulated = 0
        AND label.id = (SELECT max(id) FROM label AS newer WHERE newer.prediction = label.prediction)
      ORDER BY label.id DESC LIMIT ?`)
    .all(after, line, version, MOST_PENDING) as { readonly id: number; readonly label: number }[];
  return { labels: rows.map(({ label }) => label), lastLabel: rows[0]?.id ?? null };
}
