import type { Sha256 } from '../util/hash.ts';
import type { RunLog } from './open.ts';
import { HOUR_MS } from './past-answers.ts';

/** What it takes to lay out a run again. */
export interface RecordedRun {
  readonly run: number;
  readonly uid: string;
  readonly status: string;
  readonly pipeline: string;
  readonly profile: string | null;
  /** Values as they were typed, by key path. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly gitCommit: string | null;
  readonly gitDirty: string | null;
  /** pipeline.yaml as it was; null when it was not recorded. */
  readonly text: string | null;
}

export function recordedRun(log: RunLog, run: number): RecordedRun | undefined {
  const row = log
    .prepare(`SELECT run.id AS run, uid, status, pipeline, profile, overrides, versions, git_commit AS gitCommit,
      git_dirty AS gitDirty, pipeline_text.text FROM run
      LEFT JOIN pipeline_text ON pipeline_text.hash = run.pipeline_text WHERE run.id = ?`)
    .get(run) as (Omit<RecordedRun, 'overrides' | 'versions'> & { overrides: string; versions: string }) | undefined;
  if (row === undefined) return undefined;
  return { ...row, overrides: JSON.parse(row.overrides), versions: JSON.parse(row.versions) };
}

/** A stage as it stood when a run ended. */
export interface StandingStage {
  readonly stage: string;
  /** Hash of the bundle it executed last; null for a program, or when that was not recorded. */
  readonly code: Sha256 | null;
  readonly outs: readonly { readonly name: string; readonly hash: Sha256; readonly kind: string }[];
  /** Paths outside the store that it read; `place` is the candidate in pipeline.yaml. */
  readonly paths: readonly { readonly name: string; readonly hash: Sha256; readonly place: string | null }[];
}

/** What stood for every stage when a run ended: made in that run, or before it. */
export function standingAt(log: RunLog, run: number): StandingStage[] {
  const rows = log
    .prepare(`WITH stage (name) AS (SELECT DISTINCT stage FROM attempt WHERE run <= :run)
      SELECT stage.name AS stage,
        (SELECT coalesce(turn.origin, turn.id) FROM attempt AS turn
          WHERE turn.stage = stage.name AND turn.run <= :run AND turn.status IN ('succeeded', 'fresh', 'cached')
          ORDER BY turn.id DESC LIMIT 1) AS made,
        (SELECT coalesce(turn.code, made.code) FROM attempt AS turn LEFT JOIN attempt AS made ON made.id = turn.origin
          WHERE turn.stage = stage.name AND turn.run <= :run AND coalesce(turn.code, made.code) IS NOT NULL
          ORDER BY turn.id DESC LIMIT 1) AS code
      FROM stage`)
    .all({ run }) as { readonly stage: string; readonly made: number | null; readonly code: Sha256 | null }[];
  const uses = log.prepare(
    'SELECT role, name, hash, kind, place FROM attempt_artifact WHERE attempt = ? ORDER BY name',
  );
  return rows.map(({ stage, made, code }) => {
    const used = (made === null ? [] : uses.all(made)) as {
      readonly role: string;
      readonly name: string;
      readonly hash: Sha256;
      readonly kind: string;
      readonly place: string | null;
    }[];
    return {
      stage,
      code,
      outs: used.filter(({ role }) => role === 'out'),
      paths: used.filter(({ role, kind }) => role === 'in' && kind === 'path'),
    };
  });
}

