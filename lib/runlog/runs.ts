import { randomUUID } from 'node:crypto';
import { sha256 } from '../util/hash.ts';
import { canonicalJson, type Json, type JsonObject } from '../util/json.ts';
import type { RunLog } from './open.ts';

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'interrupted' | 'refused';

export type Trigger = 'manual' | 'ci' | 'iterate';

/** What is known of a run when it starts. */
export interface NewRun {
  readonly parent: number | undefined;
  readonly round: number;
  readonly trigger: Trigger;
  readonly verb: string;
  readonly pipeline: string;
  readonly profile: string | undefined;
  readonly overrides: JsonObject;
  readonly seed: number;
  readonly git: { readonly commit: string; readonly dirty: string | undefined } | undefined;
  readonly host: string;
  readonly pid: number;
  readonly versions: JsonObject;
  readonly params: Readonly<Record<string, JsonObject>>;
  /** pipeline.yaml as it was, without profile and overrides. */
  readonly pipelineText: string;
  readonly startedAt: number;
}

/** The number the next run gets; whoever asks holds the run lock, so nobody takes it in between. */
export const nextRun = (log: RunLog): number =>
  (log.prepare('SELECT coalesce(max(id), 0) + 1 AS next FROM run WHERE id > 0').get() as { readonly next: number })
    .next;

/** Puts a run that has begun on record under its number. The caller holds the transaction. */
export function insertRun(log: RunLog, id: number, run: NewRun): void {
  const textHash = sha256(run.pipelineText);
  log
    .prepare('INSERT INTO pipeline_text (hash, text) VALUES (?, ?) ON CONFLICT DO NOTHING')
    .run(textHash, run.pipelineText);
  log
    .prepare(`INSERT INTO run (id, uid, parent, round, trigger, verb, pipeline, profile, overrides, seed, git_commit,
      git_dirty, host, pid, versions, status, started_at, pipeline_text)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)`)
    .run(
      id,
      randomUUID(),
      run.parent ?? null,
      run.round,
      run.trigger,
      run.verb,
      run.pipeline,
      run.profile ?? null,
      canonicalJson(run.overrides),
      run.seed,
      run.git?.commit ?? null,
      run.git?.dirty ?? null,
      run.host,
      run.pid,
      canonicalJson(run.versions),
      run.startedAt,
      textHash,
    );
  const insert = log.prepare('INSERT INTO param (run, stage, name, value) VALUES (?, ?, ?, ?)');
  for (const [stage, params] of Object.entries(run.params)) {
    for (const [name, value] of leaves(params)) insert.run(id, stage, name, canonicalJson(value));
  }
}

export interface RunEnd {
  readonly status: RunStatus;
  readonly exitCode: number;
  readonly endedAt: number;
}

export function endRun(log: RunLog, run: number, end: RunEnd): void {
  log
    .prepare('UPDATE run SET status = ?, exit_code = ?, ended_at = ? WHERE id = ?')
    .run(end.status, end.exitCode, end.endedAt, run);
}

/** A process of a runner that died without ending it. */
export interface LeftProcess {
  readonly pid: number | null;
  readonly started: string | null;
  readonly mark: string | null;
}

/** What a dead runner left running; whoever asks holds the run lock. */
export const leftProcesses = (log: RunLog): LeftProcess[] =>
  log
    .prepare(`SELECT pid, process_started AS started, process_mark AS mark FROM attempt WHERE status = 'running'`)
    .all() as LeftProcess[];

/** Marks what a dead runner left behind, and says whether one did; whoever calls holds the run lock and has ended its processes. */
export function interruptLeftovers(log: RunLog, at: number): boolean {
  const isClean = log.prepare("SELECT 1 FROM run WHERE status = 'running' LIMIT 1").get() === undefined;
  if (isClean && leftProcesses(log).length === 0) return false;
  log.atomically(() => {
    log.prepare("UPDATE attempt SET status = 'interrupted', ended_at = ? WHERE status = 'running'").run(at);
    log
      .prepare("UPDATE run SET status = 'interrupted', exit_code = 130, ended_at = ? WHERE status = 'running'")
      .run(at);
  });
  return true;
}

/** Marks what is running as cancelled by a person. */
export function cancelLeftovers(log: RunLog, at: number): void {
  log.atomically(() => {
    log.prepare("UPDATE attempt SET status = 'cancelled', ended_at = ? WHERE status = 'running'").run(at);
    log.prepare("UPDATE run SET status = 'cancelled', exit_code = 130, ended_at = ? WHERE status = 'running'").run(at);
  });
}

