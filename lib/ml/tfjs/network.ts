import * as tf from '@tensorflow/tfjs-core';
import type { Activation, LayerSpec, ModelSpec } from '../../domain/model.ts';
import { assertNever } from '../../util/assert-never.ts';
import { createRng } from '../../util/rng.ts';
import { childSeed } from '../../util/seed.ts';

/** The training step a dropout mask is for; without one nothing is dropped. */
export interface DropoutStep {
  readonly seed: number;
  readonly step: number;
}

/** What the last layer gives before and after its activation. */
export interface Outputs {
  readonly logits: tf.Tensor2D;
  readonly outputs: tf.Tensor2D;
}

/** The forward pass: Z = X·W + b, A = f(Z) for each dense layer; rows are samples. `weights` are kernel, bias, kernel, … */
export function forward(
  spec: ModelSpec,
  weights: readonly tf.Tensor[],
  { inputs, dropout }: { readonly inputs: tf.Tensor2D; readonly dropout: DropoutStep | undefined },
): Outputs {
  let signal = inputs;
  let logits = inputs;
  let used = 0;
  spec.layers.forEach((layer, index) => {
    if (layer.type === 'dense') {
      const kernel = weights[used] as tf.Tensor2D;
      const bias = weights[used + 1] as tf.Tensor1D;
      used += 2;
      logits = tf.add(tf.matMul(signal, kernel), bias);
      signal = activate(layer.activation, logits);
    } else if (dropout !== undefined) signal = drop(signal, layer, { ...dropout, index });
  });
  return { logits, outputs: signal };
}

function activate(activation: Activation, x: tf.Tensor2D): tf.Tensor2D {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return tf.relu(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'tanh':
      return tf.tanh(x);
    case 'softmax':
      return tf.softmax(x);
    default:
      return assertNever(activation);
  }
}

type DropoutLayer = Extract<LayerSpec, { readonly type: 'dropout' }>;

/** Inverted dropout (Srivastava et al., 2014). The library's own would draw one and the same mask at every step. */
function drop(x: tf.Tensor2D, { rate }: DropoutLayer, at: DropoutStep & { readonly index: number }): tf.Tensor2D {
  if (rate === 0) return x;
  const rng = createRng(childSeed(at.seed, `dropout/${at.index}/${at.step}`));
  const kept = 1 / (1 - rate);
  const mask = Float32Array.from({ length: x.size }, () => (rng.next() < rate ? 0 : kept));
  return tf.mul(x, tf.tensor2d(mask, x.shape));
}

/** Mean over the rows of the model's loss, with its L2 terms. `targets` is rows x outputs. */
export function lossOf(
  spec: ModelSpec,
  weights: readonly tf.Tensor[],
  { logits, outputs, targets }: Outputs & { readonly targets: tf.Tensor2D },
): tf.Scalar {
  const data = spec.loss === 'softmaxCrossEntropy' ? crossEntropy(logits, targets) : squaredError(outputs, targets);
  const dense = spec.layers.filter((layer) => layer.type === 'dense');
  return dense.reduce((loss, { l2 = 0 }, index) => {
    if (l2 === 0) return loss;
    const kernel = weights[2 * index] as tf.Tensor2D;
    return tf.add(loss, tf.mul(l2, tf.sum(tf.square(kernel)))) as tf.Scalar;
  }, data);
}

/** −Σ y·log softmax(z), from the logits: the logarithm of a softmax that came out as 0 would be infinite. */
function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)));
}

/** ½ Σ (a − y)², whose gradient by a is a − y. */
function squaredError(outputs: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.mul(0.5, tf.sum(tf.squaredDifference(outputs, targets), 1)));
}
