import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptedCuts, insertCut } from '../../lib/runlog/cuts.ts';
import {
  acceptedRows,
  countLabelledSince,
  hasRealLabels,
  labelledPredictions,
  lastLabelId,
} from '../../lib/runlog/feedback.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { countPredictions, insertLabel, insertPredictions } from '../../lib/runlog/predictions.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from './log.ts';

const path = temporaryFolder();
let log: RunLog;
let attempt: number;

beforeEach(() => {
  ({ log, attempt } = logWithVersion(path('runs.db')));
});
afterEach(() => log.close());

const entry = (id: string, label?: number) => ({
  predictionId: id,
  input: Uint8Array.of(1, 2),
  predicted: 3,
  probabilities: [0.1, 0.9],
  ...(label === undefined ? {} : { label }),
});
const batch = (simulated: boolean) => ({
  line: 'digits',
  version: 1,
  simulated,
  source: simulated ? 'simulation' : 'predict',
  at: 0,
});

describe('predictions', () => {
  test('put on record twice are there once, with one label', () => {
    insertPredictions(log, batch(true), [entry('p', 3)]);
    insertPredictions(log, batch(true), [entry('p', 3)]);
    expect(countPredictions(log, 'digits', 1)).toEqual({ real: 0, simulated: 1 });
    expect(log.prepare('SELECT count(*) AS n FROM label').get()).toEqual({ n: 1 });
  });

  test('of people and of the simulation are counted apart', () => {
    insertPredictions(log, batch(true), [entry('s', 3)]);
    expect(hasRealLabels(log, 'digits')).toBe(false);
    insertPredictions(log, batch(false), [entry('r')]);
    insertLabel(log, { prediction: 'r', label: 5, source: 'import', at: 0 });
    expect(hasRealLabels(log, 'digits')).toBe(true);
    expect(countLabelledSince(log, 'digits', 0)).toEqual({ real: 1, simulated: 1 });
    expect(countLabelledSince(log, 'digits', 1)).toEqual({ real: 1, simulated: 0 });
  });

  test('that are labelled again have the last label', () => {
    insertPredictions(log, batch(false), [entry('r')]);
    for (const label of [1, 2]) insertLabel(log, { prediction: 'r', label, source: 'import', at: 0 });
    expect(labelledPredictions(log, 'digits', 1).map(({ label }) => label)).toEqual([2]);
  });
});

describe('accepted feedback', () => {
  test('is every label up to the cut, of its own kind, in the labels’ order', () => {
    insertPredictions(log, batch(false), [entry('b'), entry('a')]);
    insertPredictions(log, batch(true), [entry('s', 9)]);
    insertLabel(log, { prediction: 'b', label: 1, source: 'import', at: 0 });
    insertLabel(log, { prediction: 'a', label: 2, source: 'import', at: 0 });
    insertCut(log, { line: 'digits', simulated: false, lastLabel: lastLabelId(log), attempt, at: 0 });
    // What comes later was not accepted, and does not change what was.
    insertLabel(log, { prediction: 'b', label: 7, source: 'import', at: 0 });
    const [cut] = acceptedCuts(log);
    if (cut === undefined) throw new Error('there is a cut');
    expect(acceptedRows(log, cut)).toEqual([
      { labelId: 2, line: 'digits', label: 1, simulated: false, input: Uint8Array.of(1, 2) },
      { labelId: 3, line: 'digits', label: 2, simulated: false, input: Uint8Array.of(1, 2) },
    ]);
  });
});
