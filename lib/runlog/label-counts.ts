import { countForgotten } from './forget.ts';
import type { RunLog } from './open.ts';
import { countPast, countPastOf } from './past-answers.ts';

/** Answers of one kind: how many there are, how many of them are labelled, and how many of those were right. */
export interface LabelCounts {
  readonly predictions: number;
  readonly labels: number;
  readonly correct: number;
}

/** What labels say of a version's answers, and up to where in the log that was counted. */
export interface Counted {
  readonly real: LabelCounts;
  readonly simulated: LabelCounts;
  /** Ids of the last label and the last prediction. */
  readonly label: number;
  readonly prediction: number;
  /** By what another log, or one that has lost something since, is told apart. */
  readonly mark: string;
}

const NONE: LabelCounts = { predictions: 0, labels: 0, correct: 0 };

/**
 * What labels say of a version's answers, counted in the log: no row leaves it, however many there are. Where it was counted
 * before, only what came since is looked at.
 */
export function labelCounts(log: RunLog, line: string, version: number, before?: Counted): Counted {
  const isKnown = before !== undefined && before.mark === markOf(log, before.label);
  const from = isKnown ? before : { real: NONE, simulated: NONE, label: 0, prediction: 0 };
  const { label, prediction } = log
    .prepare(
      `SELECT (SELECT coalesce(max(id), 0) FROM label) AS label, (SELECT coalesce(max(number), 0) FROM prediction) AS prediction`,
    )
    .get() as { readonly label: number; readonly prediction: number };
  const since = { line, version, label: from.label, prediction: from.prediction };
  const labels = labelsSince(log, since);
  const of = (kind: 'real' | 'simulated', simulated: 0 | 1): LabelCounts => {
    // What is not on record any more came before all that is counted from somewhere on.
    const past = isKnown || kind === 'simulated' ? 0 : countPastOf(log, line, version);
    const more = labels.find((row) => row.simulated === simulated) ?? { labels: 0, correct: 0 };
    return {
      predictions: from[kind].predictions + past + predictionsSince(log, { ...since, simulated }),
      labels: from[kind].labels + more.labels,
      correct: from[kind].correct + more.correct,
    };
  };
  return { real: of('real', 0), simulated: of('simulated', 1), label, prediction, mark: markOf(log, label) };
}

/** How many rows have come between two counts. */
export const rowsBetween = (from: Pick<Counted, 'label' | 'prediction'>, to: Counted): number =>
  to.label - from.label + to.prediction - from.prediction;

interface Since {
  readonly line: string;
  readonly version: number;
  readonly label: number;
  readonly prediction: number;
}

const predictionsSince = (
  log: RunLog,
  { line, version, simulated, prediction }: Since & { readonly simulated: 0 | 1 },
) =>
  log
    .prepare('SELECT count(*) FROM prediction WHERE line = ? AND version = ? AND simulated = ? AND number > ?')
    .pluck()
    .get(line, version, simulated, prediction) as number;

interface SinceRow {
  readonly simulated: number;
  readonly labels: number;
  readonly correct: number;
}

/** The few labels lead to their predictions, and not the many predictions to their labels. */
const labelsSince = (log: RunLog, { line, version, label }: Since): SinceRow[] =>
  log
    .prepare(`SELECT prediction.simulated, count(*) FILTER (WHERE before.id IS NULL) AS labels,
        coalesce(sum(prediction.predicted = label.label), 0) - coalesce(sum(prediction.predicted = before.label), 0) AS correct
      FROM label CROSS JOIN prediction ON prediction.id = label.prediction
      LEFT JOIN label AS before ON before.id = (SELECT max(older.id) FROM label AS older
        WHERE older.prediction = label.prediction AND older.id BETWEEN 1 AND :label)
      WHERE label.id > :label AND prediction.line = :line AND prediction.version = :version
        AND NOT EXISTS (SELECT 1 FROM label AS later WHERE later.prediction = label.prediction AND later.id > label.id)
      GROUP BY prediction.simulated`)
    .all({ line, version, label }) as SinceRow[];

function markOf(log: RunLog, label: number): string {
  const row = log.prepare('SELECT prediction, label, at FROM label WHERE id = ?').raw().get(label);
  return JSON.stringify([row ?? null, countForgotten(log), countPast(log)]);
}
