import type { LogPolicy } from '../domain/pipeline.ts';
import type { RunLog } from './open.ts';
import { MOST_PENDING } from './pending-answers.ts';

const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/**
 * Answers from before this time that nobody labelled are to go; undefined where none ever goes. Milliseconds since the epoch. An
 * hour goes as a whole, so that of each hour is known whether it is complete.
 */
export const answersExpireBefore = ({ keep }: LogPolicy, now: number): number | undefined =>
  keep === 'forever' ? undefined : Math.floor((now - keep * DAY_MS) / HOUR_MS) * HOUR_MS;

/** What a sweep takes: what it is given stays the same from its first step to its last. */
export interface AnswerSweep {
  readonly before: number;
  /** Number of the last answer that may be too old; what came before it may be, too. */
  readonly last: number;
  /** Numbers from which on the answers of a version stay, as JSON. */
  readonly pending: string;
}

/**
 * Answers that no drift window has judged stay as long as one may: of a version that an alias points at, so many of the newest as
 * windows are made of at once.
 */
export function answerSweep(log: RunLog, before: number): AnswerSweep {
  const pending = log
    .prepare(`SELECT model.line, model.version, coalesce(
        (SELECT number FROM prediction WHERE line = model.line AND version = model.version AND simulated = 0
          AND number > model.judged ORDER BY number DESC LIMIT 1 OFFSET ${MOST_PENDING - 1}), model.judged + 1) AS first
      FROM (SELECT DISTINCT line, version, (SELECT coalesce(max(last_prediction), 0) FROM drift_window AS judged
          WHERE judged.line = alias.line AND judged.version = alias.version AND judged.simulated = 0
            AND judged.verdict IN ('drift', 'no_drift')) AS judged FROM alias) AS model`)
    .all();
  const last = log
    .prepare('SELECT number FROM prediction WHERE at < ? ORDER BY at DESC, number DESC LIMIT 1')
    .pluck()
    .get(before) as number | undefined;
  return { before, last: last ?? 0, pending: JSON.stringify(pending) };
}

// Whoever comes next is numbered behind the last one, so that one stays.
const EXPIRED = `FROM prediction WHERE number > :after AND number <= :last AND simulated = 0 AND at < :before
  AND number < (SELECT max(number) FROM prediction)
  AND NOT EXISTS (SELECT 1 FROM label WHERE label.prediction = prediction.id)
  AND NOT EXISTS (SELECT 1 FROM json_each(:pending) AS kept WHERE kept.value ->> 'line' = prediction.line
    AND kept.value ->> 'version' = prediction.version AND kept.value ->> 'first' <= prediction.number)`;

export interface ExpiredAnswers {
  readonly rows: number;
  readonly bytes: number;
}

/** What would go; its inputs are not counted. */
export function countExpiredAnswers(log: RunLog, sweep: AnswerSweep): ExpiredAnswers {
  const bytes = 'coalesce(sum(length(id) + length(line) + length(source) + length(probabilities)), 0)';
  return log
    .prepare(`SELECT count(*) AS rows, ${bytes} AS bytes ${EXPIRED}`)
    .get({ ...sweep, after: 0 }) as ExpiredAnswers;
}

export interface AnswerStep {
  readonly rows: number;
  /** Number of the last answer that was looked at; undefined at the end. */
  readonly reached: number | undefined;
}

/**
 * Looks at no more than `limit` answers after a number, oldest first, and deletes those that are to go, in one short transaction:
 * whoever has a label to write does not wait long. They stay counted; the room they took is there for what comes.
 */
export function expireSomeAnswers(
  log: RunLog,
  sweep: AnswerSweep,
  { after, limit }: { readonly after: number; readonly limit: number },
): AnswerStep {
  log.database.pragma('secure_delete = ON');
  return log.atomically(() => {
    const last = log
      .prepare(`SELECT max(number) FROM (SELECT number FROM prediction WHERE number > :after AND number <= :last
        ORDER BY number LIMIT :limit)`)
      .pluck()
      .get({ after, last: sweep.last, limit }) as number | null;
    if (last === null) return { rows: 0, reached: undefined };
    const bound = { ...sweep, after, last };
    log
      .prepare(`INSERT INTO past_prediction (line, version, hour, answers)
        SELECT line, version, at / ${HOUR_MS}, count(*) ${EXPIRED} GROUP BY 1, 2, 3
        ON CONFLICT (line, version, hour) DO UPDATE SET answers = answers + excluded.answers`)
      .run(bound);
    log.prepare(`DELETE FROM prediction_input WHERE prediction IN (SELECT number ${EXPIRED})`).run(bound);
    const rows = log.prepare(`DELETE FROM prediction WHERE number IN (SELECT number ${EXPIRED})`).run(bound).changes;
    return { rows, reached: last };
  });
}

/** Answers looked at in one transaction. */
const STEP_ROWS = 1000;

/** Deletes every answer that is to go, and returns how many. */
export function expireAnswers(log: RunLog, sweep: AnswerSweep): number {
  let rows = 0;
  for (let after: number | undefined = 0; after !== undefined; ) {
    const step: AnswerStep = expireSomeAnswers(log, sweep, { after, limit: STEP_ROWS });
    rows += step.rows;
    after = step.reached;
  }
  return rows;
}

/** All that are not on record any more. */
export const countPast = (log: RunLog): number =>
  log.prepare('SELECT coalesce(sum(answers), 0) FROM past_prediction').pluck().get() as number;

export const countPastOf = (log: RunLog, line: string, version: number): number =>
  log
    .prepare('SELECT coalesce(sum(answers), 0) FROM past_prediction WHERE line = ? AND version = ?')
    .pluck()
    .get(line, version) as number;

/** How long after it was given its id an answer may be on record, in milliseconds. */
const LATE_MS = 60_000;

/** Whether an id that is not on record is one of an hour of which answers are not any more. Only a server's ids say when they were given. */
export function mayBePast(log: RunLog, id: string): boolean {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id) ?? [];
  if (high === undefined || low === undefined) return false;
  const at = Number.parseInt(high + low, 16);
  const hours = [at, at + LATE_MS].map((time) => Math.floor(time / HOUR_MS));
  return log.prepare('SELECT 1 FROM past_prediction WHERE hour BETWEEN ? AND ? LIMIT 1').get(...hours) !== undefined;
}
