import type { KeepPolicy } from '../domain/pipeline.ts';
import type { Sha256 } from '../util/hash.ts';
import type { RunLog } from './open.ts';

const DAY_MS = 86_400_000;

/** The runs whose outs are kept: all from one on, and some before it. */
export interface KeptRuns {
  readonly from: number;
  /** Runs before it that made a registered version. */
  readonly versions: readonly number[];
}

export const isKept = ({ from, versions }: KeptRuns, run: number): boolean => run >= from || versions.includes(run);

/**
 * The last runs, all of this log's own younger than so many days, and each that made a registered version. Where the clock was set back, what
 * lies between two runs that are kept is kept, too.
 */
export function keptRuns(log: RunLog, { runs, days }: KeepPolicy, now: number): KeptRuns {
  const first = (sql: string, ...values: number[]): number =>
    (log.prepare(sql).get(...values) as { readonly id: number | null } | undefined)?.id ?? Number.MAX_SAFE_INTEGER;
  const lastOnes = first('SELECT min(id) AS id FROM (SELECT id FROM run ORDER BY id DESC LIMIT ?)', runs);
  const young = first('SELECT id FROM run WHERE started_at >= ? AND id > 0 ORDER BY id LIMIT 1', now - days * DAY_MS);
  const from = Math.min(lastOnes, young);
  const versions = log
    .prepare(`SELECT DISTINCT attempt.run FROM model_version JOIN attempt ON attempt.id = model_version.attempt
      WHERE attempt.run < ? ORDER BY attempt.run`)
    .all(from) as { readonly run: number }[];
  return { from, versions: versions.map(({ run }) => run) };
}

/**
 * Attempts whose outs a kept run rests on: for every stage what stood for it when the run ended, whether or not that run
 * looked at the stage. Numbers of attempts grow with those of runs, because one run is at work at a time.
 */
const STANDING = `WITH RECURSIVE
  point (run) AS (
    SELECT min(run) FROM attempt WHERE run >= :from
    UNION SELECT value FROM json_each(:versions)
    UNION SELECT max(run) FROM attempt),
  stage (name) AS (
    SELECT min(stage) FROM attempt
    UNION SELECT (SELECT min(stage) FROM attempt WHERE stage > name) FROM stage WHERE name IS NOT NULL),
  standing (attempt) AS (
    SELECT (SELECT coalesce(turn.origin, turn.id) FROM attempt AS turn
      WHERE turn.stage = stage.name AND turn.status IN ('succeeded', 'fresh', 'cached')
        AND turn.id <= (SELECT max(id) FROM attempt WHERE run = point.run)
      ORDER BY turn.id DESC LIMIT 1)
    FROM point CROSS JOIN stage)`;

const NEEDED = `${STANDING},
  needed (attempt) AS (
    SELECT attempt FROM standing WHERE attempt IS NOT NULL
    UNION SELECT coalesce(origin, id) FROM attempt
      WHERE run >= :from AND status IN ('succeeded', 'fresh', 'cached')),
  object (hash) AS (
    SELECT hash FROM attempt_artifact WHERE role = 'out' AND attempt IN (SELECT attempt FROM needed)
    UNION SELECT hash FROM model_version
    UNION SELECT code FROM attempt WHERE code IS NOT NULL
      AND (run >= :from OR run IN (SELECT run FROM point) OR id IN (SELECT attempt FROM needed)))`;

const bound = ({ from, versions }: KeptRuns) => ({ from, versions: JSON.stringify(versions) });

/** Hash of every object that a kept run, a registered version or a stage as it stands needs: outs and code. */
export function neededObjects(log: RunLog, kept: KeptRuns): ReadonlySet<string> {
  const rows = log.prepare(`${NEEDED} SELECT hash FROM object`).all(bound(kept)) as { readonly hash: string }[];
  return new Set(rows.map(({ hash }) => hash));
}

/** Logs of kept runs, and of the attempts they rest on; relative to the state folder. */
export function neededLogs(log: RunLog, kept: KeptRuns): ReadonlySet<string> {
  const rows = log
    .prepare(`${NEEDED} SELECT log FROM attempt WHERE log IS NOT NULL
      AND (run >= :from OR run IN (SELECT run FROM point) OR id IN (SELECT attempt FROM needed))`)
    .all(bound(kept)) as { readonly log: string }[];
  return new Set(rows.map(({ log: file }) => file));
}

/** An attempt that a kept run rests on, found from the attempt: `:first` is the first one of the runs that are kept. */
const isNeeded = (attempt: string): string => `(${attempt} IN (SELECT attempt FROM standing)
  OR EXISTS (SELECT 1 FROM attempt AS turn WHERE turn.origin = ${attempt} AND turn.id >= :first
    AND turn.status IN ('fresh', 'cached')))`;

/**
 * Bytes on record that nothing needs. Every run's summary asks, so this begins at the objects and not at the attempts, of
 * which there are many more; and there is nothing to ask where every run is kept.
 */
export function freeableBytes(log: RunLog, kept: KeptRuns): number {
  if (log.prepare('SELECT 1 FROM run WHERE id < ? LIMIT 1').get(kept.from) === undefined) return 0;
  const row = log
    .prepare(`${STANDING}
      SELECT coalesce(sum(size_bytes), 0) AS bytes FROM artifact WHERE freed_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM attempt_artifact AS use WHERE use.hash = artifact.hash AND use.role = 'out'
          AND (use.attempt >= :first OR ${isNeeded('use.attempt')}))
        AND NOT EXISTS (SELECT 1 FROM attempt AS user WHERE user.code = artifact.hash
          AND (user.id >= :first OR user.run IN (SELECT run FROM point) OR ${isNeeded('user.id')}))
        AND hash NOT IN (SELECT hash FROM model_version)`)
    .get({ ...bound(kept), first: firstAttempt(log, kept) }) as { readonly bytes: number };
  return row.bytes;
}

/** Number of the first attempt of the runs that are kept as a whole. */
function firstAttempt(log: RunLog, { from }: KeptRuns): number {
  const row = log
    .prepare('SELECT min(id) AS id FROM attempt WHERE run = (SELECT min(run) FROM attempt WHERE run >= ?)')
    .get(from) as { readonly id: number | null };
  return row.id ?? Number.MAX_SAFE_INTEGER;
}

/** What is on record of an object. */
export interface KnownObject {
  readonly kind: string;
  readonly sizeBytes: number;
}

/** Every object that was ever put on record, by hash. */
export function knownObjects(log: RunLog): ReadonlyMap<string, KnownObject> {
  const rows = log.prepare('SELECT hash, kind, size_bytes AS sizeBytes FROM artifact').all();
  return new Map((rows as (KnownObject & { readonly hash: string })[]).map(({ hash, ...known }) => [hash, known]));
}

/** Whether anything is on record that should be in the store. */
export const anyObject = (log: RunLog): boolean =>
  log.prepare('SELECT 1 FROM artifact WHERE freed_at IS NULL LIMIT 1').get() !== undefined;

/** Says of some objects that they are gone, and of others, which are there, that they are not. */
export function markFreed(
  log: RunLog,
  { freed, there, at }: { readonly freed: readonly Sha256[]; readonly there: readonly Sha256[]; readonly at: number },
): void {
  log.atomically(() => {
    const free = log.prepare('UPDATE artifact SET freed_at = ? WHERE hash = ? AND freed_at IS NULL');
    for (const hash of freed) free.run(at, hash);
    const bring = log.prepare('UPDATE artifact SET freed_at = NULL WHERE hash = ? AND freed_at IS NOT NULL');
    for (const hash of there) bring.run(hash);
  });
}
