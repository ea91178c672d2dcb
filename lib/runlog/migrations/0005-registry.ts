/** The attempt that made a dep; where an older log does not say, the last one before that made these bytes. */
const MAKER = `CASE WHEN dep.kind <> 'path' THEN coalesce(dep.maker,
      (SELECT max(made.attempt) FROM attempt_artifact AS made
        WHERE made.hash = dep.hash AND made.role = 'out' AND made.attempt < dep.attempt)) END`;

/**
 * What the versions of `base` (a SELECT of line, version) learned from: a row for every dep an attempt read on the way to the
 * model, for that attempt's code, and for every label that had been accepted for the line by then. Later schemas say in `stands` what
 * else a cut of labels has to be.
 */
export const lineageOf = (base: string, stands?: string): string => `
WITH RECURSIVE
  edge (line, version, attempt, name, kind, hash, maker) AS (
    SELECT model.line, model.version, dep.attempt, dep.name, dep.kind, dep.hash, ${MAKER}
    FROM model_version AS model JOIN (${base}) USING (line, version)
    JOIN attempt_artifact AS dep ON dep.attempt = model.attempt AND dep.role = 'in' AND dep.hash = model.hash
    UNION
    SELECT edge.line, edge.version, dep.attempt, dep.name, dep.kind, dep.hash, ${MAKER}
    FROM edge JOIN attempt_artifact AS dep ON dep.attempt = edge.maker AND dep.role = 'in'),
  learner (line, version, attempt) AS (SELECT DISTINCT line, version, maker FROM edge WHERE maker IS NOT NULL),
  cut (line, version, attempt, simulated, last_label) AS (
    SELECT learner.line, learner.version, learner.attempt, accepted.simulated, accepted.last_label
    FROM learner JOIN attempt ON attempt.id = learner.attempt
    JOIN accepted_feedback AS accepted ON accepted.id = (SELECT max(earlier.id) FROM accepted_feedback AS earlier
      WHERE earlier.line = learner.line AND earlier.attempt < learner.attempt${stands === undefined ? '' : ` AND ${stands}`})
    WHERE json_extract(attempt.key_parts, '$.reads.acceptedFeedback') IS NOT NULL)
SELECT edge.line, edge.version, attempt.run, attempt.stage, edge.kind AS what, edge.name, edge.hash, NULL AS label
FROM edge JOIN attempt ON attempt.id = edge.attempt
UNION ALL
SELECT learner.line, learner.version, attempt.run, attempt.stage, 'code', 'code', attempt.code, NULL
FROM learner JOIN attempt ON attempt.id = learner.attempt WHERE attempt.code IS NOT NULL
UNION ALL
SELECT cut.line, cut.version, attempt.run, attempt.stage, 'label', prediction.id, NULL, label.id
FROM cut JOIN attempt ON attempt.id = cut.attempt
JOIN prediction ON prediction.line = cut.line AND prediction.simulated = cut.simulated
JOIN label ON label.id = (SELECT max(last.id) FROM label AS last
  WHERE last.prediction = prediction.id AND last.id <= cut.last_label)`;

/**
 * Schema version 5: versions that come from elsewhere, tags, and a ledger that says of each entry what kind it is and who made
 * it. SQLite cannot drop a NOT NULL, so both tables are made anew.
 */
export const registrySchema = `
CREATE TABLE new_model_version (
  id INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  folder TEXT NOT NULL,
  metrics TEXT NOT NULL CHECK (json_valid(metrics)),
  attempt INTEGER REFERENCES attempt (id),
  imported TEXT CHECK (imported IS NULL OR json_valid(imported)),
  created_at INTEGER NOT NULL,
  UNIQUE (line, version),
  CHECK ((attempt IS NULL) = (imported IS NOT NULL))
) STRICT;
INSERT INTO new_model_version
  SELECT id, line, version, hash, folder, metrics, attempt, NULL, created_at FROM model_version;
DROP TABLE model_version;
ALTER TABLE new_model_version RENAME TO model_version;
CREATE INDEX model_version_by_hash ON model_version (hash, line);
CREATE TRIGGER model_version_is_immutable_update BEFORE UPDATE ON model_version
BEGIN SELECT RAISE(ABORT, 'a registered version never changes'); END;
CREATE TRIGGER model_version_is_immutable_delete BEFORE DELETE ON model_version
BEGIN SELECT RAISE(ABORT, 'a registered version never changes'); END;

CREATE TABLE new_deployment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  line TEXT NOT NULL,
  alias TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('deploy', 'override', 'promote', 'rollback', 'remove', 'kept', 'import')),
  from_version INTEGER,
  to_version INTEGER,
  reason TEXT NOT NULL,
  attempt INTEGER REFERENCES attempt (id),
  actor TEXT,
  at INTEGER NOT NULL,
  CHECK ((alias IS NULL) = (kind = 'import')),
  CHECK ((attempt IS NULL) = (actor IS NOT NULL))
) STRICT;
INSERT INTO new_deployment
  SELECT id, line, alias, CASE WHEN attempt IS NULL THEN 'promote' ELSE 'deploy' END, from_version, to_version, reason,
    attempt, CASE WHEN attempt IS NULL THEN 'unknown' END, at
  FROM deployment;
DROP TABLE deployment;
ALTER TABLE new_deployment RENAME TO deployment;
CREATE INDEX deployment_by_alias ON deployment (line, alias, id);
CREATE INDEX deployment_by_attempt ON deployment (attempt) WHERE attempt IS NOT NULL;
CREATE TRIGGER deployment_is_append_only_update BEFORE UPDATE ON deployment
BEGIN SELECT RAISE(ABORT, 'the deployment ledger is append-only'); END;
CREATE TRIGGER deployment_is_append_only_delete BEFORE DELETE ON deployment
BEGIN SELECT RAISE(ABORT, 'the deployment ledger is append-only'); END;

CREATE TABLE version_tag (
  line TEXT NOT NULL,
  version INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (line, version, key),
  FOREIGN KEY (line, version) REFERENCES model_version (line, version)
) STRICT, WITHOUT ROWID;

ALTER TABLE attempt_artifact ADD COLUMN maker INTEGER REFERENCES attempt (id);

CREATE VIEW v_models AS
SELECT model_version.line, model_version.version,
  (SELECT group_concat(alias, ', ') FROM (SELECT alias FROM alias
    WHERE alias.line = model_version.line AND alias.version = model_version.version ORDER BY alias)) AS aliases,
  attempt.run, model_version.attempt IS NULL AS imported,
  datetime(model_version.created_at / 1000, 'unixepoch') AS created_utc, model_version.metrics,
  (SELECT json_group_object(key, value) FROM version_tag
    WHERE version_tag.line = model_version.line AND version_tag.version = model_version.version) AS tags,
  model_version.hash, model_version.folder
FROM model_version LEFT JOIN attempt ON attempt.id = model_version.attempt;

CREATE VIEW v_deployments AS
SELECT deployment.id, deployment.line, deployment.alias, deployment.kind, deployment.from_version, deployment.to_version,
  deployment.reason, attempt.run, deployment.actor, datetime(deployment.at / 1000, 'unixepoch') AS at_utc
FROM deployment LEFT JOIN attempt ON attempt.id = deployment.attempt;

CREATE VIEW v_model_lineage AS ${lineageOf('SELECT line, version FROM model_version')};
`;
