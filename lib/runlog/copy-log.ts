import type { Sha256 } from '../util/hash.ts';
import { openToInspect, type RunLog } from './open.ts';
import { keepOnly } from './restore.ts';

/** What the rows of a log count, by table; whoever takes a copy over counts again. */
export const COUNTED = ['run', 'attempt', 'model_version', 'deployment', 'prediction', 'label'] as const;

export interface LogFacts {
  readonly schema: number;
  /** Null in a log without runs of its own. */
  readonly lastRun: { readonly run: number; readonly uid: string } | null;
  /** The pipeline of that run; null where nobody knows. */
  readonly pipeline: string | null;
  readonly rows: Readonly<Record<string, number>>;
}

/** The run counter of a log, and how many rows it has. */
export function logFacts(log: RunLog): LogFacts {
  const rows: Record<string, number> = {};
  for (const table of COUNTED) rows[table] = log.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  const last = log.prepare('SELECT id AS run, uid, pipeline FROM run WHERE id > 0 ORDER BY id DESC LIMIT 1').get() as
    | { readonly run: number; readonly uid: string; readonly pipeline: string }
    | undefined;
  return {
    schema: log.database.pragma('user_version', { simple: true }) as number,
    lastRun: last === undefined ? null : { run: last.run, uid: last.uid },
    pipeline: last?.pipeline ?? null,
    rows,
  };
}

/**
 * Copies the log into one file as it is now: what only the write-ahead log holds is in it, what was deleted is not. Objects that
 * do not come along are said to be freed there. Gives what the copy counts.
 */
export function copyLog(
  log: RunLog,
  { file, objects, at }: { readonly file: string; readonly objects: readonly Sha256[]; readonly at: number },
): LogFacts {
  log.prepare('VACUUM INTO ?').run(file);
  const opened = openToInspect(file);
  if (!opened.ok) throw new Error(`the copy ${file} cannot be opened`);
  const copy = opened.value.log;
  try {
    copy.database.pragma('query_only = OFF');
    keepOnly(copy, objects, at);
    return logFacts(copy);
  } finally {
    copy.close();
  }
}
