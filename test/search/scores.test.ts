import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestIndex, scoreCandidates } from '../../lib/search/scores.ts';

describe('scores over folds', () => {
  test('are a mean and a population deviation, as scikit-learn has them', () => {
    const [score] = scoreCandidates([[0.9, 0.8, 1]]);
    expect(score?.mean).toBeCloseTo(0.9, 12);
    // sqrt(((0)² + (0.1)² + (0.1)²) / 3)
    expect(score?.std).toBeCloseTo(Math.sqrt(0.02 / 3), 12);
  });

  test('that tie share a rank, and the first of them wins', () => {
    const scores = scoreCandidates([[0.5], [0.9], [0.9], [0.7]]);
    expect(scores.map(({ rank }) => rank)).toEqual([4, 1, 1, 3]);
    expect(bestIndex(scores)).toBe(1);
  });

  test('of a candidate that failed on one fold are no mean, and it comes last', () => {
    const scores = scoreCandidates([
      [null, 0.99],
      [0.1, 0.1],
    ]);
    expect(scores.map(({ mean, std, rank }) => [mean, std, rank])).toEqual([
      [null, null, 2],
      [0.1, 0, 1],
    ]);
    expect(bestIndex(scores)).toBe(1);
  });

  test('of candidates that all failed have no winner', () => {
    expect(bestIndex(scoreCandidates([[null], [null]]))).toBeUndefined();
  });

  test('rank by counting those that are better, for any scores', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 }), (values) => {
        const scores = scoreCandidates(values.map((value) => [value]));
        expect(scores.map(({ rank }) => rank)).toEqual(
          values.map((own) => 1 + values.filter((other) => other > own).length),
        );
        expect(bestIndex(scores)).toBe(values.indexOf(Math.max(...values)));
      }),
    );
  });
});
