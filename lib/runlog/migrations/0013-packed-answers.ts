import { standingLineageOf } from './0012-feedback-outcome.ts';

/** Probabilities as they are stored: 32-bit floats, little-endian, in the order of the model's outputs. */
function float32s(json: unknown): Buffer {
  const values = JSON.parse(String(json)) as number[];
  const bytes = Buffer.alloc(values.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [at, value] of values.entries()) bytes.writeFloatLE(value, at * Float32Array.BYTES_PER_ELEMENT);
  return bytes;
}

/** What this migration calls, by name. */
export const packedAnswersFunctions = { float32s };

/**
 * Schema version 13: an answer's probabilities as the numbers they are. As text they were most of a row, and took a server longer to
 * write than all its other columns. SQLite cannot change a column's type, so prediction is made anew.
 */
export const packedAnswersSchema = `
DROP VIEW v_model_lineage;

CREATE TABLE new_prediction (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  line TEXT NOT NULL,
  version INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  source TEXT NOT NULL,
  predicted INTEGER NOT NULL,
  probabilities BLOB NOT NULL CHECK (length(probabilities) % 4 = 0),
  at INTEGER NOT NULL,
  FOREIGN KEY (line, version) REFERENCES model_version (line, version)
) STRICT;
INSERT INTO new_prediction (number, id, line, version, simulated, source, predicted, probabilities, at)
  SELECT number, id, line, version, simulated, source, predicted, float32s(probabilities), at FROM prediction ORDER BY number;
DROP TABLE prediction;
ALTER TABLE new_prediction RENAME TO prediction;
CREATE INDEX prediction_by_version ON prediction (line, version, simulated);
CREATE INDEX prediction_by_time ON prediction (at);

CREATE VIEW v_model_lineage AS ${standingLineageOf('SELECT line, version FROM model_version')};
`;
