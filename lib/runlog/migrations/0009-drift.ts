/**
 * Schema version 9: what a version's answers looked like on rows it was not fitted on, and every window of later answers that was
 * compared with it. A window is known by its predictions: one that is judged twice is one.
 */
export const driftSchema = `
CREATE TABLE drift_reference (
  line TEXT NOT NULL,
  version INTEGER NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  reference TEXT NOT NULL CHECK (json_valid(reference)),
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  PRIMARY KEY (line, version),
  FOREIGN KEY (line, version) REFERENCES model_version (line, version)
) STRICT;
CREATE TRIGGER drift_reference_is_immutable BEFORE UPDATE ON drift_reference
BEGIN SELECT RAISE(ABORT, 'a reference never changes'); END;

CREATE TABLE drift_window (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  line TEXT NOT NULL,
  version INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  digest TEXT NOT NULL,
  sample_rows INTEGER NOT NULL CHECK (sample_rows >= 0),
  last_prediction INTEGER,
  last_label INTEGER,
  level REAL NOT NULL CHECK (level > 0 AND level < 1),
  verdict TEXT NOT NULL CHECK (verdict IN ('drift', 'no_drift', 'not_enough_data', 'no_reference')),
  note TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (line, version, simulated, digest),
  FOREIGN KEY (line, version) REFERENCES model_version (line, version)
) STRICT;
CREATE INDEX drift_window_by_attempt ON drift_window (attempt);

CREATE TABLE drift_test (
  id INTEGER PRIMARY KEY,
  window INTEGER NOT NULL REFERENCES drift_window (id),
  kind TEXT NOT NULL CHECK (kind IN ('outputs', 'predicted', 'inputs', 'labels')),
  name TEXT NOT NULL,
  test TEXT NOT NULL CHECK (test IN ('ks', 'chi_squared', 'psi')),
  value REAL NOT NULL,
  p_value REAL NOT NULL CHECK (p_value BETWEEN 0 AND 1),
  threshold REAL NOT NULL,
  at_least REAL,
  sample_rows INTEGER NOT NULL,
  reference_rows INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('drift', 'no_drift'))
) STRICT;
CREATE INDEX drift_test_by_window ON drift_test (window);

CREATE VIEW v_drift AS
SELECT attempt.run, drift_window.line, drift_window.version, drift_window.simulated, drift_window.sample_rows AS window_rows,
  drift_window.verdict AS window_verdict, datetime(drift_window.at / 1000, 'unixepoch') AS at_utc, drift_test.kind,
  drift_test.name, drift_test.test, drift_test.value, drift_test.p_value, drift_test.threshold, drift_test.at_least,
  drift_test.sample_rows, drift_test.reference_rows, drift_test.verdict, drift_window.note
FROM drift_window JOIN attempt ON attempt.id = drift_window.attempt
LEFT JOIN drift_test ON drift_test.window = drift_window.id;
`;
