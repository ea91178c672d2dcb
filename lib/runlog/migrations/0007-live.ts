import { lineageOf } from './0005-registry.ts';

/**
 * Schema version 7: the live side. An input has a table of its own, because it comes late (never, where none are kept) and goes
 * early: rows of one table that go together give whole pages back. Predictions are numbered as they come, so that many a second
 * are appended and not strewn. SQLite cannot take a table apart, so prediction is made anew.
 */
export const liveSchema = `
DROP VIEW v_model_lineage;

CREATE TABLE new_prediction (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  line TEXT NOT NULL,
  version INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  source TEXT NOT NULL,
  predicted INTEGER NOT NULL,
  probabilities TEXT NOT NULL CHECK (json_valid(probabilities)),
  at INTEGER NOT NULL,
  FOREIGN KEY (line, version) REFERENCES model_version (line, version)
) STRICT;
INSERT INTO new_prediction (id, line, version, simulated, source, predicted, probabilities, at)
  SELECT id, line, version, simulated, source, predicted, probabilities, at FROM prediction ORDER BY at, id;

CREATE TABLE prediction_input (
  prediction INTEGER PRIMARY KEY REFERENCES new_prediction (number),
  input BLOB NOT NULL
) STRICT;
INSERT INTO prediction_input
  SELECT made.number, prediction.input FROM new_prediction AS made JOIN prediction ON prediction.id = made.id
  ORDER BY made.number;

DROP TABLE prediction;
ALTER TABLE new_prediction RENAME TO prediction;
CREATE INDEX prediction_by_version ON prediction (line, version, simulated);
CREATE INDEX prediction_by_time ON prediction (at);

CREATE TABLE unmatched_label (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  prediction TEXT NOT NULL,
  label TEXT NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX unmatched_label_by_prediction ON unmatched_label (prediction, id);

CREATE TABLE forgotten (
  prediction TEXT PRIMARY KEY,
  line TEXT,
  first_label INTEGER,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW v_model_lineage AS ${lineageOf('SELECT line, version FROM model_version')};
`;
