/**
 * Schema version 2: what it takes to lay out a run again (the text of its pipeline.yaml, its stages' code, where its deps
 * lay), to find the processes of a runner that died, and to know which objects were freed.
 */
export const restoreSchema = `
CREATE TABLE pipeline_text (
  hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE run ADD COLUMN pipeline_text TEXT REFERENCES pipeline_text (hash);
ALTER TABLE attempt ADD COLUMN code TEXT CHECK (code IS NULL OR length(code) = 64);
ALTER TABLE attempt ADD COLUMN process_mark TEXT;
ALTER TABLE attempt ADD COLUMN process_started TEXT;
ALTER TABLE attempt_artifact ADD COLUMN place TEXT;
ALTER TABLE artifact ADD COLUMN freed_at INTEGER;
CREATE INDEX attempt_running ON attempt (id) WHERE status = 'running';
CREATE INDEX run_running ON run (id) WHERE status = 'running';
`;
