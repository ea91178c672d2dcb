/**
 * Schema version 10: logs that meet. A run that was made elsewhere keeps its number there and the name of that log, and is known
 * by a negative id here: it comes before everything of this log's own. A reference may have come with an imported version; SQLite
 * cannot drop a NOT NULL, so that table is made anew.
 */
export const exchangeSchema = `
ALTER TABLE run ADD COLUMN origin TEXT;
ALTER TABLE run ADD COLUMN origin_run INTEGER CHECK ((origin IS NULL) = (origin_run IS NULL));
CREATE INDEX run_by_origin ON run (origin, origin_run) WHERE origin IS NOT NULL;

CREATE TABLE log_name (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
  name TEXT NOT NULL
) STRICT;

CREATE TABLE quarantined_feedback (
  file TEXT NOT NULL CHECK (length(file) = 64),
  line INTEGER NOT NULL,
  reason TEXT NOT NULL,
  text TEXT NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (file, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE new_drift_reference (
  line TEXT NOT NULL,
  version INTEGER NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  reference TEXT NOT NULL CHECK (json_valid(reference)),
  attempt INTEGER REFERENCES attempt (id),
  PRIMARY KEY (line, version),
  FOREIGN KEY (line, version) REFERENCES model_version (line, version)
) STRICT;
INSERT INTO new_drift_reference SELECT line, version, hash, reference, attempt FROM drift_reference;
DROP TABLE drift_reference;
ALTER TABLE new_drift_reference RENAME TO drift_reference;
CREATE TRIGGER drift_reference_is_immutable BEFORE UPDATE ON drift_reference
BEGIN SELECT RAISE(ABORT, 'a reference never changes'); END;

DROP VIEW v_runs;
CREATE VIEW v_runs AS
SELECT coalesce(run.origin || ':' || run.origin_run, run.id) AS run, run.status, run.trigger,
  (SELECT coalesce(parent.origin || ':' || parent.origin_run, parent.id) FROM run AS parent WHERE parent.id = run.parent)
    AS parent,
  run.profile, run.exit_code,
  datetime(run.started_at / 1000, 'unixepoch') AS started_utc, run.ended_at - run.started_at AS duration_ms,
  run.git_commit, run.uid, run.id
FROM run;
`;
