import type { Tensor2D, Variable } from '@tensorflow/tfjs-core';
import { type Failure, failure } from '../../domain/failure.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { type Batch, countCorrect, epochOrder, gatherBatch } from '../batches.ts';
import type { FitRequest, Fitted, Score, Weight } from '../engine.ts';
import { outputSize } from '../layer-shapes.ts';
import { diverged, runEpochs } from '../run-epochs.ts';
import { initialWeights, weightSpecs } from '../weights.ts';
import type { Tf } from './backend.ts';
import { type Moments, moved } from './batch-normalization.ts';
import { forward, lossOf } from './network.ts';
import { createOptimizer, type SteppedOptimizer } from './optimizer.ts';
import { batchTensors, score } from './score.ts';

/** How long training may hold the event loop, in milliseconds: progress and cancelling wait for it. */
const YIELD_MS = 100;

interface Fit {
  readonly tf: Tf;
  readonly request: FitRequest;
  readonly variables: ReadonlyMap<string, Variable>;
  /** Those that are learned. */
  readonly learned: readonly Variable[];
  readonly optimizer: SteppedOptimizer;
  readonly classes: number;
}

export async function fitWithTfjs(tf: Tf, request: FitRequest): Promise<Result<Fitted, Failure>> {
  const { spec, hyperparameters } = request;
  const weights = initialWeights(spec, request.seed);
  const isTrained = new Map(weightSpecs(spec).map((weight) => [weight.name, weight.isTrained]));
  const variables = new Map(
    weights.map(({ name, values, shape }) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(values, [...shape], 'float32'))),
    ]),
  );
  const learned = [...variables].flatMap(([name, variable]) => (isTrained.get(name) ? [variable] : []));
  const optimizer = createOptimizer(tf, hyperparameters.optimizer, hyperparameters.learningRate);
  const fitting: Fit = { tf, request, variables, learned, optimizer, classes: outputSize(spec) };
  try {
    return await runEpochs(request, {
      train: (epoch, rate) => {
        optimizer.setRate(rate);
        return trainEpoch(fitting, epoch);
      },
      score: async (rows) => score(tf, { ...request, arrays: variables, rows }),
      read: () => read(fitting, weights),
    });
  } finally {
    optimizer.optimizer.dispose();
    for (const variable of variables.values()) variable.dispose();
  }
}

const read = ({ variables }: Fit, weights: readonly Weight[]): Weight[] =>
  weights.map((weight) => {
    const values = variables.get(weight.name)?.dataSync<'float32'>() ?? [];
    return { ...weight, values: Float32Array.from(values) };
  });

async function trainEpoch(fitting: Fit, epoch: number): Promise<Result<Score, Failure>> {
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
    if (!Number.isFinite(done.loss)) return err(diverged(request, epoch, done.loss));
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
  { tf, request, variables, learned, optimizer, classes }: Fit,
  batch: Batch,
  step: number,
): { readonly loss: number; readonly outputs: Float32Array } {
  const { spec, seed } = request;
  return tf.tidy(() => {
    const { inputs, targets } = batchTensors(tf, batch, classes);
    const seen = new Map<string, Moments>();
    const onMoments = (layer: string, { mean, variance }: Moments): void => {
      seen.set(layer, { mean: tf.keep(mean.clone()), variance: tf.keep(variance.clone()) });
    };
    let answered: Tensor2D | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const training = { dropout: { seed, step }, onMoments };
      const passed = forward(tf, spec, { arrays: variables, inputs, training });
      answered = tf.keep(passed.logits.clone());
      return lossOf(tf, spec, { ...passed, arrays: variables, targets });
    }, [...learned]);
    optimizer.optimizer.applyGradients(grads);
    for (const [layer, { mean, variance }] of seen) {
      move(`${layer}/moving_mean`, mean);
      move(`${layer}/moving_variance`, variance);
    }
    const outputs = answered?.dataSync<'float32'>() ?? new Float32Array(0);
    answered?.dispose();
    return { loss: value.dataSync()[0] as number, outputs };
  });

  function move(name: string, now: Moments['mean']): void {
    const moving = variables.get(name);
    moving?.assign(moved(tf, moving, now));
    now.dispose();
  }
}
