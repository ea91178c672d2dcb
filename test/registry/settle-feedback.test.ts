import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openMemo } from '../../lib/cache/memo.ts';
import { answerRetrain } from '../../lib/cli/retrain/decide.ts';
import { type Failure, failure } from '../../lib/domain/failure.ts';
import { countNews } from '../../lib/registry/feedback-news.ts';
import { proposeRefused, settleFeedback } from '../../lib/registry/settle-feedback.ts';
import { endAttempt, startAttempt } from '../../lib/runlog/attempts.ts';
import { acceptedCuts, insertCut, lastAttemptId, proposedCuts } from '../../lib/runlog/cuts.ts';
import { lastLabelId } from '../../lib/runlog/feedback.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { insertLabel, insertPredictions } from '../../lib/runlog/predictions.ts';
import { insertRecords } from '../../lib/runlog/records.ts';
import { endRun, nextRun } from '../../lib/runlog/runs.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { insertRunAt, logWithVersion } from '../runlog/log.ts';

const path = temporaryFolder();
let log: RunLog;
let given: number;

beforeEach(() => {
  ({ log } = logWithVersion(path('runs.db')));
  given = 0;
});
afterEach(() => log.close());

/** People label so many more answers. */
function giveLabels(count: number): void {
  for (let more = 0; more < count; more++) {
    given += 1;
    const predictionId = `p${given}`;
    const batch = { line: 'digits', version: 1, simulated: false, source: 'serve', at: given };
    log.atomically(() => {
      insertPredictions(log, batch, [{ predictionId, input: Uint8Array.of(1), predicted: 0, probabilities: [1, 0] }]);
      insertLabel(log, { prediction: predictionId, label: 1, source: 'serve', at: given });
    });
  }
}

/** A decision to learn from all there is. */
const propose = (): void =>
  insertCut(log, {
    line: 'digits',
    simulated: false,
    lastLabel: lastLabelId(log),
    attempt: lastAttemptId(log),
    at: given,
  });

type Ended = 'succeeded' | 'refused' | 'failed';

/** A run whose first stage cannot take the feedback in, or fails for another reason. */
function breakOff(fault: Failure): void {
  const run = nextRun(log);
  insertRunAt(log, run);
  const key = { key: 'k', keyParts: { reads: { acceptedFeedback: 'd' } } };
  const about = { run, stage: 'collect', number: 1, ...key, why: '', startedAt: 0 };
  const attempt = startAttempt(log, { ...about, log: undefined, code: undefined, mark: '' });
  const end = { exitCode: 2, signal: undefined, failure: fault, cpuMs: undefined, peakMemoryBytes: undefined };
  endAttempt(log, attempt, { status: 'failed', endedAt: 0, durationMs: 0, ...end });
  log.atomically(() => {
    settleFeedback(log, { run, passed: false, at: 0 });
    endRun(log, run, { status: 'failed', exitCode: 2, endedAt: 0 });
  });
}

const misfit = (labelId: number): Failure => failure('DATA_FEEDBACK_SHAPE', { labelId, seen: 1, expected: 784 });

/** A run of a stage that learns and of one that judges. */
function runOnce(ended: Ended, reads: Readonly<Record<string, string>> = { acceptedFeedback: 'd' }, rows = 1): void {
  const run = nextRun(log);
  insertRunAt(log, run);
  const statuses = { collect: 'succeeded', deploy: ended } as const;
  for (const [stage, status] of Object.entries(statuses)) {
    const key = { key: 'k', keyParts: { reads: stage === 'collect' ? { ...reads } : {} } };
    const about = { run, stage, number: 1, ...key, why: '', startedAt: 0, log: undefined, code: undefined, mark: '' };
    const attempt = startAttempt(log, about);
    if (stage === 'collect') insertRecords(log, attempt, [{ kind: 'metric', name: 'feedbackRows', value: rows }]);
    const end = { exitCode: 0, signal: undefined, failure: undefined, cpuMs: undefined, peakMemoryBytes: undefined };
    endAttempt(log, attempt, { status, endedAt: 0, durationMs: 0, ...end });
  }
  log.atomically(() => {
    settleFeedback(log, { run, passed: ended === 'succeeded', at: 0 });
    endRun(log, run, { status: ended, exitCode: 0, endedAt: 0 });
  });
}

const learned = (): number => acceptedCuts(log)[0]?.lastLabel ?? 0;
const outcomes = (): unknown => log.prepare('SELECT cut, outcome FROM feedback_outcome ORDER BY cut').raw().all();
const notes = (): unknown => log.prepare('SELECT text FROM note ORDER BY id').pluck().all();