/** Which rows of each table were there when a run ended. A table that is not listed here is a bug: see `copyHistory`. */
const ROWS: Readonly<Record<string, string>> = {
  run: 'id <= :run',
  pipeline_text: 'hash IN (SELECT pipeline_text FROM source.run WHERE id <= :run)',
  param: 'run <= :run',
  attempt: 'run <= :run',
  metric: 'attempt <= :attempt',
  artifact: `hash IN (SELECT hash FROM source.attempt_artifact WHERE attempt <= :attempt
    UNION SELECT code FROM source.attempt WHERE run <= :run)`,
  attempt_artifact: 'attempt <= :attempt',
  trial: 'attempt <= :attempt',
  fold_result: 'attempt <= :attempt',
  task_memo: 'attempt <= :attempt',
  gate: 'attempt <= :attempt',
  decision: 'attempt <= :attempt',
  note: 'attempt <= :attempt',
  used: 'attempt <= :attempt',
  model_version: 'attempt <= :attempt OR (attempt IS NULL AND created_at <= :at)',
  version_tag: `at <= :at AND EXISTS (SELECT 1 FROM main.model_version AS kept
    WHERE kept.line = version_tag.line AND kept.version = version_tag.version)`,
  deployment: 'attempt <= :attempt OR (attempt IS NULL AND at <= :at)',
  // Aliases move, so they are read from the ledger.
  alias: 'FALSE',
  prediction: `at <= :at AND EXISTS (SELECT 1 FROM main.model_version AS kept
    WHERE kept.line = prediction.line AND kept.version = prediction.version)`,
  past_prediction: `hour * ${HOUR_MS} <= :at AND EXISTS (SELECT 1 FROM main.model_version AS kept
    WHERE kept.line = past_prediction.line AND kept.version = past_prediction.version)`,
  prediction_input: 'prediction IN (SELECT number FROM main.prediction)',
  label: 'at <= :at AND prediction IN (SELECT id FROM main.prediction)',
  unmatched_label: 'at <= :at',
  forgotten: 'at <= :at',
  retrain_decision: 'run <= :run OR (run IS NULL AND at <= :at)',
  // One that was accepted between two runs names the last attempt before it, and belongs to the run behind.
  accepted_feedback: 'CASE WHEN retrain IS NULL THEN attempt <= :attempt ELSE attempt < :attempt END',
  // What a run's own gates said of it belongs to what came behind: the run is laid out with what it learned from.
  feedback_outcome: 'attempt < :attempt',
  drift_reference: `attempt <= :attempt OR (attempt IS NULL AND EXISTS (SELECT 1 FROM main.model_version AS kept
    WHERE kept.line = drift_reference.line AND kept.version = drift_reference.version))`,
  drift_window: 'attempt <= :attempt',
  drift_test: 'window IN (SELECT id FROM main.drift_window)',
  log_name: 'TRUE',
  quarantined_feedback: 'at <= :at',
};

/**
 * Copies the log as it was when a run ended into an empty one. What was done by hand after that, and every later run, stays
 * behind; so what the stages ask of the log has the answers it had then.
 */
export function copyHistory(target: RunLog, { file, run }: { readonly file: string; readonly run: number }): void {
  const { database } = target;
  database.prepare('ATTACH ? AS source').run(file);
  try {
    const tables = database
      .prepare("SELECT name FROM main.sqlite_master WHERE type = 'table'")
      .pluck()
      .all() as string[];
    const own = tables.filter((name) => !name.startsWith('sqlite_'));
    const unknown = own.filter((name) => !(name in ROWS));
    if (unknown.length > 0) throw new Error(`nothing says which rows of ${unknown.join(', ')} belong to a run`);
    target.atomically(() => {
      database.pragma('defer_foreign_keys = ON');
      const until = database
        .prepare(`SELECT id AS run, coalesce(ended_at, started_at) AS at,
          (SELECT coalesce(max(id), 0) FROM source.attempt WHERE run <= :run) AS attempt FROM source.run WHERE id = :run`)
        .get({ run }) as { readonly run: number; readonly at: number; readonly attempt: number };
      for (const [table, rows] of Object.entries(ROWS)) {
        const columns = database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table).join(', ');
        database
          .prepare(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM source.${table} WHERE ${rows}`)
          .run(Object.fromEntries(Object.entries(until).filter(([name]) => rows.includes(`:${name}`))));
      }
      database.exec(`INSERT INTO main.alias (line, alias, version) SELECT line, alias, to_version FROM main.deployment
        WHERE to_version IS NOT NULL
          AND id IN (SELECT max(id) FROM main.deployment WHERE alias IS NOT NULL GROUP BY line, alias)`);
    });
  } finally {
    database.exec('DETACH source');
  }
}

/** Says of every object that is not among these that it was freed. */
export function keepOnly(log: RunLog, hashes: readonly Sha256[], at: number): void {
  log
    .prepare('UPDATE artifact SET freed_at = ? WHERE freed_at IS NULL AND hash NOT IN (SELECT value FROM json_each(?))')
    .run(at, JSON.stringify(hashes));
  log
    .prepare('UPDATE artifact SET freed_at = NULL WHERE hash IN (SELECT value FROM json_each(?))')
    .run(JSON.stringify(hashes));
}
