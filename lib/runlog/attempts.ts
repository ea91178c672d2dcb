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
}

/** An attempt that made outs which are still what its stage stands for. */
export interface PastAttempt {
  readonly id: number;
  readonly run: number;
  readonly key: string;
  readonly keyParts: JsonObject;
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
}

const INSERT = `INSERT INTO attempt (run, stage, number, status, key, key_parts, why, origin, started_at, ended_at,
  duration_ms, log) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function startAttempt(log: RunLog, attempt: NewAttempt): number {
  const { run, stage, number, key, keyParts, why, startedAt } = attempt;
  const parts = keyParts === undefined ? null : canonicalJson(keyParts);
  const inserted = log
    .prepare(INSERT)
    .run(run, stage, number, 'running', key ?? null, parts, why, null, startedAt, null, null, attempt.log ?? null);
  return Number(inserted.lastInsertRowid);
}

/** An attempt that did not execute: fresh or cached by an earlier one, or blocked by what failed before it. */
export function recordUnexecuted(
  log: RunLog,
  attempt: Omit<NewAttempt, 'log'> & { readonly status: AttemptStatus; readonly origin: number | undefined },
): number {
  const { run, stage, number, key, keyParts, why, startedAt, status, origin } = attempt;
  const parts = keyParts === undefined ? null : canonicalJson(keyParts);
  const inserted = log
    .prepare(INSERT)
    .run(run, stage, number, status, key ?? null, parts, why, origin ?? null, startedAt, startedAt, 0, null);
  return Number(inserted.lastInsertRowid);
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

export function setPid(log: RunLog, id: number, pid: number): void {
  log.prepare('UPDATE attempt SET pid = ? WHERE id = ?').run(pid, id);
}

/** The key under which the attempt counts as fresh from now on: what it did may have changed what it reads. */
export function setKey(log: RunLog, id: number, key: string, keyParts: JsonObject): void {
  log.prepare('UPDATE attempt SET key = ?, key_parts = ? WHERE id = ?').run(key, canonicalJson(keyParts), id);
}

export function recordArtifacts(log: RunLog, attempt: number, uses: readonly ArtifactUse[], at: number): void {
  const artifact = log.prepare(`INSERT INTO artifact (hash, kind, size_bytes, files, created_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (hash) DO NOTHING`);
  const use = log.prepare('INSERT INTO attempt_artifact (attempt, role, name, hash, kind) VALUES (?, ?, ?, ?, ?)');
  for (const { role, name, hash, kind, sizeBytes, files } of uses) {
    if (role === 'out') artifact.run(hash, kind, sizeBytes, files, at);
    use.run(attempt, role, name, hash, kind);
  }
}

interface AttemptRow {
  readonly id: number;
  readonly run: number;
  readonly key: string;
  readonly key_parts: string;
}

/** The last attempt whose outs stand for the stage: it ran and succeeded, or an earlier one was taken in its place. */
export function latestAttempt(log: RunLog, stage: string): PastAttempt | undefined {
  const row = log
    .prepare(`SELECT made.id, latest.run, latest.key, latest.key_parts FROM attempt AS latest
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

function toPast(log: RunLog, row: AttemptRow): PastAttempt {
  const outs = log
    .prepare("SELECT name, hash FROM attempt_artifact WHERE attempt = ? AND role = 'out' ORDER BY name")
    .all(row.id) as { readonly name: string; readonly hash: Sha256 }[];
  return {
    id: row.id,
    run: row.run,
    key: row.key,
    keyParts: JSON.parse(row.key_parts) as JsonObject,
    outs: Object.fromEntries(outs.map(({ name, hash }) => [name, hash])),
  };
}

/** How long the stage took when it last executed, in milliseconds; for an estimate of what is left. */
export function lastDuration(log: RunLog, stage: string): number | undefined {
  const row = log
    .prepare("SELECT duration_ms FROM attempt WHERE stage = ? AND status = 'succeeded' ORDER BY id DESC LIMIT 1")
    .get(stage) as { readonly duration_ms: number } | undefined;
  return row?.duration_ms;
}
