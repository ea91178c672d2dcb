import { knownLineageOf } from './0008-lineage.ts';

/** Every rule of every decision. */
export const retrainView = `CREATE VIEW v_retrain AS
SELECT retrain_decision.id, datetime(retrain_decision.at / 1000, 'unixepoch') AS at_utc, retrain_decision.line,
  retrain_decision.asked, retrain_decision.actor, retrain_decision.verdict, retrain_decision.reason, retrain_decision.run,
  run.status, rule.kind, json_extract(rule.value, '$.name') AS rule, json_extract(rule.value, '$.value') AS value,
  json_extract(rule.value, '$.threshold') AS threshold, json_extract(rule.value, '$.fired') AS fired,
  json_extract(rule.value, '$.note') AS note
FROM retrain_decision LEFT JOIN run ON run.id = retrain_decision.run
LEFT JOIN (
  SELECT retrain_decision.id, 'trigger' AS kind, each.value, each.key FROM retrain_decision, json_each(triggers) AS each
  UNION ALL
  SELECT retrain_decision.id, 'brake', each.value, each.key FROM retrain_decision, json_each(brakes) AS each
) AS rule ON rule.id = retrain_decision.id
ORDER BY retrain_decision.id, rule.kind DESC, rule.key;`;

/**
 * Schema version 11: the decisions of `retrain`, which stand between runs, and accepted feedback that came of one. What such a
 * decision accepts is no attempt's: `attempt` is then the last one before it. SQLite cannot drop a reference, so the table is made
 * anew.
 */
export const retrainSchema = `
DROP VIEW v_model_lineage;

CREATE TABLE retrain_decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL UNIQUE,
  line TEXT NOT NULL,
  asked TEXT NOT NULL CHECK (asked IN ('if_needed', 'now', 'force')),
  actor TEXT NOT NULL,
  profile TEXT,
  verdict TEXT NOT NULL CHECK (verdict IN ('retrain', 'skipped')),
  reason TEXT NOT NULL,
  triggers TEXT NOT NULL CHECK (json_valid(triggers)),
  brakes TEXT NOT NULL CHECK (json_valid(brakes)),
  run INTEGER REFERENCES run (id),
  at INTEGER NOT NULL,
  CHECK (verdict = 'retrain' OR run IS NULL)
) STRICT;
CREATE INDEX retrain_decision_by_line ON retrain_decision (line, verdict, at);
CREATE INDEX retrain_decision_by_run ON retrain_decision (run) WHERE run IS NOT NULL;

CREATE TABLE new_accepted_feedback (
  id INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  last_label INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  retrain INTEGER REFERENCES retrain_decision (id),
  at INTEGER NOT NULL
) STRICT;
INSERT INTO new_accepted_feedback (id, line, simulated, last_label, attempt, at)
  SELECT id, line, simulated, last_label, attempt, at FROM accepted_feedback;
DROP TABLE accepted_feedback;
ALTER TABLE new_accepted_feedback RENAME TO accepted_feedback;
CREATE INDEX accepted_feedback_by_line ON accepted_feedback (line, id);

CREATE VIEW v_model_lineage AS ${knownLineageOf('SELECT line, version FROM model_version')};

${retrainView}
`;
