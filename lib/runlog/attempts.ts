import type { Failure } from '../domain/failure.ts';
import type { OutKind } from '../domain/pipeline.ts';
import type { Sha256 } from '../util/hash.ts';
import { canonicalJson, type JsonObject } from '../util/json.ts';
import type { RunLog } from './open.ts';

export type AttemptStatus =
  | 'running'
  | 'succeeded'
  | 'fresh'
  | 'cached'
  | 'skipped'
  | 'failed'
  | 'timed_out'
  | 'cancelled'
  | 'interrupted'
  | 'blocked'
  | 'refused';

/** Something an attempt read or made. */
export interface ArtifactUse {
  readonly role: 'in' | 'out';
  readonly name: string;
  readonly hash: Sha256;
  readonly kind: OutKind | 'path';
  readonly sizeBytes: number;
  readonly files: number;
  /** Where a path dep lay, as pipeline.yaml names it. */
  readonly place?: string;
  /** The attempt that had made a dep. */
  readonly maker?: number | undefined;
}

/** An attempt that made outs which are still what its stage stands for. */
export interface PastAttempt {
  readonly id: number;
  readonly run: number;
  /** Null when what it made is not to be taken for what the stage stands for. */
  readonly key: string | null;
  keyParts(): JsonObject;
  /** Content hash of every out, by name. */
  readonly outs: Readonly<Record<string, Sha256>>;
}

export interface NewAttempt {
  readonly run: number;
  readonly stage: string;
  readonly number: number;
  readonly key: string | undefined;
  readonly keyParts: JsonObject | undefined;
  readonly why: string;
  readonly startedAt: number;
  readonly log: string | undefined;
  /** Hash of the bundle that executes; undefined for a program. */
  readonly code: Sha256 | undefined;
  /** What every process of the attempt carries in its environment. */
  readonly mark: string;
}

/** A stage's turn that led to no execution. */
export interface Unexecuted {
  readonly run: number;
  readonly stage: string;
  readonly status: AttemptStatus;
  readonly key: string | undefined;
  readonly why: string;
  readonly at: number;
  /** The attempt whose outs are taken; undefined when there are none. */
  readonly origin: number | undefined;
  readonly failure: Failure | undefined;
}

export function startAttempt(log: RunLog, attempt: NewAttempt): number {
  const { run, stage, number, key, keyParts, why, startedAt, code, mark } = attempt;
  const parts = keyParts === undefined ? null : canonicalJson(keyParts);
  const inserted = log
    .prepare(`INSERT INTO attempt (run, stage, number, status, key, key_parts, why, started_at, log, code, process_mark)
      VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)`)
    .run(run, stage, number, key ?? null, parts, why, startedAt, attempt.log ?? null, code ?? null, mark);
  return Number(inserted.lastInsertRowid);
}

/** An attempt that did not execute: fresh or cached by an earlier one, skipped, or blocked by what failed before it. */
export function recordUnexecuted(log: RunLog, turn: Unexecuted): void {
  const { run, stage, status, key, why, at, origin, failure } = turn;
  log
    .prepare(`INSERT INTO attempt (run, stage, number, status, key, why, origin, started_at, ended_at, duration_ms, failure)
      VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, 0, ?)`)
    .run(
      run,
      stage,
      status,
      key ?? null,
      why,
      origin ?? null,
      at,
      at,
      failure === undefined ? null : JSON.stringify(failure),
    );
}

export interface AttemptEnd {
  readonly status: AttemptStatus;
  readonly endedAt: number;
  readonly durationMs: number;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly failure: Failure | undefined;
  readonly cpuMs: number | undefined;
  readonly peakMemoryBytes: number | undefined;
}

export function endAttempt(log: RunLog, id: number, end: AttemptEnd): void {
  log
    .prepare(`UPDATE attempt SET status = ?, ended_at = ?, duration_ms = ?, exit_code = ?, signal = ?, failure = ?,
      cpu_ms = ?, peak_memory_bytes = ? WHERE id = ?`)
    .run(
      end.status,
      end.endedAt,
      end.durationMs,
      end.exitCode ?? null,
      end.signal ?? null,
      end.failure === undefined ? null : JSON.stringify(end.failure),
      end.cpuMs ?? null,
      end.peakMemoryBytes ?? null,
      id,
    );
}

