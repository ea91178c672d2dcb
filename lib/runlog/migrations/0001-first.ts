/** Schema version 1. Times are milliseconds since the epoch; JSON columns hold canonical JSON; paths are relative. */
export const firstSchema = `
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  parent INTEGER REFERENCES run (id),
  round INTEGER NOT NULL CHECK (round >= 0),
  trigger TEXT NOT NULL CHECK (trigger IN ('manual', 'ci', 'iterate')),
  verb TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  profile TEXT,
  overrides TEXT NOT NULL CHECK (json_valid(overrides)),
  seed INTEGER NOT NULL,
  git_commit TEXT,
  git_dirty TEXT,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  versions TEXT NOT NULL CHECK (json_valid(versions)),
  status TEXT NOT NULL CHECK (status IN
    ('running', 'succeeded', 'failed', 'timed_out', 'cancelled', 'interrupted', 'refused')),
  exit_code INTEGER,
  started_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;

CREATE TABLE param (
  run INTEGER NOT NULL REFERENCES run (id),
  stage TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL CHECK (json_valid(value)),
  PRIMARY KEY (run, stage, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run (id),
  stage TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  status TEXT NOT NULL CHECK (status IN
    ('pending', 'running', 'succeeded', 'fresh', 'cached', 'skipped', 'failed', 'timed_out', 'cancelled',
     'interrupted', 'blocked', 'refused')),
  key TEXT,
  key_parts TEXT CHECK (key_parts IS NULL OR json_valid(key_parts)),
  why TEXT NOT NULL,
  origin INTEGER REFERENCES attempt (id),
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  duration_ms REAL,
  pid INTEGER,
  exit_code INTEGER,
  signal TEXT,
  failure TEXT CHECK (failure IS NULL OR json_valid(failure)),
  cpu_ms REAL,
  peak_memory_bytes INTEGER,
  log TEXT,
  UNIQUE (run, stage, number)
) STRICT;
CREATE INDEX attempt_by_key ON attempt (stage, key, id);
CREATE INDEX attempt_by_stage ON attempt (stage, id);

CREATE TABLE metric (
  id INTEGER PRIMARY KEY,
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  name TEXT NOT NULL,
  value REAL,
  special TEXT CHECK (special IN ('nan', 'inf', '-inf')),
  model TEXT,
  split TEXT,
  step INTEGER,
  fold INTEGER,
  label TEXT,
  CHECK ((value IS NULL) <> (special IS NULL))
) STRICT;
CREATE INDEX metric_by_attempt ON metric (attempt, name);

CREATE TABLE artifact (
  hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
  kind TEXT NOT NULL,
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  files INTEGER NOT NULL CHECK (files >= 1),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt_artifact (
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  role TEXT NOT NULL CHECK (role IN ('in', 'out')),
  name TEXT NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  kind TEXT NOT NULL,
  PRIMARY KEY (attempt, role, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_artifact_by_hash ON attempt_artifact (hash, role);

CREATE TABLE trial (
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  trial INTEGER NOT NULL,
  params TEXT NOT NULL CHECK (json_valid(params)),
  status TEXT NOT NULL CHECK (status IN ('succeeded', 'failed')),
  mean REAL,
  std REAL,
  rank INTEGER NOT NULL,
  winner INTEGER NOT NULL CHECK (winner IN (0, 1)),
  reference INTEGER NOT NULL CHECK (reference IN (0, 1)),
  PRIMARY KEY (attempt, trial)
) STRICT, WITHOUT ROWID;

CREATE TABLE fold_result (
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  trial INTEGER NOT NULL,
  fold INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('succeeded', 'failed')),
  score REAL,
  duration_ms REAL NOT NULL,
  error TEXT,
  PRIMARY KEY (attempt, trial, fold)
) STRICT, WITHOUT ROWID;

CREATE TABLE gate (
  id INTEGER PRIMARY KEY,
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  name TEXT NOT NULL,
  value REAL NOT NULL,
  limit_kind TEXT NOT NULL CHECK (limit_kind IN ('min', 'max')),
  threshold REAL NOT NULL,
  sample_rows INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('passed', 'refused'))
) STRICT;
CREATE INDEX gate_by_attempt ON gate (attempt);

CREATE TABLE decision (
  id INTEGER PRIMARY KEY,
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  verdict TEXT NOT NULL CHECK (verdict IN ('keep', 'retrain')),
  reason TEXT NOT NULL,
  rules TEXT NOT NULL CHECK (json_valid(rules))
) STRICT;
CREATE INDEX decision_by_attempt ON decision (attempt);

CREATE TABLE note (
  id INTEGER PRIMARY KEY,
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'warning'))
) STRICT;
CREATE INDEX note_by_attempt ON note (attempt);

CREATE TABLE used (
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  what TEXT NOT NULL CHECK (what IN ('dataset', 'engine')),
  value TEXT NOT NULL CHECK (json_valid(value)),
  PRIMARY KEY (attempt, what)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_version (
  id INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  folder TEXT NOT NULL,
  metrics TEXT NOT NULL CHECK (json_valid(metrics)),
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  created_at INTEGER NOT NULL,
  UNIQUE (line, version)
) STRICT;

CREATE TABLE alias (
  line TEXT NOT NULL,
  alias TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (line, alias),
  FOREIGN KEY (line, version) REFERENCES model_version (line, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE deployment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  line TEXT NOT NULL,
  alias TEXT NOT NULL,
  from_version INTEGER,
  to_version INTEGER NOT NULL,
  reason TEXT NOT NULL,
  attempt INTEGER REFERENCES attempt (id),
  at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER deployment_is_append_only_update BEFORE UPDATE ON deployment
BEGIN SELECT RAISE(ABORT, 'the deployment ledger is append-only'); END;
CREATE TRIGGER deployment_is_append_only_delete BEFORE DELETE ON deployment
BEGIN SELECT RAISE(ABORT, 'the deployment ledger is append-only'); END;

CREATE TABLE prediction (
  id TEXT PRIMARY KEY,
  line TEXT NOT NULL,
  version INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  source TEXT NOT NULL,
  input BLOB NOT NULL,
  predicted INTEGER NOT NULL,
  probabilities TEXT NOT NULL CHECK (json_valid(probabilities)),
  at INTEGER NOT NULL,
  FOREIGN KEY (line, version) REFERENCES model_version (line, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX prediction_by_version ON prediction (line, version, simulated);

CREATE TABLE label (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  prediction TEXT NOT NULL REFERENCES prediction (id),
  label INTEGER NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX label_by_prediction ON label (prediction, id);

CREATE TABLE accepted_feedback (
  id INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  last_label INTEGER NOT NULL,
  attempt INTEGER NOT NULL REFERENCES attempt (id),
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX accepted_feedback_by_line ON accepted_feedback (line, id);

CREATE VIEW v_runs AS
SELECT run.id AS run, run.status, run.trigger, run.parent, run.profile, run.exit_code,
  datetime(run.started_at / 1000, 'unixepoch') AS started_utc, run.ended_at - run.started_at AS duration_ms,
  run.git_commit
FROM run;

CREATE VIEW v_metrics AS
SELECT attempt.run, attempt.stage, attempt.status, metric.name, metric.model, metric.split, metric.step, metric.fold,
  metric.label, metric.value, metric.special
FROM attempt JOIN metric ON metric.attempt = coalesce(attempt.origin, attempt.id);

CREATE VIEW v_trials AS
SELECT attempt.run, attempt.stage, trial.trial, trial.params, trial.status, trial.mean, trial.std, trial.rank,
  trial.winner, trial.reference, fold_result.fold, fold_result.score, fold_result.duration_ms
FROM attempt
JOIN trial ON trial.attempt = coalesce(attempt.origin, attempt.id)
LEFT JOIN fold_result ON fold_result.attempt = trial.attempt AND fold_result.trial = trial.trial;

CREATE VIEW v_lineage AS
SELECT attempt.run, attempt.stage, used.role, used.name, used.hash, used.kind, artifact.size_bytes
FROM attempt
JOIN attempt_artifact AS used ON used.attempt = coalesce(attempt.origin, attempt.id)
LEFT JOIN artifact ON artifact.hash = used.hash;
`;
