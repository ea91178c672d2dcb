import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countedWindows } from '../../lib/runlog/accuracy.ts';
import { insertDriftWindow } from '../../lib/runlog/drift.ts';
import { labelCounts } from '../../lib/runlog/label-counts.ts';
import { writeEntry } from '../../lib/runlog/ledger.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import {
  answerSweep,
  answersExpireBefore,
  countExpiredAnswers,
  expireAnswers,
  expireSomeAnswers,
  mayBePast,
} from '../../lib/runlog/past-answers.ts';
import { pendingAnswers } from '../../lib/runlog/pending-answers.ts';
import { countPredictions, insertLabel, insertPredictions } from '../../lib/runlog/predictions.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from './log.ts';

const path = temporaryFolder();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let log: RunLog;
let attempt: number;

beforeEach(() => {
  ({ log, attempt } = logWithVersion(path('runs.db')));
});
afterEach(() => log.close());

const predict = (id: string, at: number, simulated = false): void => {
  const batch = { line: 'digits', version: 1, simulated, source: 'serve', at };
  const entry = { predictionId: id, input: Uint8Array.of(1), predicted: 0, probabilities: [1, 0] };
  log.atomically(() => insertPredictions(log, batch, [entry]));
};
const label = (prediction: string): void => insertLabel(log, { prediction, label: 0, source: 'serve', at: 99 });
const ids = (): unknown[] => log.prepare('SELECT id FROM prediction ORDER BY number').pluck().all();
const sweep = (before: number): number => expireAnswers(log, answerSweep(log, before));

test('the policy says from when on an answer is too old, by whole hours', () => {
  const policy = { inputs: 'labelled', days: 30, keep: 90 } as const;
  expect(answersExpireBefore(policy, 100 * DAY + 90 * 60_000)).toBe(10 * DAY + HOUR);
  expect(answersExpireBefore({ ...policy, keep: 'forever' }, 100 * DAY)).toBeUndefined();
});

test('old answers that nobody labelled go with their inputs, and are counted; what is labelled, simulated or young stays, and so does the last one', () => {
  predict('old', 10);
  predict('labelled', 11);
  predict('simulated', 12, true);
  predict('older', HOUR + 1);
  predict('young', 3 * HOUR);
  predict('last', 5);
  label('labelled');
  expect(countExpiredAnswers(log, answerSweep(log, 2 * HOUR))).toMatchObject({ rows: 2 });
  expect(sweep(2 * HOUR)).toBe(2);
  expect(ids()).toEqual(['labelled', 'simulated', 'young', 'last']);
  expect(log.prepare('SELECT count(*) FROM prediction_input').pluck().get()).toBe(4);
  expect(log.prepare('SELECT * FROM past_prediction').all()).toEqual([
    { line: 'digits', version: 1, hour: 0, answers: 1 },
    { line: 'digits', version: 1, hour: 1, answers: 1 },
  ]);
  expect(log.database.pragma('foreign_key_check')).toEqual([]);
  expect(sweep(2 * HOUR)).toBe(0);
  predict('next', 6 * HOUR);
  expect(log.prepare("SELECT number FROM prediction WHERE id = 'next'").pluck().get()).toBe(7);
});

test('answers that a drift window may still judge stay as long as an alias points at their version', () => {
  for (const id of ['a', 'b', 'c', 'd']) predict(id, 10);
  log.atomically(() =>
    writeEntry(log, {
      ...{ line: 'digits', alias: 'champion', kind: 'deploy', from: null, to: 1, reason: 'first', at: 0 },
      by: { attempt },
    } as Parameters<typeof writeEntry>[1]),
  );
  expect(sweep(HOUR)).toBe(0);
  const window = { line: 'digits', version: 1, simulated: false, digest: 'd', rows: 2, last: 2, lastLabel: null };
  log.atomically(() =>
    insertDriftWindow(log, { ...window, level: 0.01, verdict: 'no_drift', note: '', tests: [] }, { attempt, at: 0 }),
  );
  const pending = pendingAnswers(log, 'digits', 1, { rows: 1, windows: 3 }).answers.map(
    ({ predictionId }) => predictionId,
  );
  expect(pending).toEqual(['c', 'd']);
  expect(sweep(HOUR)).toBe(2);
  expect(ids()).toEqual(pending);
});

