import type { FoldRecord } from '../../domain/records.ts';
import type { RunView } from '../../domain/run-view.ts';
import type { Json, JsonObject } from '../../util/json.ts';

type Trial = RunView['trials'][number];

/**
 * A search's trials in scikit-learn's terms, a list a column, with the times that its results file may not hold:
 * `mean_fit_time` and `std_fit_time` are seconds a fold took to fit and score (population deviation), null where none was.
 */
export function timedResults(trials: readonly Trial[]): JsonObject {
  const candidates = trials.filter(({ reference }) => !reference);
  const names = [...new Set(candidates.flatMap(({ params }) => Object.keys(params)))].sort();
  const folds = Math.max(0, ...candidates.map((trial) => trial.folds.length));
  const column = (of: (trial: Trial) => Json): Json[] => candidates.map(of);
  const columns: Record<string, Json> = { params: column(({ params }) => params) };
  for (const name of names) columns[`param_${name}`] = column(({ params }) => params[name] ?? null);
  for (let fold = 0; fold < folds; fold++) {
    columns[`split${fold}_test_score`] = column((trial) => trial.folds[fold]?.score ?? null);
  }
  columns['mean_test_score'] = column(({ mean }) => mean);
  columns['std_test_score'] = column(({ std }) => std);
  columns['rank_test_score'] = column(({ rank }) => rank);
  columns['mean_fit_time'] = column((trial) => meanSeconds(trial.folds));
  columns['std_fit_time'] = column((trial) => deviationSeconds(trial.folds));
  columns['status'] = column(({ status }) => status);
  return columns;
}

const secondsOf = (folds: readonly FoldRecord[]): number[] =>
  folds.flatMap(({ durationMs, status }) => (status === 'pruned' ? [] : [durationMs / 1000]));

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export function meanSeconds(folds: readonly FoldRecord[]): number | null {
  const seconds = secondsOf(folds);
  return seconds.length === 0 ? null : meanOf(seconds);
}

function deviationSeconds(folds: readonly FoldRecord[]): number | null {
  const seconds = secondsOf(folds);
  if (seconds.length === 0) return null;
  const mean = meanOf(seconds);
  return Math.sqrt(meanOf(seconds.map((value) => (value - mean) ** 2)));
}
