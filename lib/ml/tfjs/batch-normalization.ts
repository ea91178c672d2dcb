import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { BATCH_NORMALIZATION } from '../batch-normalization.ts';
import type { Tf } from './backend.ts';

/** A number a channel. */
export interface Moments {
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

interface Learned {
  readonly gamma: Tensor1D;
  readonly beta: Tensor1D;
}

/** γ (x − μ) / sqrt(σ² + ε) + β, over the last axis. */
export function normalise(tf: Tf, x: Tensor, { gamma, beta, mean, variance }: Learned & Moments): Tensor {
  const deviation = tf.sqrt(tf.add(variance, BATCH_NORMALIZATION.epsilon));
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), deviation), gamma), beta);
}

/** The same with the mean and variance of the batch: Ioffe and Szegedy, 2015. */
export function batchNormalization(
  tf: Tf,
  x: Tensor,
  { onMoments, ...learned }: Learned & { readonly onMoments: (moments: Moments) => void },
): Tensor {
  const others = x.shape.slice(0, -1).map((_, axis) => axis);
  const mean = tf.mean(x, others) as Tensor1D;
  const variance = tf.mean(tf.square(tf.sub(x, mean)), others) as Tensor1D;
  onMoments({ mean, variance });
  return normalise(tf, x, { ...learned, mean, variance });
}

/** A moving mean or variance after a batch. */
export const moved = (tf: Tf, moving: Tensor, now: Tensor): Tensor =>
  tf.add(tf.mul(moving, BATCH_NORMALIZATION.momentum), tf.mul(now, 1 - BATCH_NORMALIZATION.momentum));
