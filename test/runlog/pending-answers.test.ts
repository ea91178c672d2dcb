import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { insertCut } from '../../lib/runlog/cuts.ts';
import { insertDriftWindow, judgedWindows } from '../../lib/runlog/drift.ts';
import { findForgettable, forgetPrediction } from '../../lib/runlog/forget.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { pendingAnswers } from '../../lib/runlog/pending-answers.ts';
import { insertLabel, insertPacked, insertPredictions } from '../../lib/runlog/predictions.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from './log.ts';

const path = temporaryFolder();

const ROWS = 5;

let files = 0;
const emptyLog = () => logWithVersion(path(`${++files}.db`));

function ask(log: RunLog, from: number, count: number, simulated = false): void {
  const entries = Array.from({ length: count }, (_, at) => ({
    predictionId: `p${from + at}`,
    input: Uint8Array.of(at),
    predicted: 0,
    probabilities: [1, 0],
  }));
  insertPredictions(log, { line: 'digits', version: 1, simulated, source: 'serve', at: 0 }, entries);
}

/** What a run does: the windows that wait are judged and put on record; returns the last prediction of each. */
function look(log: RunLog, attempt: number, verdict: 'drift' | 'no_drift' = 'no_drift'): string[] {
  const { answers } = pendingAnswers(log, 'digits', 1, { rows: ROWS, windows: 20 });
  const ends: string[] = [];
  for (let at = ROWS; at <= answers.length; at += ROWS) {
    const last = answers[at - 1];
    ends.push(last?.predictionId ?? '');
    const window = { line: 'digits', version: 1, simulated: false, rows: ROWS, digest: `${last?.predictionId}` };
    const more = { last: last?.number ?? null, lastLabel: null, level: 0.01, verdict, tests: [], note: '' };
    insertDriftWindow(log, { ...window, ...more }, { attempt, at: 0 });
  }
  return ends;
}

describe('windows', () => {
  test('are the same whenever somebody looks, and however often', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(13), { minLength: 1, maxLength: 8 }), (batches) => {
        const [often, once] = [emptyLog(), emptyLog()];
        const seen: string[] = [];
        let from = 0;
        for (const count of batches) {
          ask(often.log, from, count);
          ask(once.log, from, count);
          from += count;
          seen.push(...look(often.log, often.attempt), ...look(often.log, often.attempt));
        }
        expect(seen).toEqual(look(once.log, once.attempt));
        often.log.close();
        once.log.close();
      }),
      { numRuns: 30 },
    );
  });

  test('hold what comes after the last ones that were judged have been forgotten', () => {
    const { log, attempt } = emptyLog();
    ask(log, 0, ROWS);
    expect(look(log, attempt)).toEqual(['p4']);
    for (const id of ['p3', 'p4']) {
      const found = findForgettable(log, id);
      if (found !== undefined) forgetPrediction(log, found, 1);
    }
    ask(log, 5, 1);
    const answers = { line: 'digits', version: 1, ids: ['p6'], inputs: null, at: Float64Array.of(1) };
    const packed = { ...answers, predicted: Int32Array.of(0), probabilities: Float32Array.of(1, 0) };
    insertPacked(
      log,
      { line: 'digits', version: 1, simulated: false, source: 'serve' },
      { answers: packed, from: 0, to: 1 },
    );
    const pending = pendingAnswers(log, 'digits', 1, { rows: ROWS, windows: 1 });
    expect(pending.answers.map(({ predictionId }) => predictionId)).toEqual(['p5', 'p6']);
    log.close();
  });

  test('are the newest where more wait than are looked at, and begin where they would have begun', () => {
    const { log } = emptyLog();
    ask(log, 0, 23);
    const { answers, older } = pendingAnswers(log, 'digits', 1, { rows: ROWS, windows: 2 });
    expect(older).toBe(10);
    expect(answers.map(({ predictionId }) => predictionId)).toEqual(
      Array.from({ length: 13 }, (_, at) => `p${10 + at}`),
    );
    expect(answers[0]).toMatchObject({ input: Uint8Array.of(10), predicted: 0, probabilities: [1, 0] });
    log.close();
  });

  test('hold no replayed rows', () => {
    const { log } = emptyLog();
    ask(log, 0, 7, true);
    expect(pendingAnswers(log, 'digits', 1, { rows: ROWS, windows: 2 }).answers).toEqual([]);
    log.close();
  });

  test('have had their effect once a run has learned from feedback', () => {
    const { log, attempt } = emptyLog();
    ask(log, 0, 12);
    look(log, attempt, 'drift');
    expect(judgedWindows(log, 'digits', 1, 20)).toEqual({ real: ['drift', 'drift'], simulated: [] });
    insertCut(log, { line: 'digits', simulated: false, lastLabel: 0, attempt, at: 0 });
    expect(judgedWindows(log, 'digits', 1, 20)).toEqual({ real: [], simulated: [] });
    log.close();
  });
});

test('labels count for a window once, the last of each prediction, from wherever they came', () => {
  const { log, attempt } = emptyLog();
  ask(log, 0, ROWS);
  const label = (prediction: string, value: number): void =>
    insertLabel(log, { prediction, label: value, source: 'serve', at: 0 });
  label('p0', 1);
  label('p1', 0);
  label('p0', 0);
  const pending = () => pendingAnswers(log, 'digits', 1, { rows: ROWS, windows: 2 });
  const { labels, lastLabel } = pending();
  expect([labels, lastLabel]).toEqual([[0, 0], 3]);
  const window = {
    line: 'digits',
    version: 1,
    simulated: false,
    rows: ROWS,
    digest: 'd',
    last: 5,
    lastLabel,
    level: 0.01,
  };
  insertDriftWindow(log, { ...window, verdict: 'no_drift', tests: [], note: '' }, { attempt, at: 0 });
  expect(pending().labels).toEqual([]);
  label('p3', 1);
  expect(pending()).toMatchObject({ answers: [], labels: [1], lastLabel: 4 });
  log.close();
});
