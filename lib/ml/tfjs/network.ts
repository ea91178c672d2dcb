import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Activation, ModelSpec } from '../../domain/model.ts';
import { assertNever } from '../../util/assert-never.ts';
import { dropoutMask, keptFactor } from '../dropout.ts';
import { type PlacedLayer, placeLayers, shapeSize } from '../layer-shapes.ts';
import type { Tf } from './backend.ts';
import { batchNormalization, type Moments, normalise } from './batch-normalization.ts';

/** What only a training step has: without `dropout` nothing is dropped. */
export interface TrainingStep {
  readonly dropout: { readonly seed: number; readonly step: number } | undefined;
  /** Told the mean and variance of every batch that is normalised. */
  readonly onMoments?: (layer: string, moments: Moments) => void;
}

/** What the last layer gives before and after its activation. */
export interface Outputs {
  readonly logits: Tensor2D;
  readonly outputs: Tensor2D;
}

/** A model's arrays by name. */
export type Arrays = ReadonlyMap<string, Tensor>;

/** The forward pass; rows are samples. `inputs` is rows x values, scaled. */
export function forward(
  tf: Tf,
  spec: ModelSpec,
  { arrays, inputs, training }: { arrays: Arrays; inputs: Tensor2D; training: TrainingStep | undefined },
): Outputs {
  let signal: Tensor = tf.reshape(inputs, [inputs.shape[0], ...spec.input]);
  let logits: Tensor = signal;
  for (const layer of placeLayers(spec)) {
    const entered = tf.reshape(signal, [inputs.shape[0], ...entryShape(layer)]);
    logits = applyLayer(tf, layer, { signal: entered, arrays, training });
    signal = 'activation' in layer.spec ? activate(tf, layer.spec.activation, logits) : logits;
  }
  return { logits: logits as Tensor2D, outputs: signal as Tensor2D };
}

const entryShape = ({ spec, input }: PlacedLayer): readonly number[] =>
  spec.type === 'dense' || spec.type === 'flatten' ? [shapeSize(input)] : input;

interface LayerInputs {
  readonly signal: Tensor;
  readonly arrays: Arrays;
  readonly training: TrainingStep | undefined;
}

function applyLayer(tf: Tf, layer: PlacedLayer, { signal, arrays, training }: LayerInputs): Tensor {
  const { name, spec } = layer;
  const array = <T extends Tensor>(part: string): T => arrays.get(`${name}/${part}`) as T;
  switch (spec.type) {
    case 'dense':
      return tf.add(tf.matMul(signal as Tensor2D, array<Tensor2D>('kernel')), array<Tensor1D>('bias'));
    case 'conv2d': {
      const { stride = 1, padding = 'valid' } = spec;
      const filtered = tf.conv2d(signal as Tensor4D, array<Tensor4D>('kernel'), stride, padding);
      return tf.add(filtered, array<Tensor1D>('bias'));
    }
    case 'maxPooling2d':
      return tf.maxPool(signal as Tensor4D, spec.size, spec.stride ?? spec.size, 'valid');
    case 'flatten':
      return signal;
    case 'dropout':
      return training?.dropout === undefined
        ? signal
        : drop(tf, signal, { layer, rate: spec.rate, ...training.dropout });
    case 'batchNormalization': {
      const own = { gamma: array<Tensor1D>('gamma'), beta: array<Tensor1D>('beta') };
      if (training !== undefined) {
        return batchNormalization(tf, signal, { ...own, onMoments: (moments) => training.onMoments?.(name, moments) });
      }
      const moments = { mean: array<Tensor1D>('moving_mean'), variance: array<Tensor1D>('moving_variance') };
      return normalise(tf, signal, { ...own, ...moments });
    }
    case 'embedding':
      return tf.gather(array<Tensor2D>('embeddings'), tf.cast(signal, 'int32'));
    default:
      return assertNever(spec);
  }
}

function activate(tf: Tf, activation: Activation, x: Tensor): Tensor {
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

interface Drop {
  readonly layer: PlacedLayer;
  readonly rate: number;
  readonly seed: number;
  readonly step: number;
}

/** The library's own dropout would draw one and the same mask at every step. */
function drop(tf: Tf, x: Tensor, { layer, rate, seed, step }: Drop): Tensor {
  if (rate === 0) return x;
  const kept = keptFactor(rate);
  const mask = Float32Array.from(dropoutMask(rate, x.size, { seed, layer: layer.index, step }), (one) => one * kept);
  return tf.mul(x, tf.tensor(mask, x.shape));
}

/** Mean over the rows of the model's loss, with its L2 terms. `targets` is rows x outputs. */
export function lossOf(
  tf: Tf,
  spec: ModelSpec,
  { arrays, logits, outputs, targets }: Outputs & { readonly arrays: Arrays; readonly targets: Tensor2D },
): Scalar {
  const data =
    spec.loss === 'softmaxCrossEntropy' ? crossEntropy(tf, logits, targets) : squaredError(tf, outputs, targets);
  return placeLayers(spec).reduce((loss, { name, spec: layer }) => {
    const l2 = 'l2' in layer ? (layer.l2 ?? 0) : 0;
    const kernel = arrays.get(`${name}/kernel`);
    if (l2 === 0 || kernel === undefined) return loss;
    return tf.add(loss, tf.mul(l2, tf.sum(tf.square(kernel)))) as Scalar;
  }, data);
}

/** −Σ y·log softmax(z), from the logits: the logarithm of a softmax that came out as 0 would be infinite. */
const crossEntropy = (tf: Tf, logits: Tensor2D, targets: Tensor2D): Scalar =>
  tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)));

/** ½ Σ (a − y)², whose gradient by a is a − y. */
const squaredError = (tf: Tf, outputs: Tensor2D, targets: Tensor2D): Scalar =>
  tf.mean(tf.mul(0.5, tf.sum(tf.squaredDifference(outputs, targets), 1)));
