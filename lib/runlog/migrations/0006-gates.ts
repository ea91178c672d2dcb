/**
 * Schema version 6: a check says which gate it belongs to and which rows it speaks of, may have an interval, a p-value and no
 * limit, and its verdict is one of many. SQLite cannot change a CHECK, so the table is made anew.
 */
export const gatesSchema = `
CREATE TABLE new_gate (
  id INTEGER PRIMARY KEY,
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  gate TEXT NOT NULL CHECK (gate IN ('data', 'absolute', 'champion', 'serving')),
  name TEXT NOT NULL,
  slice TEXT,
  value REAL,
  low REAL,
  high REAL,
  p_value REAL CHECK (p_value IS NULL OR p_value BETWEEN 0 AND 1),
  limit_kind TEXT CHECK (limit_kind IN ('min', 'max')),
  threshold REAL,
  sample_rows INTEGER CHECK (sample_rows IS NULL OR sample_rows >= 0),
  verdict TEXT NOT NULL CHECK (verdict IN
    ('passed', 'warning', 'refused', 'better', 'not_worse', 'worse', 'not_enough_evidence', 'first_model',
     'already_live', 'no_reference', 'lost', 'not_comparable')),
  note TEXT NOT NULL,
  CHECK ((low IS NULL) = (high IS NULL)),
  CHECK ((limit_kind IS NULL) = (threshold IS NULL))
) STRICT;
INSERT INTO new_gate (id, attempt, gate, name, value, limit_kind, threshold, sample_rows, verdict, note)
  SELECT id, attempt, CASE name WHEN 'goldenDifference' THEN 'serving' ELSE 'absolute' END, name, value, limit_kind,
    threshold, sample_rows, verdict, ''
  FROM gate;
DROP TABLE gate;
ALTER TABLE new_gate RENAME TO gate;
CREATE INDEX gate_by_attempt ON gate (attempt);

CREATE VIEW v_gates AS
SELECT attempt.run, attempt.stage, attempt.status, gate.gate, gate.name, gate.slice, gate.value, gate.low, gate.high,
  gate.p_value, gate.limit_kind, gate.threshold, gate.sample_rows, gate.verdict, gate.note
FROM attempt JOIN gate ON gate.attempt = coalesce(attempt.origin, attempt.id);
`;
