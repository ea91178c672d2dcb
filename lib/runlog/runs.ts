import { randomUUID } from 'node:crypto';
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
  readonly startedAt: number;
}

export function startRun(log: RunLog, run: NewRun): number {
  return log.atomically(() => {
    const { lastInsertRowid } = log
      .prepare(`INSERT INTO run (uid, parent, round, trigger, verb, pipeline, profile, overrides, seed, git_commit,
        git_dirty, host, pid, versions, status, started_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?)`)
      .run(
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
      );
    const id = Number(lastInsertRowid);
    const insert = log.prepare('INSERT INTO param (run, stage, name, value) VALUES (?, ?, ?, ?)');
    for (const [stage, params] of Object.entries(run.params)) {
      for (const [name, value] of leaves(params)) insert.run(id, stage, name, canonicalJson(value));
    }
    return id;
  });
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

/** Marks what a dead runner left behind; whoever calls holds the run lock, so nothing here is alive. */
export function interruptLeftovers(log: RunLog, at: number): void {
  log.atomically(() => {
    log.prepare("UPDATE attempt SET status = 'interrupted', ended_at = ? WHERE status = 'running'").run(at);
    log
      .prepare("UPDATE run SET status = 'interrupted', exit_code = 130, ended_at = ? WHERE status = 'running'")
      .run(at);
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

/** Numbers of the last runs, newest first. */
export function lastRuns(log: RunLog, limit: number): number[] {
  const rows = log.prepare('SELECT id FROM run ORDER BY id DESC LIMIT ?').all(limit) as { readonly id: number }[];
  return rows.map(({ id }) => id);
}

/** Bytes of everything ever made, each content counted once. */
export const artifactBytes = (log: RunLog): number =>
  (log.prepare('SELECT coalesce(sum(size_bytes), 0) AS bytes FROM artifact').get() as { readonly bytes: number }).bytes;

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

/** Names of all stages that were ever looked at. */
export function knownStages(log: RunLog): string[] {
  const rows = log.prepare('SELECT DISTINCT stage FROM attempt ORDER BY stage').all() as { readonly stage: string }[];
  return rows.map(({ stage }) => stage);
}
