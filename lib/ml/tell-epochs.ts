import type { MetricRecord } from '../domain/records.ts';
import type { LogLevel, Progress } from '../domain/stage.ts';
import type { EpochMetrics, FitRequest } from './engine.ts';

/** Where a fit's progress goes: a stage's context has both. */
export interface EpochListener {
  log(text: string, level?: LogLevel): void;
  progress(progress: Progress): void;
  metric(name: string, value: number, where?: Omit<MetricRecord, 'name' | 'value'>): void;
}

/** Tells a fit epoch by epoch: metrics with a step for the record, progress for who watches. */
export function tellEpochs(
  listener: EpochListener,
  { model, epochs }: { readonly model: string; readonly epochs: number },
): Required<Pick<FitRequest, 'onEpoch' | 'onBatch'>> {
  let detail = '';
  return {
    onEpoch: (metrics) => {
      const { epoch: step, loss, accuracy, validationLoss, validationAccuracy } = metrics;
      const tell = (split: string, name: string, value: number | null): void => {
        if (value !== null) listener.metric(name, value, { model, split, step });
      };
      tell('train', 'loss', loss);
      tell('train', 'accuracy', accuracy);
      tell('validation', 'loss', validationLoss);
      tell('validation', 'accuracy', validationAccuracy);
      detail = describe(metrics);
      listener.log(`${model}: epoch ${step}/${epochs}  ${detail}`, 'detail');
      listener.progress({ label: 'epoch', current: step, total: epochs, detail });
    },
    onBatch: (epoch, share) =>
      listener.progress({
        label: 'epoch',
        current: epoch - 1 + share,
        total: epochs,
        ...(detail === '' ? {} : { detail }),
      }),
  };
}

/** The numbers that say most: of rows not learned from, where there are any. */
function describe({ loss, accuracy, validationLoss, validationAccuracy }: EpochMetrics): string {
  const shown = (value: number): string => value.toFixed(4);
  return `loss ${shown(validationLoss ?? loss)}  accuracy ${shown(validationAccuracy ?? accuracy)}`;
}
