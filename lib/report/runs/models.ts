import type { MetricView, RunView } from '../../domain/run-view.ts';
import type { SummaryModel } from '../../domain/summary.ts';

/** The models a run speaks of, in the order it first named them. */
export function modelsOf({ metrics, trials }: Pick<RunView, 'metrics' | 'trials'>): SummaryModel[] {
  const names = [...new Set(metrics.flatMap(({ model }) => (model === undefined ? [] : [model])))];
  const winner = trials.find((trial) => trial.winner);
  return names.map((name) => {
    const value = (metric: string, split: string): number | null => {
      const found = metrics.filter(
        (one) => isOverall(one) && one.model === name && one.name === metric && one.split === split,
      );
      const last = found.at(-1)?.value;
      return typeof last === 'number' ? last : null;
    };
    const mean = value('accuracy', 'cv');
    const accuracy = value('accuracy', 'test');
    const isWinner = winner !== undefined && mean !== null && mean === winner.mean && name !== names[0];
    return {
      name,
      cv: mean === null ? null : { mean, std: value('accuracyStd', 'cv') },
      test: accuracy === null ? null : { accuracy, macroF1: value('macroF1', 'test') },
      params: isWinner ? winner.params : null,
    };
  });
}

/** The last value of everything that speaks of a whole model or stage: of what has epochs, that of the last one. */
export function lastValues(metrics: readonly MetricView[]): MetricView[] {
  const last = new Map<string, MetricView>();
  for (const metric of metrics) {
    const { stage, name, model, split, fold, label } = metric;
    if (fold === undefined && label === undefined) last.set(JSON.stringify([stage, name, model, split]), metric);
  }
  return [...last.values()];
}

/** True for a number that speaks of a whole model: no epoch, fold or class of its own. */
export const isOverall = ({ step, fold, label }: Pick<MetricView, 'step' | 'fold' | 'label'>): boolean =>
  step === undefined && fold === undefined && label === undefined;
