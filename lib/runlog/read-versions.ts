import type { LineageRow, ModelVersion } from '../domain/model-version.ts';
import type { JsonObject } from '../util/json.ts';
import { lineageOf } from './migrations/0005-registry.ts';
import type { RunLog } from './open.ts';

interface Row extends Omit<ModelVersion, 'aliases' | 'imported' | 'metrics' | 'tags'> {
  readonly aliases: string;
  readonly imported: string | null;
  readonly metrics: string;
  readonly tags: string;
}

/** Every registered version with its names and tags, sorted by line and number. */
export function readVersions(log: RunLog): ModelVersion[] {
  const rows = log
    .prepare(`SELECT made.line, made.version, attempt.run, made.imported, made.created_at AS createdAt, made.metrics,
      (SELECT json_group_array(alias) FROM (SELECT alias FROM alias
        WHERE alias.line = made.line AND alias.version = made.version ORDER BY alias)) AS aliases,
      (SELECT json_group_object(key, value) FROM version_tag AS tag
        WHERE tag.line = made.line AND tag.version = made.version) AS tags,
      made.hash, made.folder
      FROM model_version AS made LEFT JOIN attempt ON attempt.id = made.attempt ORDER BY made.line, made.version`)
    .all() as Row[];
  return rows.map(({ aliases, imported, metrics, tags, ...row }) => ({
    ...row,
    aliases: JSON.parse(aliases) as string[],
    imported: imported === null ? null : (JSON.parse(imported) as JsonObject),
    metrics: JSON.parse(metrics) as JsonObject,
    tags: JSON.parse(tags) as Record<string, string>,
  }));
}

/** All a version learned from, what is nearest to it first. */
export const readLineage = (log: RunLog, line: string, version: number): LineageRow[] =>
  log
    .prepare(`SELECT run, stage, what, name, hash, label FROM (${lineageOf('SELECT :line AS line, :version AS version')})
      ORDER BY run DESC, label, what = 'code'`)
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
