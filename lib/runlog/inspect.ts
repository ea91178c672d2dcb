import type { RunLog } from './open.ts';

/** Lines of SQLite's own reports that are read. */
const SHOWN = 3;

/** What SQLite finds wrong with the file, and rows that speak of rows that are not there; nothing when all is well. */
export function integrityFaults(log: RunLog): string[] {
  try {
    return faultsOf(log);
  } catch (error) {
    // Of a file that is damaged where SQLite begins to look it does not even make a report.
    if (!/^SQLITE_(CORRUPT|NOTADB)/.test(String((error as { readonly code?: unknown }).code))) throw error;
    return [error instanceof Error ? error.message : String(error)];
  }
}

function faultsOf({ database }: RunLog): string[] {
  const told = database.pragma(`integrity_check(${SHOWN})`) as { readonly integrity_check: string }[];
  const faults = told.map(({ integrity_check: line }) => line).filter((line) => line !== 'ok');
  const dangling = database.pragma('foreign_key_check') as { readonly table: string; readonly parent: string }[];
  const pairs = new Set(
    dangling.map(({ table, parent }) => `rows of ${table} speak of rows of ${parent} that are not there`),
  );
  return [...faults, ...pairs];
}

export interface LogSize {
  readonly bytes: number;
  /** Bytes of it that hold nothing any more, and take in what comes. */
  readonly freeBytes: number;
}

export function logSize({ database }: RunLog): LogSize {
  const of = (name: string): number => database.pragma(name, { simple: true }) as number;
  const page = of('page_size');
  return { bytes: of('page_count') * page, freeBytes: of('freelist_count') * page };
}

/** Places below the state folder that rows name, or that are made of names in them. */
export const namedPlaces = (log: RunLog): string[] =>
  log
    .prepare(`SELECT folder FROM model_version UNION SELECT 'artifacts/models/' || line || '/v1' FROM model_version
      UNION SELECT 'artifacts/models/' || line || '/' || alias FROM alias UNION SELECT log FROM attempt WHERE log IS NOT NULL`)
    .pluck()
    .all() as string[];

/** An object the store should hold. */
export interface ExpectedObject {
  readonly hash: string;
  readonly sizeBytes: number;
  /** What it is to people: 'train.model', 'the code of train'. */
  readonly name: string;
}

/** Every object on record that was not freed, with the last that it was made as. */
export function expectedObjects(log: RunLog): ExpectedObject[] {
  const rows = log
    .prepare(`SELECT artifact.hash, artifact.size_bytes AS sizeBytes,
      coalesce(
        (SELECT attempt.stage || '.' || use.name FROM attempt_artifact AS use JOIN attempt ON attempt.id = use.attempt
          WHERE use.hash = artifact.hash AND use.role = 'out' ORDER BY attempt.id DESC LIMIT 1),
        (SELECT 'the code of ' || stage FROM attempt WHERE code = artifact.hash ORDER BY id DESC LIMIT 1),
        'an object') AS name
      FROM artifact WHERE freed_at IS NULL ORDER BY artifact.hash`)
    .all();
  return rows as ExpectedObject[];
}

/** A run that says it is at work. */
export interface RunningRun {
  readonly run: number;
  readonly pid: number;
  readonly host: string;
}

export const runningRuns = (log: RunLog): RunningRun[] =>
  log.prepare("SELECT id AS run, pid, host FROM run WHERE status = 'running' ORDER BY id").all() as RunningRun[];
