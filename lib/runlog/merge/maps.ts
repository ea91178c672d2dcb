import type { RunLog } from '../open.ts';

export interface MergeNames {
  /** What the log that comes is called, and this one. */
  readonly theirs: string;
  readonly own: string;
}

/** The id before every id of a log's own: what was made elsewhere is numbered up from here, in the order it came. */
export const BEFORE_ALL = -(2 ** 40);

/** The first id that is free for what was made elsewhere. */
const nextForeign = (table: 'run' | 'attempt' | 'deployment' | 'accepted_feedback'): string =>
  `(SELECT coalesce(max(id), ${BEFORE_ALL}) FROM main.${table} WHERE id < 0)`;

/** The last id of a log's own. */
const lastOwn = (table: 'attempt' | 'deployment' | 'accepted_feedback'): string =>
  `(SELECT coalesce(max(id), 0) FROM main.${table} WHERE id > 0)`;

/** An id for row `row` (from 1) of what comes anew. */
export const newId = (
  table: 'attempt' | 'deployment' | 'accepted_feedback',
  { continues, row }: { readonly continues: boolean; readonly row: string },
): string => `${continues ? lastOwn(table) : nextForeign(table)} + ${row}`;

/**
 * Whether the log that comes is this one at a later time: of the same name, and it knows every run and every entry of the ledger
 * that this one made itself. Then it goes on with the numbers it has.
 */
export function isContinuation(log: RunLog, { theirs, own }: MergeNames): boolean {
  if (theirs !== own) return false;
  const unknown = log.database
    .prepare(`SELECT 1 FROM main.run WHERE id > 0 AND uid NOT IN (SELECT uid FROM source.run WHERE id > 0)
      UNION ALL
      SELECT 1 FROM main.deployment AS ours WHERE id > 0 AND NOT EXISTS (SELECT 1 FROM source.deployment AS theirs
        WHERE theirs.id > 0 AND theirs.at = ours.at AND theirs.kind = ours.kind AND theirs.line = ours.line
          AND theirs.alias IS ours.alias AND theirs.to_version IS ours.to_version)
      LIMIT 1`)
    .get();
  return unknown === undefined;
}

/**
 * Says in temporary tables what every run and attempt of the attached log `source` is called here, and which are new (`fresh`): a
 * run is known by its global id, an attempt by its run, stage and number.
 */
export function mapRuns(log: RunLog, continues: boolean): void {
  const { database } = log;
  database.exec(`
    CREATE TEMP TABLE run_map (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL, fresh INTEGER NOT NULL) STRICT;
    INSERT INTO run_map SELECT theirs.id, ours.id, 0 FROM source.run AS theirs JOIN main.run AS ours USING (uid);
    ${continues ? 'INSERT INTO run_map SELECT id, id, 1 FROM source.run WHERE id > 0 AND id NOT IN (SELECT theirs FROM run_map);' : ''}
    INSERT INTO run_map SELECT id, ${nextForeign('run')} + row_number() OVER (ORDER BY id), 1 FROM source.run
      WHERE id NOT IN (SELECT theirs FROM run_map);

    CREATE TEMP TABLE attempt_map (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL, fresh INTEGER NOT NULL) STRICT;
    INSERT INTO attempt_map
      SELECT theirs.id, ours.id, 0 FROM source.attempt AS theirs JOIN run_map ON run_map.theirs = theirs.run AND NOT run_map.fresh
      JOIN main.attempt AS ours ON ours.run = run_map.ours AND ours.stage = theirs.stage AND ours.number = theirs.number;
    INSERT INTO attempt_map
      SELECT theirs.id, CASE WHEN run_map.ours > 0 THEN ${lastOwn('attempt')} ELSE ${nextForeign('attempt')} END
        + row_number() OVER (PARTITION BY run_map.ours > 0 ORDER BY theirs.id), 1
      FROM source.attempt AS theirs JOIN run_map ON run_map.theirs = theirs.run AND run_map.fresh;`);
}

/**
 * The same for versions: the same bytes in a line are the same version; another one keeps its number where that is free, and else
 * gets the next.
 */
export function mapVersions(log: RunLog): void {
  const { database } = log;
  database.exec(`
    CREATE TEMP TABLE version_map (line TEXT NOT NULL, theirs INTEGER NOT NULL, ours INTEGER NOT NULL,
      fresh INTEGER NOT NULL, PRIMARY KEY (line, theirs)) STRICT, WITHOUT ROWID;
    INSERT INTO version_map SELECT line, theirs.version, (SELECT max(version) FROM main.model_version AS ours
        WHERE ours.line = theirs.line AND ours.hash = theirs.hash), 0
      FROM source.model_version AS theirs
      WHERE EXISTS (SELECT 1 FROM main.model_version AS ours WHERE ours.line = theirs.line AND ours.hash = theirs.hash);`);
  const unknown = database
    .prepare(`SELECT line, version FROM source.model_version AS theirs WHERE NOT EXISTS (SELECT 1 FROM version_map
      WHERE version_map.line = theirs.line AND version_map.theirs = theirs.version) ORDER BY line, version`)
    .all() as { readonly line: string; readonly version: number }[];
  const insert = database.prepare(`INSERT INTO version_map SELECT :line, :version, CASE
      WHEN EXISTS (SELECT 1 FROM main.model_version WHERE line = :line AND version = :version)
        OR EXISTS (SELECT 1 FROM version_map WHERE line = :line AND ours = :version)
      THEN 1 + max(coalesce((SELECT max(version) FROM main.model_version WHERE line = :line), 0),
        coalesce((SELECT max(ours) FROM version_map WHERE line = :line), 0),
        (SELECT max(version) FROM source.model_version WHERE line = :line))
      ELSE :version END, 1`);
  for (const one of unknown) insert.run(one);
}

/** Takes the temporary tables away. */
export const dropMaps = (log: RunLog): void =>
  void log.database.exec(`DROP TABLE IF EXISTS temp.run_map; DROP TABLE IF EXISTS temp.attempt_map;
    DROP TABLE IF EXISTS temp.version_map;`);
