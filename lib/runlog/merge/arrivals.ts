import type { RunLog } from '../open.ts';

/** A version that came from another log. */
export interface ArrivedVersion {
  readonly line: string;
  /** Its number there, and here. */
  readonly from: number;
  readonly to: number;
}

export interface Arrivals {
  /** Runs that this log did not know, as they are called here. */
  readonly runs: readonly string[];
  readonly versions: readonly ArrivedVersion[];
}

/** What the maps call new. */
export function arrivals(log: RunLog, theirs: string): Arrivals {
  const runs = log.database
    .prepare(`SELECT CASE WHEN ours > 0 THEN ours ELSE coalesce(origin, ?) || ':' || coalesce(origin_run, id) END
      FROM run_map JOIN source.run ON run.id = theirs WHERE fresh ORDER BY ours`)
    .pluck()
    .all(theirs) as (string | number)[];
  const versions = log.database
    .prepare('SELECT line, theirs AS "from", ours AS "to" FROM version_map WHERE fresh ORDER BY line, ours')
    .all() as ArrivedVersion[];
  return { runs: runs.map(String), versions };
}

/** Versions of the log that comes and that this one knew before, by their numbers here. */
export const knownBefore = (log: RunLog): { readonly line: string; readonly version: number }[] =>
  log.database.prepare('SELECT line, ours AS version FROM version_map WHERE NOT fresh').all() as ReturnType<
    typeof knownBefore
  >;
