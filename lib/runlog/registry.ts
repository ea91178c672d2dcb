import type { ImportedFrom } from '../domain/version-facts.ts';
import type { Sha256 } from '../util/hash.ts';
import { canonicalJson, type JsonObject } from '../util/json.ts';
import type { RunLog } from './open.ts';

/** A registered version; it never changes. */
export interface VersionRow {
  readonly line: string;
  readonly version: number;
  readonly hash: string;
  /** Relative to the state folder. */
  readonly folder: string;
}

const COLUMNS = 'model_version.line, model_version.version, model_version.hash, model_version.folder';

export function aliasedVersion(log: RunLog, line: string, alias: string): VersionRow | undefined {
  return log
    .prepare(
      `SELECT ${COLUMNS} FROM alias JOIN model_version USING (line, version) WHERE alias.line = ? AND alias.alias = ?`,
    )
    .get(line, alias) as VersionRow | undefined;
}

/** Every line's version behind an alias, sorted by line. */
export function aliasedVersions(log: RunLog, alias: string): VersionRow[] {
  return log
    .prepare(
      `SELECT ${COLUMNS} FROM alias JOIN model_version USING (line, version) WHERE alias.alias = ? ORDER BY line`,
    )
    .all(alias) as VersionRow[];
}

/** Every alias and the version it points at, sorted. */
export function allAliases(log: RunLog): { readonly line: string; readonly alias: string; readonly version: number }[] {
  return log.prepare('SELECT line, alias, version FROM alias ORDER BY line, alias').all() as ReturnType<
    typeof allAliases
  >;
}

export function registeredVersion(log: RunLog, line: string, version: number): VersionRow | undefined {
  return log.prepare(`SELECT ${COLUMNS} FROM model_version WHERE line = ? AND version = ?`).get(line, version) as
    | VersionRow
    | undefined;
}

/** What a version's folder is made of and says of itself. */
export interface VersionOrigin {
  readonly hash: Sha256;
  readonly metrics: JsonObject;
  /** The run of this log that made it; null for one that came from elsewhere. */
  readonly run: number | null;
}

export function versionOrigin(log: RunLog, line: string, version: number): VersionOrigin | undefined {
  const row = log
    .prepare(`SELECT model_version.hash, model_version.metrics, attempt.run
      FROM model_version LEFT JOIN attempt ON attempt.id = model_version.attempt AND attempt.run > 0 WHERE line = ? AND version = ?`)
    .get(line, version) as { readonly hash: Sha256; readonly metrics: string; readonly run: number | null } | undefined;
  return row === undefined ? undefined : { ...row, metrics: JSON.parse(row.metrics) as JsonObject };
}

/** The run that made a version, wherever that was; null where the version came by itself. */
export const makingRun = (log: RunLog, line: string, version: number): number | null =>
  log
    .prepare(`SELECT attempt.run FROM model_version LEFT JOIN attempt ON attempt.id = model_version.attempt
      WHERE line = ? AND version = ?`)
    .pluck()
    .get(line, version) as number | null;

/** The version of a line that holds these bytes. */
export function versionWithHash(log: RunLog, line: string, hash: string): VersionRow | undefined {
  return log
    .prepare(`SELECT ${COLUMNS} FROM model_version WHERE line = ? AND hash = ? ORDER BY version DESC LIMIT 1`)
    .get(line, hash) as VersionRow | undefined;
}

/** The version that holds these bytes: of the line that is named where it has them, else of any. */
export function versionOfModel(
  log: RunLog,
  hash: string,
  line: string,
): { readonly line: string; readonly version: number } | undefined {
  return log
    .prepare('SELECT line, version FROM model_version WHERE hash = ? ORDER BY line = ? DESC, version DESC LIMIT 1')
    .get(hash, line) as { readonly line: string; readonly version: number } | undefined;
}

export function nextVersion(log: RunLog, line: string): number {
  const row = log.prepare('SELECT max(version) AS last FROM model_version WHERE line = ?').get(line) as {
    last: number | null;
  };
  return (row.last ?? 0) + 1;
}

/** Where a version came from: the attempt that made it here, or what the folder it was imported from said of that. */
export type Provenance = { readonly attempt: number } | { readonly imported: ImportedFrom };

export interface NewVersion extends VersionRow {
  readonly metrics: JsonObject;
  readonly from: Provenance;
  readonly at: number;
}

export function insertVersion(log: RunLog, { line, version, hash, folder, metrics, from, at }: NewVersion): void {
  const attempt = 'attempt' in from ? from.attempt : null;
  const imported = 'imported' in from ? JSON.stringify(from.imported) : null;
  log
    .prepare(`INSERT INTO model_version (line, version, hash, folder, metrics, attempt, imported, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(line, version, hash, folder, canonicalJson(metrics), attempt, imported, at);
}

/** Hashes of the datasets that the attempt which made a version's model read; none where the log does not say. */
export function trainingDatasets(log: RunLog, line: string, version: number): Sha256[] {
  // An older log does not say who made a dep: the last attempt before that made these bytes.
  const rows = log
    .prepare(`SELECT data.hash FROM model_version AS model
      JOIN attempt_artifact AS dep ON dep.attempt = model.attempt AND dep.role = 'in' AND dep.hash = model.hash
      JOIN attempt_artifact AS data ON data.role = 'in' AND data.kind = 'dataset' AND data.attempt = coalesce(dep.maker,
        (SELECT max(made.attempt) FROM attempt_artifact AS made
          WHERE made.hash = dep.hash AND made.role = 'out' AND made.attempt < dep.attempt))
      WHERE model.line = ? AND model.version = ? ORDER BY data.name`)
    .all(line, version) as { readonly hash: Sha256 }[];
  return rows.map(({ hash }) => hash);
}

/** Every registered version, sorted by line and number. */
export function allVersions(log: RunLog): VersionRow[] {
  return log.prepare(`SELECT ${COLUMNS} FROM model_version ORDER BY line, version`).all() as VersionRow[];
}
