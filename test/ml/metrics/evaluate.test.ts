import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confusionMatrix, countAt, predictedClasses } from '../../../lib/ml/metrics/confusion.ts';
import { evaluateAnswers } from '../../../lib/ml/metrics/evaluate.ts';
import { classScores, macro } from '../../../lib/ml/metrics/per-class.ts';

/**
 * Ten rows of three classes, worked by hand. Actual 0: 4 rows, of which 3 right and 1 taken for 1. Actual 1: 3 rows, 2
 * right and 1 taken for 0. Actual 2: 3 rows, 2 right and 1 taken for 1.
 */
const ACTUAL = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 2, 2, 2);
const PREDICTED = Int32Array.of(0, 0, 0, 1, 1, 1, 0, 2, 2, 1);

describe('a table worked by hand', () => {
  const matrix = confusionMatrix(ACTUAL, PREDICTED, 3);
  const scores = classScores(matrix);

  test('has actual classes as rows and predicted ones as columns', () => {
    expect([...matrix.counts]).toEqual([3, 1, 0, 1, 2, 0, 0, 1, 2]);
    expect(countAt(matrix, 2, 1)).toBe(1);
  });

  test('has precision, recall and F1 by class', () => {
    expect(scores.map(({ precision }) => precision)).toEqual([3 / 4, 2 / 4, 2 / 2]);
    expect(scores.map(({ recall }) => recall)).toEqual([3 / 4, 2 / 3, 2 / 3]);
    expect(scores[0]?.f1).toBeCloseTo(3 / 4, 12);
    expect(scores[1]?.f1).toBeCloseTo(4 / 7, 12);
    expect(scores[2]?.f1).toBeCloseTo(4 / 5, 12);
    expect(scores.map(({ support }) => support)).toEqual([4, 3, 3]);
  });

  test('has their unweighted means', () => {
    expect(macro(scores, ({ precision }) => precision)).toBeCloseTo(3 / 4, 12);
    expect(macro(scores, ({ f1 }) => f1)).toBeCloseTo((3 / 4 + 4 / 7 + 4 / 5) / 3, 12);
  });
});

describe('at the edge', () => {
  test('a class nobody predicts has precision 0, one without rows recall 0, and neither is NaN', () => {
    const scores = classScores(confusionMatrix(Int32Array.of(0, 1), Int32Array.of(0, 0), 3));
    expect(scores.map(({ precision, recall, f1 }) => [precision, recall, f1])).toEqual([
      [1 / 2, 1, 2 / 3],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    // A class without rows says nothing about the model, so the mean leaves it out.
    expect(macro(scores, ({ recall }) => recall)).toBe(1 / 2);
  });

  test('of equal probabilities the first class is predicted', () => {
    expect([...predictedClasses(Float32Array.of(0.4, 0.4, 0.2, 0, 0.5, 0.5), 3)]).toEqual([0, 1]);
  });

  test('no rows give zeros', () => {
    const none = evaluateAnswers(new Int32Array(0), new Float32Array(0), 3);
    expect([none.accuracy, none.logLoss, none.macroF1, none.calibrationError]).toEqual([0, 0, 0, 0]);
  });
});

const CLASSES = 4;
const answers = fc
  .array(
    fc.record({
      label: fc.nat(CLASSES - 1),
      // Whole parts of the sum, so that probabilities are exact enough to compare.
      parts: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: CLASSES, maxLength: CLASSES }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((rows) => ({
    actual: Int32Array.from(rows, ({ label }) => label),
    probabilities: Float32Array.from(
      rows.flatMap(({ parts }) => {
        const sum = parts.reduce((total, part) => total + part, 0);
        return parts.map((part) => part / sum);
      }),
    ),
  }));

describe('by an independent formula, for any answers', () => {
  test('accuracy, precision, recall and F1 from sets of rows', () => {
    fc.assert(
      fc.property(answers, ({ actual, probabilities }) => {
        const { accuracy, perClass, predicted } = evaluateAnswers(actual, probabilities, CLASSES);
        const rows = [...actual.keys()];
        expect(accuracy).toBeCloseTo(rows.filter((row) => actual[row] === predicted[row]).length / rows.length, 12);
        perClass.forEach(({ f1, precision, recall }, label) => {
          const is = new Set(rows.filter((row) => actual[row] === label));
          const called = new Set(rows.filter((row) => predicted[row] === label));
          const hits = [...is].filter((row) => called.has(row)).length;
          // Dice: 2·|A ∩ B| / (|A| + |B|) is F1 without precision or recall.
          expect(f1).toBeCloseTo(is.size + called.size === 0 ? 0 : (2 * hits) / (is.size + called.size), 12);
          expect(precision).toBeCloseTo(called.size === 0 ? 0 : hits / called.size, 12);
          expect(recall).toBeCloseTo(is.size === 0 ? 0 : hits / is.size, 12);
        });
      }),
    );
  });

  test('log loss as the logarithm of the likelihood’s geometric mean', () => {
    fc.assert(
      fc.property(answers, ({ actual, probabilities }) => {
        const likelihood = actual.reduce(
          (product, label, row) => product * (probabilities[row * CLASSES + label] ?? 0),
          1,
        );
        const { logLoss } = evaluateAnswers(actual, probabilities, CLASSES);
        // Forty factors of at least 1/151 stay far above the smallest double.
        expect(logLoss).toBeCloseTo(-Math.log(likelihood ** (1 / actual.length)), 6);
      }),
    );
  });

  test('calibration error from the signed gaps of its bands', () => {
    fc.assert(
      fc.property(answers, ({ actual, probabilities }) => {
        const { calibrationError, predicted } = evaluateAnswers(actual, probabilities, CLASSES);
        const gaps = new Map<number, number>();
        actual.forEach((label, row) => {
          const sure = probabilities[row * CLASSES + (predicted[row] ?? 0)] ?? 0;
          const band = Math.min(14, Math.ceil(sure * 15) - 1);
          gaps.set(band, (gaps.get(band) ?? 0) + (label === predicted[row] ? 1 : 0) - sure);
        });
        const expected = [...gaps.values()].reduce((sum, gap) => sum + Math.abs(gap), 0) / actual.length;
        expect(calibrationError).toBeCloseTo(expected, 9);
      }),
    );
  });
});

test('a sure mistake costs much, but not infinitely', () => {
  const { logLoss } = evaluateAnswers(Int32Array.of(1), Float32Array.of(1, 0), 2);
  expect(logLoss).toBeCloseTo(-Math.log(1e-7), 6);
});

test('answers that are as often right as they say have no calibration error', () => {
  const actual = Int32Array.of(0, 0, 0, 0, 1);
  const probabilities = Float32Array.from(Array.from({ length: 5 }, () => [0.8, 0.2]).flat());
  expect(evaluateAnswers(actual, probabilities, 2).calibrationError).toBeCloseTo(0, 6);
});
