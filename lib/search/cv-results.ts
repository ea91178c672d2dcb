import type { Candidate } from '../domain/model.ts';
import type { TrialRecord } from '../domain/records.ts';
import type { Json, JsonObject } from '../util/json.ts';
import type { CandidateScore } from './scores.ts';

/**
 * A search's results in scikit-learn's terms, a list a column: `params`, `param_<name>` (null where a candidate does not
 * have it), `split<i>_test_score`, `mean_test_score`, `std_test_score`, `rank_test_score`,
 * and our `status` (succeeded, failed, pruned). Times are in the run log: results with the same seed are the same bytes.
 */
export function cvResults(
  candidates: readonly Candidate[],
  scores: readonly CandidateScore[],
  trials: readonly Pick<TrialRecord, 'status'>[],
): JsonObject {
  const names = [...new Set(candidates.flatMap((candidate) => Object.keys(candidate)))].sort();
  const folds = scores[0]?.scores.length ?? 0;
  const columns: Record<string, Json> = { params: [...candidates] };
  for (const name of names) columns[`param_${name}`] = candidates.map((candidate) => candidate[name] ?? null);
  for (let fold = 0; fold < folds; fold++) {
    columns[`split${fold}_test_score`] = scores.map((score) => score.scores[fold] ?? null);
  }
  columns['mean_test_score'] = scores.map((score) => score.mean);
  columns['std_test_score'] = scores.map((score) => score.std);
  columns['rank_test_score'] = scores.map((score) => score.rank);
  columns['status'] = candidates.map((_, index) => trials[index]?.status ?? 'failed');
  return columns;
}
