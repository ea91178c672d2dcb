import { expect, test } from 'vitest';
import { cvResults } from '../../lib/search/cv-results.ts';
import { scoreCandidates } from '../../lib/search/scores.ts';
import { searchPoints } from '../../lib/search/search-points.ts';

test('results in scikit-learn’s columns are read back as points', () => {
  const candidates = [{ hidden: [64] }, { hidden: [100], activation: 'tanh' }];
  const results = cvResults(
    candidates,
    scoreCandidates([
      [0.5, 0.7],
      [null, 0.9],
    ]),
    [{ status: 'succeeded' }, { status: 'pruned' }],
  );
  expect(results).toEqual({
    params: candidates,
    param_activation: [null, 'tanh'],
    param_hidden: [[64], [100]],
    split0_test_score: [0.5, null],
    split1_test_score: [0.7, 0.9],
    mean_test_score: [0.6, null],
    std_test_score: [expect.closeTo(0.1, 12), null],
    rank_test_score: [1, 2],
    status: ['succeeded', 'pruned'],
  });
  expect(searchPoints({ ...results, folds: 2, best_index: 0 })).toEqual({
    folds: 2,
    points: [
      {
        name: 'hidden [64]',
        mean: 0.6,
        std: expect.closeTo(0.1, 12),
        folds: [0.5, 0.7],
        status: 'succeeded',
        isWinner: true,
      },
      {
        name: 'hidden [100], activation tanh',
        mean: null,
        std: null,
        folds: [null, 0.9],
        status: 'pruned',
        isWinner: false,
      },
    ],
  });
});