describe('what is counted', () => {
  test('stays what it was: answers of a version, of a window, and those a rule has counted before', () => {
    for (let at = 0; at < 6; at++) predict(`p${at}`, at * HOUR);
    label('p1');
    const query = { widthMs: 2 * HOUR, since: 0, line: undefined };
    const before = [countPredictions(log, 'digits', 1), countedWindows(log, query), labelCounts(log, 'digits', 1).real];
    const known = labelCounts(log, 'digits', 1);
    expect(sweep(4 * HOUR)).toBe(3);
    expect([
      countPredictions(log, 'digits', 1),
      countedWindows(log, query),
      labelCounts(log, 'digits', 1).real,
    ]).toEqual(before);
    expect(before[0]).toEqual({ real: 6, simulated: 0 });
    predict('p6', 6 * HOUR);
    expect(labelCounts(log, 'digits', 1, known)).toEqual(labelCounts(log, 'digits', 1));
    expect(labelCounts(log, 'digits', 1).real).toEqual({ predictions: 7, labels: 1, correct: 1 });
  });
});

test('a sweep in steps takes what one sweep takes, also where the clock was set back', () => {
  const answer = fc.record({
    at: fc.integer({ min: 0, max: 40 }),
    isLabelled: fc.boolean(),
    isSimulated: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(answer, { maxLength: 30 }),
      fc.integer({ min: 0, max: 45 }),
      fc.integer({ min: 1, max: 6 }),
      (made, before, limit) => {
        log.database.exec(
          'DELETE FROM label; DELETE FROM prediction_input; DELETE FROM prediction; DELETE FROM past_prediction',
        );
        for (const [number, { at, isLabelled, isSimulated }] of made.entries()) {
          predict(`p${number}`, at, isSimulated);
          if (isLabelled) label(`p${number}`);
        }
        const last = made.reduce(
          (best, { at }, number) => (at < before && at >= (made[best]?.at ?? -1) ? number : best),
          -1,
        );
        const stays = made.flatMap(({ at, isLabelled, isSimulated }, number) =>
          isLabelled || isSimulated || at >= before || number > last || number === made.length - 1
            ? [`p${number}`]
            : [],
        );
        const taken = answerSweep(log, before);
        expect(countExpiredAnswers(log, taken).rows).toBe(made.length - stays.length);
        let rows = 0;
        for (let after: number | undefined = 0; after !== undefined; ) {
          const step: ReturnType<typeof expireSomeAnswers> = expireSomeAnswers(log, taken, { after, limit });
          expect(step.rows).toBeLessThanOrEqual(limit);
          rows += step.rows;
          after = step.reached;
        }
        expect(rows).toBe(made.length - stays.length);
        expect(ids()).toEqual(stays);
      },
    ),
    { numRuns: 60 },
  );
});

test('room that answers took is there for what comes', () => {
  const fill = (from: number): void =>
    void log.atomically(() =>
      insertPredictions(
        log,
        { line: 'digits', version: 1, simulated: false, source: 'serve', at: from },
        Array.from({ length: 2000 }, (_, at) => ({
          ...{ predictionId: String(from + at).padStart(12, '0'), input: null, predicted: 0, probabilities: [1, 0] },
        })),
      ),
    );
  const pages = (): unknown => log.database.pragma('page_count', { simple: true });
  fill(0);
  fill(2 * HOUR);
  const before = pages() as number;
  for (let hour = 4; hour < 24; hour += 2) {
    sweep((hour - 3) * HOUR);
    fill(hour * HOUR);
  }
  expect(log.prepare('SELECT count(*) FROM prediction').pluck().get()).toBe(4000);
  expect(pages()).toBeLessThanOrEqual(before * 1.1);
});

test('an id that is not on record may be of an answer that has gone where its time says so', () => {
  const hour = 495_000;
  log.prepare("INSERT INTO past_prediction VALUES ('digits', 1, ?, 3)").run(hour);
  const idOf = (at: number): string => {
    const time = at.toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7abc-8def-0123456789ab`;
  };
  expect(mayBePast(log, idOf(hour * HOUR))).toBe(true);
  expect(mayBePast(log, `${idOf((hour + 1) * HOUR - 1)}.17`)).toBe(true);
  // It was on record a little later.
  expect(mayBePast(log, idOf(hour * HOUR - 1))).toBe(true);
  expect(mayBePast(log, idOf((hour + 1) * HOUR))).toBe(false);
  expect(mayBePast(log, '0123456789abcdef')).toBe(false);
});