/** Every scalar or list in a tree of params, by its dotted path. */
export function leaves(params: JsonObject, prefix = ''): [string, Json][] {
  return Object.entries(params).flatMap(([name, value]): [string, Json][] => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const isTree =
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    return isTree ? leaves(value as JsonObject, path) : [[path, value]];
  });
}

/** Ids of the last runs to begin, newest first, wherever they were made. */
export const newestRuns = (log: RunLog, limit: number): number[] =>
  log.prepare('SELECT id FROM run ORDER BY started_at DESC, id DESC LIMIT ?').pluck().all(limit) as number[];

/** Numbers of this log's own last runs, newest first. */
export function lastRuns(log: RunLog, limit: number): number[] {
  const rows = log.prepare('SELECT id FROM run WHERE id > 0 ORDER BY id DESC LIMIT ?').all(limit) as {
    readonly id: number;
  }[];
  return rows.map(({ id }) => id);
}

/** Bytes of everything that was made and not freed, each content counted once. */
export const artifactBytes = (log: RunLog): number =>
  (
    log.prepare('SELECT coalesce(sum(size_bytes), 0) AS bytes FROM artifact WHERE freed_at IS NULL').get() as {
      readonly bytes: number;
    }
  ).bytes;

/** Bytes of what a run made and nobody had made before, or what had been freed. */
export const addedBytes = (log: RunLog, run: number): number =>
  (
    log
      .prepare(`SELECT coalesce(sum(size_bytes), 0) AS bytes FROM artifact
        WHERE created_at >= (SELECT started_at FROM run WHERE id = :run) AND hash IN (
          SELECT use.hash FROM attempt JOIN attempt_artifact AS use ON use.attempt = attempt.id AND use.role = 'out'
            WHERE attempt.run = :run
          UNION ALL SELECT code FROM attempt WHERE run = :run AND code IS NOT NULL)`)
      .get({ run }) as { readonly bytes: number }
  ).bytes;

export interface LogFile {
  readonly run: number;
  readonly status: string;
  /** Relative to the state folder. */
  readonly log: string;
}

/** The log of a stage's last execution, or of the one in a given run. */
export function lastLog(log: RunLog, stage: string, run: number | undefined): LogFile | undefined {
  return log
    .prepare(`SELECT run, status, log FROM attempt WHERE stage = ? AND log IS NOT NULL AND (? IS NULL OR run = ?)
      ORDER BY id DESC LIMIT 1`)
    .get(stage, run ?? null, run ?? null) as LogFile | undefined;
}

export const uidOf = (log: RunLog, run: number): string =>
  log.prepare('SELECT uid FROM run WHERE id = ?').pluck().get(run) as string;

/** A run that came with the state of another log: what that one is called, and the run's number there. */
export interface ForeignRun {
  readonly origin: string;
  readonly number: number;
}

/** Where a run was made; undefined for one of this log's own. */
export const foreignRun = (log: RunLog, run: number): ForeignRun | undefined =>
  log.prepare('SELECT origin, origin_run AS number FROM run WHERE id = ? AND origin IS NOT NULL').get(run) as
    | ForeignRun
    | undefined;

/** The last execution of a stage that was made elsewhere, in a given run or in any. */
export const foreignExecution = (log: RunLog, stage: string, run: number | undefined): ForeignRun | undefined =>
  log
    .prepare(`SELECT run.origin, run.origin_run AS number FROM attempt JOIN run ON run.id = attempt.run
      WHERE attempt.stage = :stage AND run.origin IS NOT NULL AND (:run IS NULL OR run.id = :run)
        AND attempt.status NOT IN ('fresh', 'cached', 'skipped', 'blocked') ORDER BY attempt.id DESC LIMIT 1`)
    .get({ stage, run: run ?? null }) as ForeignRun | undefined;

/** Names of all stages that were ever looked at. */
export function knownStages(log: RunLog): string[] {
  const rows = log.prepare('SELECT DISTINCT stage FROM attempt ORDER BY stage').all() as { readonly stage: string }[];
  return rows.map(({ stage }) => stage);
}

/** Which run executed an attempt, and on what kind of processor; undefined where that was not recorded. */
export function processorOf(
  log: RunLog,
  attempt: number,
): { readonly madeIn: number; readonly processor: string | undefined } {
  const row = log
    .prepare(`SELECT run.id AS madeIn, json_extract(run.versions, '$.processor') AS processor
      FROM attempt JOIN run ON run.id = attempt.run WHERE attempt.id = ?`)
    .get(attempt) as { readonly madeIn: number; readonly processor: string | null };
  return { madeIn: row.madeIn, processor: row.processor ?? undefined };
}
