import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { giveLabels } from '../../lib/registry/give-labels.ts';
import { countLabelledSince, countWithoutInput, lastLabelId, lastLabelOf } from '../../lib/runlog/feedback.ts';
import { findForgettable, forgetPrediction } from '../../lib/runlog/forget.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { insertPredictions } from '../../lib/runlog/predictions.ts';
import { countUnmatched } from '../../lib/runlog/unmatched-labels.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from '../runlog/log.ts';

const path = temporaryFolder();
let log: RunLog;

beforeEach(() => {
  ({ log } = logWithVersion(path('runs.db')));
});
afterEach(() => log.close());

const CLASSES = ['zero', 'one', 'two'];
const predict = (ids: readonly string[], more: { simulated?: boolean; input?: Uint8Array | null } = {}) => {
  const { simulated = false, input = Uint8Array.of(1) } = more;
  const batch = { line: 'digits', version: 1, simulated, source: 'serve', at: 5, classes: CLASSES };
  const entries = ids.map((predictionId) => ({ predictionId, input, predicted: 0, probabilities: [1, 0, 0] }));
  return log.atomically(() => insertPredictions(log, batch, entries));
};
const give = (...pairs: readonly (readonly [string, string])[]) =>
  log.atomically(() =>
    giveLabels(
      log,
      pairs.map(([prediction, label]) => ({ prediction, label })),
      { classesOf: () => CLASSES, source: 'serve', at: 9 },
    ),
  );

test('a first label is recorded, another one changes it, the same again is kept; the last counts', () => {
  predict(['p']);
  expect(give(['p', 'one'], ['p', 'two'], ['p', 'two'])).toEqual({
    ok: true,
    value: ['recorded', 'changed', 'repeated'],
  });
  expect(log.prepare('SELECT label, source, at FROM label ORDER BY id').all()).toEqual([
    { label: 1, source: 'serve', at: 9 },
    { label: 2, source: 'serve', at: 9 },
    { label: 2, source: 'serve', at: 9 },
  ]);
  expect(lastLabelOf(log, 'p')).toBe(2);
});

test('one wrong label keeps the others out, and every wrong one is named', () => {
  predict(['p']);
  predict(['s'], { simulated: true });
  expect(give(['p', 'one'], ['p', 'seven'], ['s', 'one'], ['nobody', 'one'])).toEqual({
    ok: false,
    failure: [
      { index: 1, problem: "label 'seven' is no class; the classes are zero, one, two" },
      { index: 2, problem: "prediction 's' is a simulated one; it has its label" },
    ],
  });
  expect([lastLabelId(log), countUnmatched(log)]).toEqual([0, 0]);
});

describe('a label that comes before its prediction', () => {
  test('waits, and joins it with the time it was given, the last one counting', () => {
    expect(give(['p', 'one'], ['other', 'one'], ['p', 'two'])).toEqual({
      ok: true,
      value: ['unknown', 'unknown', 'unknown'],
    });
    expect(predict(['p', 'q'])).toEqual({ added: 2, known: 0, forgotten: 0, joined: 2 });
    expect(log.prepare('SELECT prediction, label, at FROM label ORDER BY id').all()).toEqual([
      { prediction: 'p', label: 1, at: 9 },
      { prediction: 'p', label: 2, at: 9 },
    ]);
    expect(countUnmatched(log)).toBe(1);
  });

  test('and is no class of the model that answered stays apart', () => {
    give(['p', 'seven']);
    expect(predict(['p'])).toEqual({ added: 1, known: 0, forgotten: 0, joined: 0 });
    expect([lastLabelId(log), countUnmatched(log)]).toEqual([0, 1]);
  });
});

test('a label says something new where it is another one and its input is on record', () => {
  predict(['p']);
  predict(['bare'], { input: null });
  give(['p', 'one'], ['bare', 'one']);
  expect(countLabelledSince(log, 'digits', 0)).toEqual({ real: 1, simulated: 0 });
  const cut = lastLabelId(log);
  give(['p', 'one']);
  expect(countLabelledSince(log, 'digits', cut)).toEqual({ real: 0, simulated: 0 });
  give(['p', 'two']);
  expect(countLabelledSince(log, 'digits', cut)).toEqual({ real: 1, simulated: 0 });
  expect(countWithoutInput(log, 'digits')).toBe(1);
});

test('what was forgotten takes no label and does not come back', () => {
  predict(['p']);
  const known = findForgettable(log, 'p');
  if (known === undefined) throw new Error('it is on record');
  log.atomically(() => forgetPrediction(log, known, 7));
  expect(give(['p', 'one'])).toEqual({ ok: true, value: ['forgotten'] });
  expect(predict(['p', 'q', 'q'])).toEqual({ added: 1, known: 1, forgotten: 1, joined: 0 });
  expect(log.prepare('SELECT id FROM prediction').pluck().all()).toEqual(['q']);
  expect([lastLabelId(log), countUnmatched(log)]).toEqual([0, 0]);
});
