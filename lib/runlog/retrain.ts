import { randomUUID } from 'node:crypto';
import type { Asked, RetrainDecision } from '../domain/retrain.ts';
import { canonicalJson, type Json } from '../util/json.ts';
import { type AcceptedCut, insertCut, lastAttemptId } from './cuts.ts';
import type { RunLog } from './open.ts';

export interface NewRetrainDecision {
  readonly line: string;
  readonly asked: Asked;
  /** Who asked: anna@desk. */
  readonly actor: string;
  readonly profile: string | undefined;
  readonly decision: RetrainDecision;
  /** Feedback that the run is to learn from; undefined where there is nothing new. */
  readonly cut: AcceptedCut | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Puts a decision on record, and what it accepts as feedback, in one transaction; returns its number. */
export function insertRetrainDecision(log: RunLog, made: NewRetrainDecision): number {
  const { line, asked, actor, profile, decision, cut, at } = made;
  const { verdict, reason, triggers, brakes } = decision;
  return log.atomically(() => {
    const { lastInsertRowid } = log
      .prepare(`INSERT INTO retrain_decision (uid, line, asked, actor, profile, verdict, reason, triggers, brakes, at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(randomUUID(), line, asked, actor, profile ?? null, verdict, reason, json(triggers), json(brakes), at);
    const id = Number(lastInsertRowid);
    if (cut !== undefined) {
      insertCut(log, { ...cut, attempt: lastAttemptId(log), retrain: id, at });
    }
    return id;
  });
}

const json = (rules: RetrainDecision['triggers']): string => canonicalJson(rules as unknown as Json);

/** Says which run a decision led to; false where that run is not on record yet. */
export function nameRun(log: RunLog, decision: number, run: number): boolean {
  const { changes } = log
    .prepare(
      'UPDATE retrain_decision SET run = :run WHERE id = :decision AND EXISTS (SELECT 1 FROM run WHERE id = :run)',
    )
    .run({ decision, run });
  return changes > 0;
}

/** Says which line a decision was about, where only its run could tell. */
export function nameLine(log: RunLog, decision: number, line: string): void {
  log.prepare('UPDATE retrain_decision SET line = ? WHERE id = ?').run(line, decision);
}

export interface RetrainingRow {
  readonly at: number;
  readonly run: number | null;
  /** Of its run; null while that is at work, and where none came on record. */
  readonly exitCode: number | null;
}

/** The last decision to retrain a line. */
export const lastRetraining = (log: RunLog, line: string): RetrainingRow | undefined =>
  log
    .prepare(`SELECT made.at, made.run, run.exit_code AS exitCode
      FROM retrain_decision AS made LEFT JOIN run ON run.id = made.run
      WHERE made.line = ? AND made.verdict = 'retrain' ORDER BY made.at DESC, made.id DESC LIMIT 1`)
    .get(line) as RetrainingRow | undefined;

/** When the champion of a line was put live, or was last kept before another model; null where neither happened. */
export const lastTested = (log: RunLog, line: string, alias: string): number | null =>
  log
    .prepare(`SELECT max(at) FROM deployment WHERE line = ? AND alias = ?
      AND kind IN ('deploy', 'override', 'promote', 'rollback', 'kept')`)
    .pluck()
    .get(line, alias) as number | null;

/** How often another version was put behind an alias since a moment; going back is not counted. */
export const countPromotions = (log: RunLog, line: string, alias: string, since: number): number =>
  log
    .prepare(`SELECT count(*) FROM deployment WHERE line = ? AND alias = ? AND at > ?
      AND kind IN ('deploy', 'override', 'promote')`)
    .pluck()
    .get(line, alias, since) as number;

/** Runs that are looked through, from the newest back, for what a profile was run on. */
const LOOKED_THROUGH = 200;

/** Whether the last run with a profile was on generated data; undefined where none of the last runs tells. */
export function wasGenerated(log: RunLog, profile: string | undefined): boolean | undefined {
  const row = log
    .prepare(`SELECT json_extract(used.value, '$.generated') AS generated
      FROM (SELECT id, profile FROM run ORDER BY id DESC LIMIT ${LOOKED_THROUGH}) AS recent
      JOIN attempt ON attempt.run = recent.id
      JOIN used ON used.attempt = coalesce(attempt.origin, attempt.id) AND used.what = 'dataset'
      WHERE recent.profile IS ? ORDER BY attempt.id DESC LIMIT 1`)
    .get(profile ?? null) as { readonly generated: number | null } | undefined;
  return row === undefined ? undefined : row.generated === 1;
}
