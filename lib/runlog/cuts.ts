import type { RunLog } from './open.ts';

/** A decision to learn from every label up to one. */
export interface AcceptedCut {
  readonly line: string;
  readonly simulated: boolean;
  readonly lastLabel: number;
}

/** What became of a cut: a run that learned from it passed its gates, or was refused by one. */
export type FeedbackOutcome = 'taken_in' | 'given_back';

/** A cut on record. */
export interface RecordedCut extends AcceptedCut {
  readonly id: number;
  /** Null as long as no gate has spoken. */
  readonly outcome: FeedbackOutcome | null;
}

type CutRow = Omit<RecordedCut, 'simulated'> & { readonly simulated: number };

const COLUMNS = `cut.id, cut.line, cut.simulated, cut.last_label AS lastLabel, settled.outcome
  FROM accepted_feedback AS cut LEFT JOIN feedback_outcome AS settled ON settled.cut = cut.id`;

const toCut = (row: CutRow): RecordedCut => ({ ...row, simulated: row.simulated === 1 });

/** The newest cut of every line, whatever became of it, sorted by line: up to there labels are no news. */
export function proposedCuts(log: RunLog): RecordedCut[] {
  const rows = log
    .prepare(
      `SELECT ${COLUMNS} WHERE cut.id IN (SELECT max(id) FROM accepted_feedback GROUP BY line) ORDER BY cut.line`,
    )
    .all() as CutRow[];
  return rows.map(toCut);
}

/** The newest cut of every line that no refused run gave back, sorted by line: what runs learn from. */
export function acceptedCuts(log: RunLog): RecordedCut[] {
  const rows = log
    .prepare(`SELECT ${COLUMNS} WHERE cut.id IN (SELECT max(id) FROM accepted_feedback
      WHERE id NOT IN (SELECT cut FROM feedback_outcome WHERE outcome = 'given_back') GROUP BY line) ORDER BY cut.line`)
    .all() as CutRow[];
  return rows.map(toCut);
}

export interface NewCut extends AcceptedCut {
  /** The attempt that decided it; of a decision between two runs the last attempt before it, 0 for none. Later ones learn from it. */
  readonly attempt: number;
  /** The decision between two runs, if it was one. */
  readonly retrain?: number;
  readonly at: number;
}

