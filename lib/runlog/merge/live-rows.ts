import type { RunLog } from '../open.ts';
import { HOUR_MS } from '../past-answers.ts';
import { BEFORE_ALL, newId } from './maps.ts';

export interface LiveMerge {
  readonly predictions: number;
  readonly labels: number;
}

/** A label counts before another one where it is younger; of two of the same moment the order is the same in every log. */
const YOUNGER = '(t.at, t.source, t.label) > (last.at, last.source, last.label)';

/** Labels as they come, and which of several that say the same it is. */
const COUNTED = `SELECT id, prediction, label, source, at,
  row_number() OVER (PARTITION BY prediction, label, source, at ORDER BY id) AS nth FROM source.label`;

/** Whether `t` is an answer of an hour whose answers without a label have gone from a log: it would come back, and count twice. */
const isPast = (log: 'main' | 'source', version: string): string => `(t.simulated = 0
  AND EXISTS (SELECT 1 FROM ${log}.past_prediction AS past
    WHERE past.line = t.line AND past.version = ${version} AND past.hour = t.at / ${HOUR_MS})
  AND NOT EXISTS (SELECT 1 FROM ${log === 'main' ? 'source' : 'main'}.label AS given WHERE given.prediction = t.id))`;

/**
 * Brings over how many answers are not on record any more there; those of the same hours go here, too, unless they are on record
 * there. Behind the labels. The maps are there, and the caller holds the transaction.
 */
export function mergePast(log: RunLog): void {
  const { database } = log;
  database.exec(`CREATE TEMP TABLE gone AS SELECT t.number FROM main.prediction AS t
    JOIN version_map AS model ON model.line = t.line AND model.ours = t.version
    WHERE ${isPast('source', 'model.theirs')} AND t.number < (SELECT max(number) FROM main.prediction)
      AND NOT EXISTS (SELECT 1 FROM source.prediction AS theirs WHERE theirs.id = t.id);
    DELETE FROM main.prediction_input WHERE prediction IN (SELECT number FROM temp.gone);
    DELETE FROM main.prediction WHERE number IN (SELECT number FROM temp.gone);
    DROP TABLE temp.gone;
    INSERT INTO main.past_prediction (line, version, hour, answers)
      SELECT t.line, model.ours, t.hour, t.answers FROM source.past_prediction AS t
      JOIN version_map AS model ON model.line = t.line AND model.theirs = t.version WHERE TRUE
      ON CONFLICT (line, version, hour) DO UPDATE SET answers = max(answers, excluded.answers)`);
}

/**
 * Brings over predictions with their inputs, and labels. A prediction is known by its id, a label by what it says, whose word it is
 * and when it was given; both are kept once. The youngest label counts, wherever it was given: one that is older than the last of
 * its prediction gets a number before all others. The maps are there, and the caller holds the transaction.
 */
export function mergeLiveRows(log: RunLog): LiveMerge {
  const { database } = log;
  const last = database.prepare('SELECT coalesce(max(number), 0) FROM main.prediction').pluck().get() as number;
  const predictions = database
    .prepare(`INSERT INTO main.prediction (id, line, version, simulated, source, predicted, probabilities, at)
      SELECT t.id, t.line, model.ours, t.simulated, t.source, t.predicted, t.probabilities, t.at FROM source.prediction AS t
      JOIN version_map AS model ON model.line = t.line AND model.theirs = t.version
      WHERE NOT EXISTS (SELECT 1 FROM main.forgotten WHERE forgotten.prediction = t.id) AND NOT ${isPast('main', 'model.ours')}
      ORDER BY t.number
      ON CONFLICT (id) DO NOTHING`)
    .run().changes;
  database.exec(`INSERT INTO main.prediction_input (prediction, input)
    SELECT ours.number, t.input FROM source.prediction_input AS t
    JOIN source.prediction AS theirs ON theirs.number = t.prediction JOIN main.prediction AS ours ON ours.id = theirs.id
    WHERE TRUE ON CONFLICT DO NOTHING`);
  // Numbered first: what is inserted must not be looked at while it comes.
  database.exec(`CREATE TEMP TABLE new_label AS
    SELECT t.id, t.prediction, t.label, t.source, t.at, last.id IS NULL OR ours.number > ${last} OR ${YOUNGER} AS counts
    FROM (${COUNTED}) AS t JOIN main.prediction AS ours ON ours.id = t.prediction
    LEFT JOIN main.label AS last ON last.id = (SELECT max(id) FROM main.label WHERE label.prediction = t.prediction)
    WHERE t.nth > (SELECT count(*) FROM main.label AS same WHERE same.prediction = t.prediction AND same.label = t.label
      AND same.source = t.source AND same.at = t.at)`);
  const labels = database
    .prepare(`INSERT INTO main.label (id, prediction, label, source, at)
      SELECT CASE WHEN counts THEN NULL ELSE
        (SELECT min(0, coalesce(min(id), 0)) FROM main.label) - row_number() OVER (PARTITION BY counts ORDER BY id) END,
        prediction, label, source, at FROM temp.new_label ORDER BY id`)
    .run().changes;
  database.exec('DROP TABLE temp.new_label');
  return { predictions, labels };
}

