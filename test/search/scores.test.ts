import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scoreCandidates } from '../../lib/search/scores.ts';
import { chooseWinner } from '../../lib/search/winner.ts';

const bestIndex = (scores: ReturnType<typeof scoreCandidates>): number | undefined =>
  chooseWinner({ rule: 'best', scores, sizes: [] });

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

  test('tie where they add up to the same, in whatever order they are rounded', () => {
    const scores = scoreCandidates([
      [0.2, 0.7, 0.4, 0.8],
      [0.9, 0.3, 0.3, 0.6],
    ]);
    expect(scores[0]?.mean).not.toBe(scores[1]?.mean);
    expect(scores.map(({ rank }) => rank)).toEqual([1, 1]);
    expect(bestIndex(scores)).toBe(0);
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

describe('the rule of one standard error', () => {
  const choose = (scores: number[][], weights: number[], epochs: number[] = weights.map(() => 5)): number | undefined =>
    chooseWinner({
      rule: 'oneStandardError',
      scores: scoreCandidates(scores),
      sizes: weights.map((own, index) => ({ weights: own, epochs: epochs[index] ?? 0 })),
    });

  test('takes the simplest candidate that is within one error of the best', () => {
    // The best: mean 0.93, sample deviation 0.03, error 0.03 / √3 = 0.0173, so 0.9127 is the floor.
    const scores = [
      [0.9, 0.91, 0.92],
      [0.91, 0.92, 0.93],
      [0.9, 0.93, 0.96],
    ];
    expect(choose(scores, [10, 50, 100])).toBe(1);
    expect(choose(scores, [10, 200, 100])).toBe(2);
    expect(choose(scores, [10, 100, 100], [5, 3, 5])).toBe(1);
    expect(choose(scores, [10, 100, 100])).toBe(1);
  });

  test('is the best where nothing simpler is near, and undefined where all failed', () => {
    expect(
      choose(
        [
          [0.5, 0.5],
          [0.9, 0.9],
        ],
        [1, 2],
      ),
    ).toBe(1);
    expect(chooseWinner({ rule: 'oneStandardError', scores: scoreCandidates([[null]]), sizes: [] })).toBeUndefined();
  });
});
