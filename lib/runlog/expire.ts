import type { InputPolicy } from '../domain/pipeline.ts';
import type { RunLog } from './open.ts';

const DAY_MS = 86_400_000;

/** Inputs from before this time that nobody labelled are to go; undefined where none ever goes. Milliseconds since the epoch. */
export function expiryOf({ inputs, days }: InputPolicy, now: number): number | undefined {
  if (inputs === 'all') return undefined;
  return inputs === 'none' ? now : now - days * DAY_MS;
}

/** Inputs without a label, of predictions made before `:before`; begins after `:after`, so that no input is looked at twice. */
const EXPIRED = `FROM prediction_input AS kept CROSS JOIN prediction ON prediction.number = kept.prediction
  WHERE kept.prediction > :after
    AND kept.prediction <= coalesce((SELECT number FROM prediction WHERE at < :before ORDER BY at DESC, number DESC LIMIT 1), 0)
    AND prediction.at < :before
    AND NOT EXISTS (SELECT 1 FROM label WHERE label.prediction = prediction.id)`;

export interface ExpiredInputs {
  readonly rows: number;
  readonly bytes: number;
}

/** What would go. */
export function countExpired(log: RunLog, before: number): ExpiredInputs {
  const row = log
    .prepare(`SELECT count(*) AS rows, coalesce(sum(length(kept.input)), 0) AS bytes ${EXPIRED}`)
    .get({ before, after: 0 });
  return row as ExpiredInputs;
}

/** Where a sweep is. */
export interface SweepStep {
  readonly rows: number;
  /** Number of the last prediction it came to; undefined at the end. */
  readonly reached: number | undefined;
}

/**
 * Deletes at most `limit` expired inputs after a prediction's number, oldest first, in one short transaction: whoever has a
 * label to write does not wait long. What is deleted is overwritten with zeros.
 */
export function expireSome(
  log: RunLog,
  { before, after, limit }: { readonly before: number; readonly after: number; readonly limit: number },
): SweepStep {
  log.database.pragma('secure_delete = ON');
  return log.atomically(() => {
    const numbers = log
      .prepare(`SELECT kept.prediction ${EXPIRED} ORDER BY kept.prediction LIMIT :limit`)
      .pluck()
      .all({ before, after, limit }) as number[];
    const remove = log.prepare('DELETE FROM prediction_input WHERE prediction = ?');
    for (const number of numbers) remove.run(number);
    return { rows: numbers.length, reached: numbers.length < limit ? undefined : numbers.at(-1) };
  });
}

/** Rows deleted in one transaction. */
const STEP_ROWS = 1000;

/** Deletes every expired input, and returns how many. */
export function expireInputs(log: RunLog, before: number): number {
  let rows = 0;
  for (let after: number | undefined = 0; after !== undefined; ) {
    const step: SweepStep = expireSome(log, { before, after, limit: STEP_ROWS });
    rows += step.rows;
    after = step.reached;
  }
  return rows;
}