describe('a cut of feedback', () => {
  test('is learned from while no gate has spoken, and given back by the run that is refused with it', () => {
    giveLabels(3);
    propose();
    expect(learned()).toBe(3);
    runOnce('refused');
    expect(learned()).toBe(0);
    expect(outcomes()).toEqual([[1, 'given_back']]);
    expect(notes()).toEqual([
      '3 labels of digits, because this run was refused: later runs learn without what it had learned from.\n' +
        'They are tried again together with newer ones, or when somebody asks: npm run retrain -- --force --reason "WHY"',
    ]);
  });

  test('gives what a run has passed with its place back, not nothing', () => {
    giveLabels(2);
    propose();
    runOnce('succeeded');
    giveLabels(3);
    propose();
    runOnce('refused');
    expect(learned()).toBe(2);
    expect(outcomes()).toEqual([
      [1, 'taken_in'],
      [2, 'given_back'],
    ]);
  });

  test('that a run has passed with stays, whatever a later one is refused for', () => {
    giveLabels(2);
    propose();
    runOnce('succeeded');
    runOnce('refused');
    expect([learned(), notes()]).toEqual([2, []]);
  });

  test('stays a proposal after a run that broke off, or that did not learn from it', () => {
    giveLabels(2);
    propose();
    runOnce('failed');
    runOnce('refused', {});
    for (const ended of ['succeeded', 'refused'] as const) runOnce(ended, { acceptedFeedback: 'd' }, 0);
    expect([learned(), outcomes()]).toEqual([2, []]);
  });

  test('is given back by a run that cannot take it in, so that the next one can be made', () => {
    giveLabels(2);
    propose();
    runOnce('succeeded');
    giveLabels(2);
    propose();
    breakOff(misfit(3));
    expect([learned(), outcomes()]).toEqual([
      2,
      [
        [1, 'taken_in'],
        [2, 'given_back'],
      ],
    ]);
    expect(notes()).toEqual([
      '2 labels of digits, because not all of them fit into the data of this run: later runs learn without them.\n' +
        'They are tried again together with newer ones, or when somebody asks: npm run retrain -- --force --reason "WHY"',
    ]);
    proposeRefused(log, { pipeline: 'digits', at: 9 });
    expect(learned()).toBe(2);
  });

  test('stays a proposal where the data cannot be read, or what a run has passed with fits no more', () => {
    giveLabels(2);
    propose();
    runOnce('succeeded');
    giveLabels(2);
    propose();
    breakOff(failure('DATA_EMPTY_FILE', { file: 'train-images-idx3-ubyte.gz' }));
    breakOff(misfit(2));
    breakOff(misfit(99));
    expect([learned(), outcomes()]).toEqual([4, [[1, 'taken_in']]]);
  });

  test('is given back along with those before it that nothing has judged', () => {
    giveLabels(2);
    propose();
    runOnce('failed');
    giveLabels(2);
    propose();
    runOnce('refused');
    expect([learned(), outcomes()]).toEqual([
      0,
      [
        [1, 'given_back'],
        [2, 'given_back'],
      ],
    ]);
  });

  test('of another line is not that of the run', () => {
    giveLabels(1);
    insertCut(log, { line: 'others', simulated: false, lastLabel: 1, attempt: lastAttemptId(log), at: 0 });
    runOnce('refused');
    expect(outcomes()).toEqual([]);
  });
});

describe('labels that were given back', () => {
  test('are no news by themselves, and are proposed again with newer ones', () => {
    giveLabels(3);
    propose();
    runOnce('refused');
    expect(countNews(log, 'digits')).toEqual({
      fresh: { real: 0, simulated: 0 },
      givenBack: { real: 3, simulated: 0 },
    });
    giveLabels(1);
    expect(countNews(log, 'digits')).toMatchObject({ fresh: { real: 1 }, givenBack: { real: 3 } });
    propose();
    expect(learned()).toBe(4);
    runOnce('succeeded');
    expect(countNews(log, 'digits')).toMatchObject({ fresh: { real: 0 }, givenBack: { real: 0 } });
  });

  test('are proposed again by who overrides the refusal, as long as nothing has passed without them', () => {
    giveLabels(3);
    propose();
    runOnce('refused');
    proposeRefused(log, { pipeline: 'digits', at: 9 });
    expect([learned(), proposedCuts(log)[0]?.outcome]).toEqual([3, null]);
    runOnce('refused');
    runOnce('succeeded');
    proposeRefused(log, { pipeline: 'digits', at: 9 });
    expect(learned()).toBe(0);
  });

  test('are proposed again by who asks in person, and not by a rule that fires for another reason', () => {
    giveLabels(3);
    propose();
    runOnce('refused');
    const policy = { ageMs: 1, cooldownMs: 0, promotions: 1, rules: { newLabels: 2 } };
    const memo = openMemo(path('memo.json'));
    const asked = { line: 'digits', reason: '', policy, now: 100, memo };
    const byRule = answerRetrain(log, { ...asked, asked: 'if_needed' });
    expect([byRule.decision.verdict, byRule.cut]).toEqual(['retrain', undefined]);
    expect(byRule.decision.triggers.at(-1)?.note).toBe('0 new labels < 2, beside 3 that a gate refused');
    const inPerson = { line: 'digits', simulated: false, lastLabel: 3 };
    expect(answerRetrain(log, { ...asked, asked: 'now' }).cut).toEqual(inPerson);
    expect(answerRetrain(log, { ...asked, asked: 'force' }).cut).toEqual(inPerson);
    giveLabels(1);
    expect(answerRetrain(log, { ...asked, asked: 'if_needed' }).cut).toEqual({ ...inPerson, lastLabel: 4 });
  });

  test('cannot be made to have been taken in', () => {
    giveLabels(1);
    propose();
    runOnce('refused');
    expect(() => log.database.exec("UPDATE feedback_outcome SET outcome = 'taken_in'")).toThrow(/never changes/);
    expect(() => log.database.exec('DELETE FROM feedback_outcome')).toThrow(/never changes/);
  });
});