/** `started` tells this process from a later one of the same number. */
export function setProcess(
  log: RunLog,
  id: number,
  process: { readonly pid: number; readonly started: string | undefined },
): void {
  log
    .prepare('UPDATE attempt SET pid = ?, process_started = ? WHERE id = ?')
    .run(process.pid, process.started ?? null, id);
}

/** The key under which the attempt counts as fresh from now on: what it did may have changed what it reads. */
export function setKey(log: RunLog, id: number, key: string, keyParts: JsonObject): void {
  log.prepare('UPDATE attempt SET key = ?, key_parts = ? WHERE id = ?').run(key, canonicalJson(keyParts), id);
}

/** What the attempt made is never taken again: what it read changed under it. */
export function dropKey(log: RunLog, id: number): void {
  log.prepare('UPDATE attempt SET key = NULL WHERE id = ?').run(id);
}

/** What was freed and is made again counts as new. */
const INSERT_ARTIFACT = `INSERT INTO artifact (hash, kind, size_bytes, files, created_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (hash) DO UPDATE SET freed_at = NULL,
    created_at = CASE WHEN freed_at IS NULL THEN created_at ELSE excluded.created_at END`;

/** Puts the stored bundle of an attempt on record, so that it counts among what the store holds. */
export function recordCode(log: RunLog, hash: Sha256, sizeBytes: number, at: number): void {
  log.prepare(INSERT_ARTIFACT).run(hash, 'code', sizeBytes, 1, at);
}

export function recordArtifacts(log: RunLog, attempt: number, uses: readonly ArtifactUse[], at: number): void {
  const artifact = log.prepare(INSERT_ARTIFACT);
  const use = log.prepare(
    'INSERT INTO attempt_artifact (attempt, role, name, hash, kind, place, maker) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  for (const { role, name, hash, kind, sizeBytes, files, place, maker } of uses) {
    if (role === 'out') artifact.run(hash, kind, sizeBytes, files, at);
    use.run(attempt, role, name, hash, kind, place ?? null, maker ?? null);
  }
}

interface AttemptRow {
  readonly id: number;
  readonly run: number;
  readonly key: string | null;
  readonly key_parts: string | null;
}

/** The last attempt whose outs stand for the stage: it ran and succeeded, or an earlier one was taken in its place. */
export function latestAttempt(log: RunLog, stage: string): PastAttempt | undefined {
  const row = log
    .prepare(`SELECT made.id, latest.run, made.key, made.key_parts FROM attempt AS latest
      JOIN attempt AS made ON made.id = coalesce(latest.origin, latest.id)
      WHERE latest.stage = ? AND latest.status IN ('succeeded', 'fresh', 'cached') ORDER BY latest.id DESC LIMIT 1`)
    .get(stage) as AttemptRow | undefined;
  return row === undefined ? undefined : toPast(log, row);
}

/** Attempts that executed under this very key, newest first. */
export function attemptsWithKey(log: RunLog, stage: string, key: string): PastAttempt[] {
  const rows = log
    .prepare(`SELECT id, run, key, key_parts FROM attempt
      WHERE stage = ? AND key = ? AND status = 'succeeded' ORDER BY id DESC`)
    .all(stage, key) as AttemptRow[];
  return rows.map((row) => toPast(log, row));
}

/** The attempt that made what stands for a stage in a run; undefined when nothing does. */
export function attemptOfRun(log: RunLog, stage: string, run: number): PastAttempt | undefined {
  const row = log
    .prepare(`SELECT made.id, turn.run, coalesce(turn.key, made.key) AS key, made.key_parts FROM attempt AS turn
      JOIN attempt AS made ON made.id = coalesce(turn.origin, turn.id)
      WHERE turn.stage = ? AND turn.run = ? ORDER BY turn.number DESC LIMIT 1`)
    .get(stage, run) as AttemptRow | undefined;
  return row === undefined ? undefined : toPast(log, row);
}

function toPast(log: RunLog, row: AttemptRow): PastAttempt {
  const outs = log
    .prepare("SELECT name, hash FROM attempt_artifact WHERE attempt = ? AND role = 'out' ORDER BY name")
    .all(row.id) as { readonly name: string; readonly hash: Sha256 }[];
  return {
    id: row.id,
    run: row.run,
    key: row.key,
    keyParts: () => (row.key_parts === null ? {} : (JSON.parse(row.key_parts) as JsonObject)),
    outs: Object.fromEntries(outs.map(({ name, hash }) => [name, hash])),
  };
}