export function insertCut(log: RunLog, { line, simulated, lastLabel, attempt, retrain, at }: NewCut): void {
  log
    .prepare(
      'INSERT INTO accepted_feedback (line, simulated, last_label, attempt, retrain, at) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(line, Number(simulated), lastLabel, attempt, retrain ?? null, at);
}

/** The last attempt there is; 0 for none. */
export const lastAttemptId = (log: RunLog): number =>
  log.prepare('SELECT coalesce(max(id), 0) FROM attempt').pluck().get() as number;

/** A stage's turn in a run that gave it what had been accepted by then. */
export interface LearningTurn {
  readonly attempt: number;
  readonly pipeline: string;
  /** Whether its rows were generated; null where it did not say. */
  readonly generated: number | null;
}

/**
 * Turns of a run whose outs hold what was accepted before them: they were executed, or an earlier execution stands for them. One
 * that says that it took none of it in (`feedbackRows` is 0) proves nothing about it.
 */
export const learningTurns = (log: RunLog, run: number): LearningTurn[] =>
  log
    .prepare(`SELECT turn.id AS attempt, run.pipeline, json_extract(used.value, '$.generated') AS generated
      FROM attempt AS turn JOIN run ON run.id = turn.run
      JOIN attempt AS made ON made.id = coalesce(turn.origin, turn.id)
      LEFT JOIN used ON used.attempt = made.id AND used.what = 'dataset'
      WHERE turn.run = ? AND turn.status IN ('succeeded', 'fresh', 'cached')
        AND json_extract(made.key_parts, '$.reads.acceptedFeedback') IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM metric WHERE metric.attempt = made.id AND metric.name = 'feedbackRows'
          AND metric.split IS NULL AND metric.value = 0)
      ORDER BY turn.id`)
    .all(run) as LearningTurn[];

/** The last attempt of a run whose gates refused; undefined where none did. */
export const refusedAttempt = (log: RunLog, run: number): number | undefined =>
  log
    .prepare("SELECT id FROM attempt WHERE run = ? AND status = 'refused' ORDER BY id DESC LIMIT 1")
    .pluck()
    .get(run) as number | undefined;

/** A stage's turn that failed although it was given what had been accepted by then. */
export interface FailedTurn {
  readonly attempt: number;
  /** Its failure as JSON. */
  readonly failure: string;
}

export const failedTurns = (log: RunLog, run: number): FailedTurn[] =>
  log
    .prepare(`SELECT id AS attempt, failure FROM attempt WHERE run = ? AND status = 'failed' AND failure IS NOT NULL
      AND json_extract(key_parts, '$.reads.acceptedFeedback') IS NOT NULL ORDER BY id`)
    .all(run) as FailedTurn[];

/** The line of models that answered what a label is of. */
export const lineOfLabel = (log: RunLog, label: number): string | undefined =>
  log
    .prepare('SELECT line FROM prediction JOIN label ON label.prediction = prediction.id WHERE label.id = ?')
    .pluck()
    .get(label) as string | undefined;

/** The last label of a line that a run has passed with; 0 for none. */
export const lastTakenIn = (log: RunLog, line: string): number =>
  log
    .prepare(`SELECT coalesce(max(last_label), 0) FROM accepted_feedback AS cut
      JOIN feedback_outcome AS settled ON settled.cut = cut.id WHERE cut.line = ? AND settled.outcome = 'taken_in'`)
    .pluck()
    .get(line) as number;

/** Whether a gate has yet to speak on any cut. */
export const hasOpenCut = (log: RunLog): boolean =>
  log.prepare('SELECT 1 FROM accepted_feedback WHERE id NOT IN (SELECT cut FROM feedback_outcome) LIMIT 1').get() !==
  undefined;

export interface Settlement {
  readonly line: string;
  /** The turn that learned. */
  readonly turn: number;
  readonly outcome: FeedbackOutcome;
  /** The last attempt of the run: what begins later finds the cut settled. */
  readonly attempt: number;
  readonly at: number;
}

/**
 * Says what became of the cut that a turn learned from, and of those before it that it holds; the cut, or undefined where that
 * was known. The caller holds the transaction.
 */
export function settleCut(log: RunLog, { line, turn, outcome, attempt, at }: Settlement): RecordedCut | undefined {
  const row = log
    .prepare(`SELECT ${COLUMNS} WHERE cut.line = ? AND cut.attempt < ? AND settled.outcome IS NOT 'given_back'
      ORDER BY cut.id DESC LIMIT 1`)
    .get(line, turn) as CutRow | undefined;
  if (row === undefined || row.outcome !== null) return undefined;
  log
    .prepare(`INSERT INTO feedback_outcome (cut, outcome, attempt, at) SELECT id, :outcome, :attempt, :at
      FROM accepted_feedback WHERE line = :line AND id <= :id AND id NOT IN (SELECT cut FROM feedback_outcome)`)
    .run({ line, id: row.id, outcome, attempt, at });
  return toCut(row);
}

/** The newest cut of a line, where a run that a gate refused gave it back and no run has succeeded since. */
export function refusedCut(log: RunLog, line: string): RecordedCut | undefined {
  const row = log
    .prepare(`SELECT ${COLUMNS} JOIN attempt ON attempt.id = settled.attempt
      JOIN run AS refused ON refused.id = attempt.run AND refused.status = 'refused'
      WHERE cut.id = (SELECT max(id) FROM accepted_feedback WHERE line = ?) AND settled.outcome = 'given_back'
        AND NOT EXISTS (SELECT 1 FROM run WHERE run.id > attempt.run AND run.status = 'succeeded')`)
    .get(line) as CutRow | undefined;
  return row === undefined ? undefined : toCut(row);
}
