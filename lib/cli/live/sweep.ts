import type { LogPolicy } from '../../domain/pipeline.ts';
import { expireSome, expiryOf } from '../../runlog/expire.ts';
import type { RunLog } from '../../runlog/open.ts';
import { answerSweep, answersExpireBefore, expireSomeAnswers } from '../../runlog/past-answers.ts';

/** What a step of a sweep has deleted. */
export interface Swept {
  readonly inputs: number;
  readonly answers: number;
}

/** Rows looked at in one transaction. */
const SWEEP_ROWS = 500;

/** Deletes what nobody labelled in time, inputs and then answers, a step whenever it is asked for the next; other writers come in between. */
export function* sweepSteps(open: () => RunLog, policy: LogPolicy, now: number): Generator<Swept, void> {
  const before = expiryOf(policy, now);
  for (let after = before === undefined ? undefined : 0; before !== undefined && after !== undefined; ) {
    const { rows, reached } = expireSome(open(), { before, after, limit: SWEEP_ROWS });
    after = reached;
    yield { inputs: rows, answers: 0 };
  }
  const answersBefore = answersExpireBefore(policy, now);
  if (answersBefore === undefined) return;
  const sweep = answerSweep(open(), answersBefore);
  for (let after: number | undefined = 0; after !== undefined; ) {
    const step = expireSomeAnswers(open(), sweep, { after, limit: SWEEP_ROWS });
    after = step.reached;
    yield { inputs: 0, answers: step.rows };
  }
}
