import * as tf from '@tensorflow/tfjs-core';
import { type Failure, failure } from '../../domain/failure.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { type Batch, countCorrect, epochOrder, gatherBatch, oneHot } from '../batches.ts';
import { createEarlyStopping } from '../early-stopping.ts';
import type { EpochMetrics, FitRequest, Fitted, Rows, Weight } from '../engine.ts';
import { rateAt } from '../schedule.ts';
import { initialWeights, outputSize } from '../weights.ts';
import { forward, lossOf } from './network.ts';
import { createOptimizer, type SteppedOptimizer } from './optimizer.ts';

/** How long training may hold the event loop, in milliseconds: progress and cancelling wait for it. */
const YIELD_MS = 100;

/** Rows scored at once after an epoch. */
const SCORE_ROWS = 1000;

interface Fit {
  readonly request: FitRequest;
  readonly weights: readonly Weight[];
  readonly variables: readonly tf.Variable[];
  readonly optimizer: SteppedOptimizer;
  readonly classes: number;
}

/** Fits a model epoch by epoch, with our own order, dropout and stopping, because the library's cannot be seeded. */
export async function fit(request: FitRequest): Promise<Result<Fitted, Failure>> {
  const { spec, hyperparameters } = request;
  const weights = initialWeights(spec, request.seed);
  const variables = weights.map(({ values, shape }) =>
    tf.tidy(() => tf.variable(tf.tensor(values, [...shape], 'float32'))),
  );
  const optimizer = createOptimizer(hyperparameters.optimizer, hyperparameters.learningRate);
  try {
    return await runEpochs({ request, weights, variables, optimizer, classes: outputSize(spec) });
  } finally {
    optimizer.optimizer.dispose();
    for (const variable of variables) variable.dispose();
  }
}

async function runEpochs(fitting: Fit): Promise<Result<Fitted, Failure>> {
  const { request } = fitting;
  const { epochs, patience, schedule, learningRate } = request.hyperparameters;
  const watch = createEarlyStopping(patience);
  const history: EpochMetrics[] = [];
  let kept: { readonly epoch: number; readonly values: readonly Float32Array[] } | undefined;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    fitting.optimizer.setRate(rateAt(schedule, learningRate, { epoch, epochs }));
    const trained = await trainEpoch(fitting, epoch);
    if (!trained.ok) return trained;
    const validation = request.validation === undefined ? undefined : score(fitting, request.validation);
    const metrics: EpochMetrics = {
      epoch,
      ...trained.value,
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
    };
    if (validation !== undefined && !Number.isFinite(validation.loss)) {
      return err(failure('TRAIN_DIVERGED', { epoch, loss: String(validation.loss), learningRate }));
    }
    history.push(metrics);
    request.onEpoch?.(metrics);
    const verdict = watch(metrics.validationLoss ?? metrics.loss);
    // Without patience nothing is restored: the last epoch's weights are the model.
    if (patience > 0 && verdict.isBest) kept = { epoch, values: read(fitting) };
    if (verdict.stop) break;
  }
  const values = kept?.values ?? read(fitting);
  const keptEpoch = kept?.epoch ?? history.length;
  // The very last step may have gone too far, and no loss was taken after it.
  const broken = values.flatMap((array) => array.find((value) => !Number.isFinite(value)) ?? [])[0];
  if (broken !== undefined)
    return err(failure('TRAIN_DIVERGED', { epoch: keptEpoch, loss: String(broken), learningRate }));
  return ok({
    weights: fitting.weights.map((weight, index) => ({ ...weight, values: values[index] as Float32Array })),
    history,
    keptEpoch,
  });
}

const read = ({ variables }: Fit): Float32Array[] =>
  variables.map((variable) => Float32Array.from(variable.dataSync<'float32'>()));

interface Trained {
  readonly loss: number;
  readonly accuracy: number;
}

async function trainEpoch(fitting: Fit, epoch: number): Promise<Result<Trained, Failure>> {
  const { request, classes } = fitting;
  const { train, transform, seed, hyperparameters } = request;
  const order = epochOrder(train.count, seed, epoch);
  const size = hyperparameters.batch;
  const stepsBefore = (epoch - 1) * Math.ceil(train.count / size);
  let [loss, correct] = [0, 0];
  let yieldedAt = performance.now();
  for (let from = 0, step = 0; from < order.length; from += size, step++) {
    const batch = gatherBatch(train, order, { from, size, transform });
    const done = trainStep(fitting, batch, stepsBefore + step);
    if (!Number.isFinite(done.loss)) {
      const { learningRate } = hyperparameters;
      return err(failure('TRAIN_DIVERGED', { epoch, loss: String(done.loss), learningRate }));
    }
    loss += done.loss * batch.count;
    correct += countCorrect(done.outputs, batch.labels, classes);
    if (performance.now() - yieldedAt > YIELD_MS) {
      request.onBatch?.(epoch, (from + batch.count) / order.length);
      await new Promise((resolve) => setImmediate(resolve));
      yieldedAt = performance.now();
      if (request.signal?.aborted) return err(failure('STAGE_INTERRUPTED', {}));
    }
  }
  return ok({ loss: loss / train.count, accuracy: correct / train.count });
}

function trainStep(
  fitting: Fit,
  batch: Batch,
  step: number,
): { readonly loss: number; readonly outputs: Float32Array } {
  const { request, variables, optimizer, classes } = fitting;
  const { spec, seed } = request;
  return tf.tidy(() => {
    const inputs = tf.tensor2d(batch.inputs, [batch.count, batch.inputs.length / batch.count]);
    const targets = tf.tensor2d(oneHot(batch.labels, classes), [batch.count, classes]);
    let answered: tf.Tensor2D | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const passed = forward(spec, variables, { inputs, dropout: { seed, step } });
      answered = tf.keep(passed.logits.clone());
      return lossOf(spec, variables, { ...passed, targets });
    }, [...variables]);
    optimizer.optimizer.applyGradients(grads);
    const outputs = answered?.dataSync<'float32'>() ?? new Float32Array(0);
    answered?.dispose();
    return { loss: value.dataSync()[0] as number, outputs };
  });
}

/** Mean loss, without what L2 adds, and accuracy over rows the fit does not learn from. */
function score({ request, variables, classes }: Fit, rows: Rows): Trained {
  const { spec, transform } = request;
  const plain = { ...spec, layers: spec.layers.map((layer) => (layer.type === 'dense' ? { ...layer, l2: 0 } : layer)) };
  const order = Int32Array.from({ length: rows.count }, (_, row) => row);
  let [loss, correct] = [0, 0];
  for (let from = 0; from < rows.count; from += SCORE_ROWS) {
    const batch = gatherBatch(rows, order, { from, size: SCORE_ROWS, transform });
    const scored = tf.tidy(() => {
      const inputs = tf.tensor2d(batch.inputs, [batch.count, batch.inputs.length / batch.count]);
      const targets = tf.tensor2d(oneHot(batch.labels, classes), [batch.count, classes]);
      const passed = forward(plain, variables, { inputs, dropout: undefined });
      const value = lossOf(plain, variables, { ...passed, targets }).dataSync()[0] as number;
      return { value, outputs: passed.outputs.dataSync<'float32'>() };
    });
    loss += scored.value * batch.count;
    correct += countCorrect(scored.outputs, batch.labels, classes);
  }
  return { loss: loss / rows.count, accuracy: correct / rows.count };
}
