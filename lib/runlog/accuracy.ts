import type { LabelDelay } from '../domain/questions.ts';
import type { RunLog } from './open.ts';
import { HOUR_MS } from './past-answers.ts';

/** Real answers of one version in one window of time, and what people have said of them. */
export interface CountedWindow {
  readonly line: string;
  readonly version: number;
  /** Where it begins, in milliseconds since the epoch. */
  readonly from: number;
  readonly predictions: number;
  /** Answers with a label. */
  readonly labels: number;
  readonly correct: number;
  /** From the answer to its first label, in milliseconds: half of them, and nine in ten, took no longer. Null without labels. */
  readonly delayMedianMs: number | null;
  readonly delayP90Ms: number | null;
}

/** The same by whose word the labels are, without windows. */
export interface CountedSource {
  readonly line: string;
  readonly version: number;
  readonly source: string;
  readonly labels: number;
  readonly correct: number;
}

export interface AccuracyQuery {
  /** Milliseconds a window is long; windows begin at whole multiples of it since the epoch. */
  readonly widthMs: number;
  /** Answers given from this time on; milliseconds since the epoch. */
  readonly since: number;
  /** Every line, when it is left out. */
  readonly line: string | undefined;
}

/** Real answers with the label that counts for each. */
const ANSWERED = `FROM prediction LEFT JOIN label ON label.id = (SELECT max(id) FROM label WHERE label.prediction = prediction.id)
  WHERE prediction.simulated = 0 AND prediction.at >= :since AND (:line IS NULL OR prediction.line = :line)`;

/** How long the first label of an answer took; one that was given by a clock that goes behind took no time. */
const DELAY = `CASE WHEN label.id IS NOT NULL THEN
  max(0, (SELECT min(at) FROM label WHERE label.prediction = prediction.id) - prediction.at) END`;

/**
 * Windows by the time of the answer, oldest first: a late label counts where the answer was given. Of answers that are not on record
 * any more only the hour is known.
 */
export function countedWindows(log: RunLog, { widthMs, since, line }: AccuracyQuery): CountedWindow[] {
  return log
    .prepare(`SELECT line, version, bucket * :widthMs AS "from", sum(answers) AS predictions, count(label) AS labels,
        coalesce(sum(label = predicted), 0) AS correct, median(delay) AS delayMedianMs, percentile(delay, 90) AS delayP90Ms
      FROM (SELECT prediction.line, prediction.version, prediction.at / CAST(:widthMs AS INTEGER) AS bucket, prediction.predicted,
        label.label, ${DELAY} AS delay, 1 AS answers ${ANSWERED}
        UNION ALL SELECT line, version, hour * ${HOUR_MS} / CAST(:widthMs AS INTEGER), NULL, NULL, NULL, answers FROM past_prediction
        WHERE hour * ${HOUR_MS} >= :since AND (:line IS NULL OR line = :line))
      GROUP BY line, version, bucket ORDER BY line, bucket, version`)
    .all({ widthMs: BigInt(widthMs), since, line: line ?? null }) as CountedWindow[];
}

/** Labels by whose word they are: what comes before the sum of the file they came in. */
export function countedSources(log: RunLog, { since, line }: Omit<AccuracyQuery, 'widthMs'>): CountedSource[] {
  return log
    .prepare(`SELECT line, version, substr(source, 1, instr(source || ' ', ' ') - 1) AS source, count(*) AS labels,
        sum(label = predicted) AS correct
      FROM (SELECT prediction.line, prediction.version, prediction.predicted, label.label, label.source ${ANSWERED}
        AND label.id IS NOT NULL)
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`)
    .all({ since, line: line ?? null }) as CountedSource[];
}

/** How long people's labels of a version's answers took; null without labels. */
export function labelDelay(log: RunLog, line: string, version: number): LabelDelay | null {
  const row = log
    .prepare(`SELECT median(delay) AS medianMs, percentile(delay, 90) AS p90Ms FROM (
      SELECT max(0, min(label.at) - prediction.at) AS delay FROM prediction JOIN label ON label.prediction = prediction.id
      WHERE prediction.line = ? AND prediction.version = ? AND prediction.simulated = 0 GROUP BY prediction.number)`)
    .get(line, version) as { readonly medianMs: number | null; readonly p90Ms: number | null };
  return row.medianMs === null || row.p90Ms === null ? null : { medianMs: row.medianMs, p90Ms: row.p90Ms };
}
