import * as tf from '@tensorflow/tfjs-core';
import type { EngineChoice } from '../../domain/engine.ts';
import { gatherBatch } from '../batches.ts';
import type { Engine, PredictRequest, Weight } from '../engine.ts';
import { outputSize } from '../weights.ts';
import { useBackend } from './backend.ts';
import { fit } from './fit.ts';
import { forward, lossOf } from './network.ts';

/** Rows answered at once: enough to keep the matrix product busy, few enough to stay small. */
const PREDICT_ROWS = 1000;

/** The engine every other is tested against. Throws when the chosen backend does not load. */
export async function createTfjsEngine(choice: EngineChoice): Promise<Engine> {
  await useBackend(choice.backend);
  return { choice, fit, predict, gradients };
}

export const toTensors = (weights: readonly Weight[]): tf.Tensor[] =>
  weights.map(({ values, shape }) => tf.tensor(values, [...shape], 'float32'));

async function predict({ spec, transform, weights, inputs, count }: PredictRequest): Promise<Float32Array> {
  const outputs = outputSize(spec);
  const answers = new Float32Array(count * outputs);
  const tensors = toTensors(weights);
  const rows = { count, inputs, labels: new Int32Array(count) };
  const order = Int32Array.from({ length: count }, (_, row) => row);
  for (let from = 0; from < count; from += PREDICT_ROWS) {
    const batch = gatherBatch(rows, order, { from, size: PREDICT_ROWS, transform });
    const values = tf.tidy(() => {
      const x = tf.tensor2d(batch.inputs, [batch.count, batch.inputs.length / batch.count]);
      return forward(spec, tensors, { inputs: x, dropout: undefined }).outputs.dataSync<'float32'>();
    });
    answers.set(values, from * outputs);
  }
  tf.dispose(tensors);
  return answers;
}

async function gradients(
  request: PredictRequest & { readonly targets: Float32Array },
): Promise<{ loss: number; gradients: readonly Weight[] }> {
  const { spec, transform, weights, inputs, count, targets } = request;
  const order = Int32Array.from({ length: count }, (_, row) => row);
  const rows = { count, inputs, labels: new Int32Array(count) };
  const batch = gatherBatch(rows, order, { from: 0, size: count, transform });
  let loss = 0;
  let gradients: readonly Weight[] = [];
  tf.tidy(() => {
    const x = tf.tensor2d(batch.inputs, [count, batch.inputs.length / count]);
    const y = tf.tensor2d(targets, [count, targets.length / count]);
    const lossFor = (...tensors: tf.Tensor[]): tf.Scalar =>
      lossOf(spec, tensors, { ...forward(spec, tensors, { inputs: x, dropout: undefined }), targets: y });
    const { value, grads } = tf.valueAndGrads(lossFor)(toTensors(weights));
    loss = value.dataSync()[0] as number;
    gradients = weights.map(({ name, shape }, index) => ({
      name,
      shape,
      values: Float32Array.from((grads[index] as tf.Tensor).dataSync<'float32'>()),
    }));
  });
  return { loss, gradients };
}