/** Brings over labels whose prediction nobody knew there. */
export function mergeUnmatched(log: RunLog): void {
  log.database.exec(`INSERT INTO main.unmatched_label (prediction, label, source, at)
    SELECT prediction, label, source, at FROM source.unmatched_label AS t
    WHERE NOT EXISTS (SELECT 1 FROM main.unmatched_label AS same WHERE same.prediction = t.prediction
        AND same.label = t.label AND same.source = t.source AND same.at = t.at)
      AND NOT EXISTS (SELECT 1 FROM main.label AS known WHERE known.prediction = t.prediction AND known.source = t.source
        AND known.at = t.at)
      AND NOT EXISTS (SELECT 1 FROM main.forgotten WHERE forgotten.prediction = t.prediction) ORDER BY id`);
}

/** Predictions that wait for nothing any more: they are on record, and so are labels that came before them. */
export function waitingPredictions(
  log: RunLog,
): { readonly id: string; readonly line: string; readonly version: number }[] {
  return log.database
    .prepare(`SELECT DISTINCT prediction.id, line, version FROM main.unmatched_label
      JOIN main.prediction ON prediction.id = unmatched_label.prediction WHERE simulated = 0`)
    .all() as ReturnType<typeof waitingPredictions>;
}

/** Ids that were forgotten there and are not forgotten here. */
export const forgottenThere = (
  log: RunLog,
): { readonly id: string; readonly line: string | null; readonly at: number }[] =>
  log.database
    .prepare(`SELECT prediction AS id, line, at FROM source.forgotten
      WHERE prediction NOT IN (SELECT prediction FROM main.forgotten) ORDER BY prediction`)
    .all() as ReturnType<typeof forgottenThere>;

/** Whether `known` is the cut `t` here, whose decision is called `ours` and whose attempt `made`. */
const SAME_CUT = `known.line = t.line AND CASE WHEN t.retrain IS NULL
  THEN known.retrain IS NULL AND known.attempt = coalesce(made.ours, ${BEFORE_ALL}) AND known.at = t.at ELSE known.retrain = ours.id END`;

/**
 * Brings over what was accepted for training. A cut is the number of a label, and labels have other numbers here: it becomes the
 * last one up to which there is no label that was not accepted there.
 */
export function mergeCuts(log: RunLog, continues: boolean): void {
  const { database } = log;
  // A cut between two runs is known by its decision, or by its moment: the attempt it names may have come before.
  const cuts = database
    .prepare(`SELECT t.line, t.simulated, t.last_label AS lastLabel, coalesce(made.ours, ${BEFORE_ALL}) AS attempt,
        ours.id AS retrain, t.at
      FROM source.accepted_feedback AS t LEFT JOIN attempt_map AS made ON made.theirs = t.attempt
      LEFT JOIN source.retrain_decision AS theirs ON theirs.id = t.retrain
      LEFT JOIN main.retrain_decision AS ours ON ours.uid = theirs.uid
      WHERE NOT EXISTS (SELECT 1 FROM main.accepted_feedback AS known WHERE ${SAME_CUT})
      ORDER BY t.id`)
    .all() as {
    readonly line: string;
    readonly simulated: number;
    readonly lastLabel: number;
    readonly attempt: number;
    readonly retrain: number | null;
    readonly at: number;
  }[];
  const insert =
    database.prepare(`INSERT INTO main.accepted_feedback (id, line, simulated, last_label, attempt, retrain, at)
    VALUES (${newId('accepted_feedback', { continues, row: '1' })}, :line, :simulated,
      coalesce((SELECT min(ours.id) - 1 FROM main.label AS ours JOIN main.prediction ON prediction.id = ours.prediction
        WHERE ours.id > 0 AND prediction.line = :line AND prediction.simulated = :simulated
          AND NOT EXISTS (SELECT 1 FROM source.label AS theirs WHERE theirs.prediction = ours.prediction
            AND theirs.label = ours.label AND theirs.source = ours.source AND theirs.at = ours.at
            AND theirs.id <= :lastLabel)),
        (SELECT coalesce(max(id), 0) FROM main.label)), :attempt, :retrain, :at)`);
  for (const cut of cuts) insert.run(cut);
}

/** Brings over what became of it there; where both know, what is known here stays. Behind the cuts themselves. */
export function mergeOutcomes(log: RunLog): void {
  log.database.exec(`INSERT INTO main.feedback_outcome (cut, outcome, attempt, at)
    SELECT known.id, settled.outcome, ended.ours, settled.at
    FROM source.feedback_outcome AS settled JOIN attempt_map AS ended ON ended.theirs = settled.attempt
    JOIN source.accepted_feedback AS t ON t.id = settled.cut LEFT JOIN attempt_map AS made ON made.theirs = t.attempt
    LEFT JOIN source.retrain_decision AS theirs ON theirs.id = t.retrain
    LEFT JOIN main.retrain_decision AS ours ON ours.uid = theirs.uid
    JOIN main.accepted_feedback AS known ON ${SAME_CUT}
    WHERE TRUE ON CONFLICT (cut) DO NOTHING`);
}
