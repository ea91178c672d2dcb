import { knownLineageOf } from './0008-lineage.ts';
import { retrainView } from './0011-retrain.ts';

/** A cut that a refused run gave back is none to whoever began after that. */
const STANDS = `NOT EXISTS (SELECT 1 FROM feedback_outcome AS settled
  WHERE settled.cut = earlier.id AND settled.outcome = 'given_back' AND settled.attempt < learner.attempt)`;

/** What the versions of `base` (a SELECT of line, version) learned from. */
export const standingLineageOf = (base: string): string => knownLineageOf(base, STANDS);

/** The first run that learned from a cut and succeeded. */
const PASSED = `(SELECT turn.run FROM attempt AS turn JOIN attempt AS made ON made.id = coalesce(turn.origin, turn.id)
  JOIN run AS ended ON ended.id = turn.run AND ended.status = 'succeeded'
  WHERE turn.id > cut.attempt AND turn.status IN ('succeeded', 'fresh', 'cached')
    AND json_extract(made.key_parts, '$.reads.acceptedFeedback') IS NOT NULL ORDER BY turn.id LIMIT 1)`;

/**
 * Schema version 12: what became of accepted feedback. A cut is a proposal until a run that learned from it has passed its gates;
 * where one refuses it the cut is given back. Decisions of `retrain` may fail, too, before there is anything to decide upon. SQLite
 * cannot change a CHECK, so that table is made anew.
 */
export const feedbackOutcomeSchema = `
DROP VIEW v_model_lineage;
DROP VIEW v_retrain;

CREATE TABLE feedback_outcome (
  cut INTEGER PRIMARY KEY REFERENCES accepted_feedback (id),
  outcome TEXT NOT NULL CHECK (outcome IN ('taken_in', 'given_back')),
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER feedback_outcome_is_append_only_update BEFORE UPDATE ON feedback_outcome
BEGIN SELECT RAISE(ABORT, 'what became of accepted feedback never changes'); END;
CREATE TRIGGER feedback_outcome_is_append_only_delete BEFORE DELETE ON feedback_outcome
BEGIN SELECT RAISE(ABORT, 'what became of accepted feedback never changes'); END;

INSERT INTO feedback_outcome (cut, outcome, attempt, at)
  SELECT cut.id, 'taken_in', max(last.id), coalesce(run.ended_at, run.started_at)
  FROM accepted_feedback AS cut JOIN run ON run.id = ${PASSED} JOIN attempt AS last ON last.run = run.id GROUP BY cut.id;

CREATE TABLE new_retrain_decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL UNIQUE,
  line TEXT NOT NULL,
  asked TEXT NOT NULL CHECK (asked IN ('if_needed', 'now', 'force')),
  actor TEXT NOT NULL,
  profile TEXT,
  verdict TEXT NOT NULL CHECK (verdict IN ('retrain', 'skipped', 'failed')),
  reason TEXT NOT NULL,
  triggers TEXT NOT NULL CHECK (json_valid(triggers)),
  brakes TEXT NOT NULL CHECK (json_valid(brakes)),
  run INTEGER REFERENCES run (id),
  at INTEGER NOT NULL,
  CHECK (verdict <> 'skipped' OR run IS NULL)
) STRICT;
INSERT INTO new_retrain_decision SELECT id, uid, line, asked, actor, profile, verdict, reason, triggers, brakes, run, at
  FROM retrain_decision;
DROP TABLE retrain_decision;
ALTER TABLE new_retrain_decision RENAME TO retrain_decision;
CREATE INDEX retrain_decision_by_line ON retrain_decision (line, verdict, at);
CREATE INDEX retrain_decision_by_run ON retrain_decision (run) WHERE run IS NOT NULL;

CREATE VIEW v_model_lineage AS ${standingLineageOf('SELECT line, version FROM model_version')};

${retrainView}
`;
