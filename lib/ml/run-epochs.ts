import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import { rowWidth } from './batches.ts';
import { createEarlyStopping } from './early-stopping.ts';
import type { EpochMetrics, FitRequest, Fitted, Rows, Score, Weight } from './engine.ts';
import { rateAt } from './schedule.ts';

/** What an engine has to do for a fit; when to do it, and when to stop, is the same for all. */
export interface EpochTrainer {
  /** One pass over the training rows. */
  train(epoch: number, rate: number): Promise<Result<Score, Failure>>;
  /** Mean loss, without what L2 adds, and accuracy over rows the fit does not learn from. */
  score(rows: Rows): Promise<Score>;
  /** The weights as they are, copied. */
  read(): readonly Weight[];
}

/** Fits epoch by epoch, with our own order, dropout and stopping, because a library's cannot be seeded. */
export async function runEpochs(request: FitRequest, trainer: EpochTrainer): Promise<Result<Fitted, Failure>> {
  const { epochs, patience, schedule, learningRate } = request.hyperparameters;
  const watch = createEarlyStopping(patience);
  const history: EpochMetrics[] = [];
  let kept: { readonly epoch: number; readonly weights: readonly Weight[] } | undefined;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const trained = await trainer.train(epoch, rateAt(schedule, learningRate, { epoch, epochs }));
    if (!trained.ok) return trained;
    const validation = request.validation === undefined ? undefined : await trainer.score(request.validation);
    if (validation !== undefined && !Number.isFinite(validation.loss)) {
      return err(diverged(request, epoch, validation.loss));
    }
    const metrics: EpochMetrics = {
      epoch,
      ...trained.value,
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
    };
    history.push(metrics);
    request.onEpoch?.(metrics);
    if (request.weightsAfter?.epochs.includes(epoch)) {
      const now = trainer.read();
      if (brokenWeight(now) === undefined) request.weightsAfter.take(epoch, now);
    }
    const verdict = watch(metrics.validationLoss ?? metrics.loss);
    // Without patience nothing is restored: the last epoch's weights are the model.
    if (patience > 0 && verdict.isBest) kept = { epoch, weights: trainer.read() };
    if (verdict.stop) break;
  }
  const weights = kept?.weights ?? trainer.read();
  const keptEpoch = kept?.epoch ?? history.length;
  // The very last step may have gone too far, and no loss was taken after it.
  const broken = brokenWeight(weights);
  return broken === undefined ? ok({ weights, history, keptEpoch }) : err(diverged(request, keptEpoch, broken));
}

function brokenWeight(weights: readonly Weight[]): number | undefined {
  // A plain loop: every fit of a search ends with it, and a function called for each number takes three times as long.
  for (const { values } of weights) {
    for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at])) return values[at];
  }
  return undefined;
}

/** A loss that is no number: the data's fault where they hold none, else the learning rate's. */
export function diverged(request: FitRequest, epoch: number, loss: number): Failure {
  return (
    brokenValue(request.train) ??
    failure('TRAIN_DIVERGED', { epoch, loss: String(loss), learningRate: request.hyperparameters.learningRate })
  );
}

function brokenValue(rows: Rows): Failure | undefined {
  if (rows.file !== undefined && rows.file.type !== 'float32') return undefined;
  const { inputs, chosen } = rows;
  if (!(inputs instanceof Float32Array)) return undefined;
  const width = rowWidth(rows);
  for (let at = 0; at < rows.count; at++) {
    const row = chosen === undefined ? at : (chosen[at] as number);
    const values = inputs.subarray(row * width, (row + 1) * width);
    const column = values.findIndex((value) => !Number.isFinite(value));
    if (column >= 0) return failure('TRAIN_BAD_VALUE', { row, column, value: String(values[column]) });
  }
  return undefined;
}
