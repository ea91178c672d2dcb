import { afterEach, beforeEach, expect, test } from 'vitest';
import { coverageText, windowAccuracy } from '../../lib/monitor/accuracy-windows.ts';
import { accuracyText } from '../../lib/report/console/accuracy-text.ts';
import { countedSources, countedWindows, labelDelay } from '../../lib/runlog/accuracy.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { insertLabel, insertPredictions } from '../../lib/runlog/predictions.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from './log.ts';

const path = temporaryFolder();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5);
let log: RunLog;

/** An answer `at` hours after the start that says class 0. */
function answer(id: string, at: number, simulated = false): void {
  const batch = { line: 'digits', version: 1, simulated, source: 'serve', at: START + at * HOUR };
  insertPredictions(log, batch, [{ predictionId: id, input: null, predicted: 0, probabilities: [1, 0] }]);
}

const label = (prediction: string, given: number, at: number, source = 'serve'): void =>
  insertLabel(log, { prediction, label: given, source, at: START + at * HOUR });

beforeEach(() => {
  ({ log } = logWithVersion(path('runs.db')));
  log.atomically(() => {
    for (const [id, at] of [
      ['a', 1],
      ['b', 2],
      ['c', 23],
      ['d', 25],
      ['e', 26],
      ['f', 27],
    ] as const)
      answer(id, at);
    answer('s', 1, true);
    label('s', 1, 1, 'simulation');
    label('a', 0, 2);
    // Two days late, and then corrected: it counts where the answer was given, by its last word and its first delay.
    label('b', 0, 50, 'audit 0123456789abcdef');
    label('b', 1, 90, 'audit 0123456789abcdef');
    label('d', 0, 26);
  });
});
afterEach(() => log.close());

const EVERYTHING = { widthMs: DAY, since: 0, line: undefined };

test('answers are counted where they were given, simulated ones never', () => {
  expect(countedWindows(log, EVERYTHING)).toEqual([
    {
      line: 'digits',
      version: 1,
      from: START,
      predictions: 3,
      labels: 2,
      correct: 1,
      delayMedianMs: 24.5 * HOUR,
      delayP90Ms: expect.closeTo(43.3 * HOUR, 0),
    },
    {
      line: 'digits',
      version: 1,
      from: START + DAY,
      predictions: 3,
      labels: 1,
      correct: 1,
      delayMedianMs: HOUR,
      delayP90Ms: HOUR,
    },
  ]);
  expect(countedWindows(log, { ...EVERYTHING, since: START + DAY })).toHaveLength(1);
  expect(countedWindows(log, { ...EVERYTHING, line: 'letters' })).toEqual([]);
  expect(countedWindows(log, { ...EVERYTHING, widthMs: HOUR })).toHaveLength(6);
});

test('an audit stands for itself', () => {
  expect(countedSources(log, EVERYTHING)).toEqual([
    { line: 'digits', version: 1, source: 'audit', labels: 1, correct: 0 },
    { line: 'digits', version: 1, source: 'serve', labels: 2, correct: 2 },
  ]);
});

test('accuracy has its interval, and is provisional until enough answers have a label', () => {
  const [first, second] = countedWindows(log, EVERYTHING).map((one) => windowAccuracy(one));
  expect([first?.state, second?.state]).toEqual(['settled', 'provisional']);
  expect(first?.accuracy?.value).toBe(0.5);
  // By hand: Wilson's interval of 1 in 2 and of 1 in 1.
  expect([first?.accuracy?.low, first?.accuracy?.high, second?.accuracy?.low]).toEqual([
    expect.closeTo(0.0945, 4),
    expect.closeTo(0.9055, 4),
    expect.closeTo(0.2065, 4),
  ]);
  expect(windowAccuracy({ predictions: 3, labels: 0, correct: 0 })).toEqual({
    coverage: 0,
    accuracy: null,
    state: 'unknown',
  });
});

test('people read it in a table, and in a line of a run', () => {
  const windows = countedWindows(log, EVERYTHING).map((one) => ({ ...one, ...windowAccuracy(one) }));
  expect(
    accuracyText({ enough: 0.5, windows, sources: [] }),
  ).toBe(`from (UTC)           version    answers  labels  coverage  accuracy (95 %)                         label after   90 % after
2026-01-05 00:00:00  digits v1        3       2    66.7 %  0.5000 (0.0945 to 0.9055)               24 h 30 min  43 h 18 min
2026-01-06 00:00:00  digits v1        3       1    33.3 %  1.0000 (0.2065 to 1.0000)  provisional   1 h 00 min   1 h 00 min
provisional: fewer than 50.0 % of the answers have their label yet
`);
  const delay = labelDelay(log, 'digits', 1);
  expect(delay).toEqual({ medianMs: HOUR, p90Ms: expect.closeTo(38.6 * HOUR, 0) });
  expect(coverageText({ predictions: 6, labels: 3, correct: 2 }, delay)).toBe(
    'labels came 1 h 00 min after the answer, nine in ten within 38 h 36 min',
  );
  expect(coverageText({ predictions: 10, labels: 3, correct: 2 }, delay)).toBe(
    'labels came 1 h 00 min after the answer, nine in ten within 38 h 36 min; as long as 30.0 % of the answers have one, accuracy is provisional',
  );
  expect(coverageText({ predictions: 10, labels: 0, correct: 0 }, null)).toBeUndefined();
});
