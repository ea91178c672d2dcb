/**
 * Schema version 3: what was computed once is never computed again (task_memo), and what a search's cells cost. A trial may
 * now be pruned: SQLite cannot change a CHECK, so both tables are made anew.
 */
export const cellsSchema = `
CREATE TABLE task_memo (
  key TEXT PRIMARY KEY CHECK (length(key) = 64),
  task TEXT NOT NULL,
  value TEXT NOT NULL CHECK (json_valid(value)),
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

DROP VIEW v_trials;

CREATE TABLE new_trial (
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  trial INTEGER NOT NULL,
  params TEXT NOT NULL CHECK (json_valid(params)),
  status TEXT NOT NULL CHECK (status IN ('succeeded', 'failed', 'pruned')),
  mean REAL,
  std REAL,
  rank INTEGER NOT NULL,
  winner INTEGER NOT NULL CHECK (winner IN (0, 1)),
  reference INTEGER NOT NULL CHECK (reference IN (0, 1)),
  PRIMARY KEY (attempt, trial)
) STRICT, WITHOUT ROWID;
INSERT INTO new_trial SELECT attempt, trial, params, status, mean, std, rank, winner, reference FROM trial;
DROP TABLE trial;
ALTER TABLE new_trial RENAME TO trial;

CREATE TABLE new_fold_result (
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  trial INTEGER NOT NULL,
  fold INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('succeeded', 'failed', 'pruned')),
  score REAL,
  reused INTEGER NOT NULL CHECK (reused IN (0, 1)),
  duration_ms REAL NOT NULL,
  cpu_ms REAL,
  peak_memory_bytes INTEGER,
  error TEXT,
  PRIMARY KEY (attempt, trial, fold)
) STRICT, WITHOUT ROWID;
INSERT INTO new_fold_result
  SELECT attempt, trial, fold, status, score, 0, duration_ms, NULL, NULL, error FROM fold_result;
DROP TABLE fold_result;
ALTER TABLE new_fold_result RENAME TO fold_result;

CREATE VIEW v_trials AS
SELECT attempt.run, attempt.stage, trial.trial, trial.params, trial.status, trial.mean, trial.std, trial.rank,
  trial.winner, trial.reference, fold_result.fold, fold_result.status AS fold_status, fold_result.score,
  fold_result.reused, fold_result.duration_ms, fold_result.cpu_ms, fold_result.peak_memory_bytes
FROM attempt
JOIN trial ON trial.attempt = coalesce(attempt.origin, attempt.id)
LEFT JOIN fold_result ON fold_result.attempt = trial.attempt AND fold_result.trial = trial.trial;
`;
