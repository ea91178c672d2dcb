import type { LineageRow, ModelVersion } from '../domain/model-version.ts';
import type { ImportedFrom, MadeBy, VersionFacts } from '../domain/version-facts.ts';
import type { JsonObject } from '../util/json.ts';
import { standingLineageOf } from './migrations/0012-feedback-outcome.ts';
import type { RunLog } from './open.ts';
import { runNameOf } from './run-name.ts';

interface Row extends Omit<ModelVersion, 'aliases' | 'imported' | 'metrics' | 'tags'> {
  readonly aliases: string;
  readonly imported: string | null;
  readonly metrics: string;
  readonly tags: string;
}

/** Every registered version with its names and tags, sorted by line and number. */
export function readVersions(log: RunLog): ModelVersion[] {
  const rows = log
    .prepare(`SELECT made.line, made.version, ${runNameOf('run')} AS run, made.imported, made.created_at AS createdAt, made.metrics,
      (SELECT json_group_array(alias) FROM (SELECT alias FROM alias
        WHERE alias.line = made.line AND alias.version = made.version ORDER BY alias)) AS aliases,
      (SELECT json_group_object(key, value) FROM version_tag AS tag
        WHERE tag.line = made.line AND tag.version = made.version) AS tags,
      made.hash, made.folder
      FROM model_version AS made LEFT JOIN attempt ON attempt.id = made.attempt LEFT JOIN run ON run.id = attempt.run ORDER BY made.line, made.version`)
    .all() as Row[];
  return rows.map(({ aliases, imported, metrics, tags, ...row }) => ({
    ...row,
    aliases: JSON.parse(aliases) as string[],
    imported: imported === null ? null : (JSON.parse(imported) as ImportedFrom),
    metrics: JSON.parse(metrics) as JsonObject,
    tags: JSON.parse(tags) as Record<string, string>,
  }));
}

/** All a version learned from, what is nearest to it first. */
export const readLineage = (log: RunLog, line: string, version: number): LineageRow[] =>
  log
    .prepare(`SELECT coalesce(${runNameOf('run')}, told.run) AS run, stage, what, name, hash, label
      FROM (${standingLineageOf('SELECT :line AS line, :version AS version')}) AS told LEFT JOIN run ON run.id = told.run
      ORDER BY told.run DESC, label, what = 'code'`)
    .all({ line, version }) as LineageRow[];

/** A version that learned from something. */
export interface Learner {
  readonly line: string;
  readonly version: number;
}

/** The way back: versions that learned from an object whose hash begins so, or from the label of a prediction. */
export const versionsThatLearnedFrom = (log: RunLog, what: string): Learner[] =>
  log
    .prepare(`SELECT DISTINCT line, version FROM v_model_lineage
      WHERE hash GLOB :what || '*' OR (what = 'label' AND name = :what) ORDER BY line, version`)
    .all({ what }) as Learner[];

export interface Making extends Pick<VersionFacts, 'made' | 'at' | 'metrics'> {
  /** Hashes of JSON files that the deciding stage read. */
  readonly judgedBy: readonly string[];
}

/** The run that made a version, and what the stage that deployed it went by. */
export function madeBy(log: RunLog, line: string, version: number): Making {
  const row = log
    .prepare(`SELECT coalesce(run.origin_run, run.id) AS run, run.uid, run.git_commit AS gitCommit, run.git_dirty AS gitDirty, made.attempt,
      made.created_at AS at, made.metrics
      FROM model_version AS made JOIN attempt ON attempt.id = made.attempt JOIN run ON run.id = attempt.run
      WHERE made.line = ? AND made.version = ?`)
    .get(line, version) as
    | (MadeBy & {
        readonly gitDirty: string | null;
        readonly attempt: number;
        readonly at: number;
        readonly metrics: string;
      })
    | undefined;
  if (row === undefined) throw new Error(`no run of ${log.file} made ${line} v${version}`);
  const { run, uid, gitCommit, gitDirty, attempt, at, metrics } = row;
  const judgedBy = log
    .prepare("SELECT hash FROM attempt_artifact WHERE attempt = ? AND role = 'in' AND kind = 'json' ORDER BY name")
    .pluck()
    .all(attempt) as string[];
  const made = { run, uid, gitCommit, isDirty: gitDirty !== null };
  return { made, at, metrics: JSON.parse(metrics) as JsonObject, judgedBy };
}

/** What came with a version that was imported; undefined for one that was made here. */
export function importedFacts(log: RunLog, line: string, version: number): VersionFacts | undefined {
  const row = log.prepare('SELECT imported FROM model_version WHERE line = ? AND version = ?').get(line, version) as
    | { readonly imported: string | null }
    | undefined;
  return row === undefined || row.imported === null ? undefined : (JSON.parse(row.imported) as ImportedFrom).facts;
}
